/** Times as a command line has them: a date in UTC, or how long from now. */
import { UsageError } from '../exit.ts'

const units: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
}

/**
 * Milliseconds since 1970. `2026-11-22` and `2026-11-22T08:00` are UTC's; `7d` is so long before or after `now`. Throws a
 * UsageError that names the option.
 */
export function readWhen(said: string, option: string, direction: 'ago' | 'ahead', now: number): number {
  const [, number, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(said) ?? []
  if (number !== undefined) {
    const length = Number(number) * (units[unit] ?? 0)
    return direction === 'ago' ? now - length : now + length
  }
  const isDate = /^\d{4}-\d\d-\d\d$/.test(said)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z?$/.test(said)
  const at = isDate ? Date.parse(said) : isTime ? Date.parse(`${said.replace(/Z$/, '')}Z`) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new UsageError(
    `${option} ${said}: it must be a date, such as 2026-11-22 or 2026-11-22T08:00 in UTC, or a time such as 7d or 12h`,
  )
}
