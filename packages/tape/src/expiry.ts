/** When a cassette is too old. */
import type { Cassette } from './cassette.ts'
import { headerOf } from './interaction.ts'

const units: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
}

/** Reads `30d`, `12h`, `90m` or `2w` as milliseconds. Throws a RangeError for what is none of them. */
export function readAge(text: string): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([mhdw])$/.exec(text.trim()) ?? []
  const size = units[unit]
  if (size === undefined) throw new RangeError(`expires must be like "30d", "12h" or "2w", not "${text}"`)
  return Number(count) * size
}

/** Whether a cassette is older than so many milliseconds. One that does not say how old it is never is. */
export function isOlder(cassette: Cassette, age: number, now: number): boolean {
  const recordedAt = dateOf(cassette)
  return recordedAt !== null && now - recordedAt > age
}

/** As it says itself, or as the first answer on it does. */
function dateOf(cassette: Cassette): number | null {
  if (cassette.about.recordedAt !== null || cassette.length === 0) return cassette.about.recordedAt
  const { startedAt, response } = cassette.at(0)
  if (startedAt !== null) return startedAt
  const date = Date.parse(headerOf(response?.headers ?? [], 'date') ?? '')
  return Number.isNaN(date) ? null : date
}
