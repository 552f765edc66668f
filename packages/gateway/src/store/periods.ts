/** When the periods of limits begin and end: a pure function of the time, in UTC. */
import type { Period } from '../limits.ts'

/** Milliseconds since 1970: `start` inclusive, `end` exclusive and null for a period that never ends. */
export interface Span {
  readonly start: number
  readonly end: number | null
}

/** Milliseconds. */
export const day = 86_400_000

const spans: Readonly<Record<Period, (at: number) => Span>> = {
  minute: (at) => even(at, 60_000),
  hour: (at) => even(at, 3_600_000),
  day: (at) => even(at, day),
  // 1970 began on a Thursday: its first Monday was the fifth.
  week: (at) => even(at, 7 * day, 4 * day),
  month: monthOf,
  ever: () => ({ start: 0, end: null }),
}

/** The period that a time lies in. A week begins on Monday. */
export function spanOf(per: Period, at: number): Span {
  return spans[per](at)
}

function even(at: number, length: number, first = 0): Span {
  const start = Math.floor((at - first) / length) * length + first
  return { start, end: start + length }
}

function monthOf(at: number): Span {
  const date = new Date(at)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) }
}
