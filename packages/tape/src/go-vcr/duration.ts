/** Go's duration strings and milliseconds. */

const nanoseconds: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
])

const duration = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/
/** What nearly all of them are. */
const oneUnit = /^(\d+)(?:\.(\d+))?(ms|s)$/
const durationPart = /(\d*)\.?(\d*)([a-zµμ]+)/g

/**
 * Milliseconds of a Go duration ("1m2.5s"), as `time.ParseDuration` reads it; `undefined` when it is
 * none. Exact to the nanosecond up to 26 days: that many nanoseconds survive the division by a million
 * and back in a double.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  const [, wholePart, fractionPart, unitPart] = oneUnit.exec(text) ?? []
  if (wholePart !== undefined) return partOf(wholePart, fractionPart, unitPart) / 1e6
  if (!duration.test(text)) return undefined
  let total = 0
  for (const [, whole, fraction, unit] of text.matchAll(durationPart)) total += partOf(whole, fraction, unit)
  return (text.startsWith('-') ? -total : total) / 1e6
}

/** Nanoseconds. */
function partOf(whole = '', fraction = '', unit = ''): number {
  const scale = nanoseconds.get(unit) ?? 0
  return Number(whole) * scale + (fraction === '' ? 0 : Math.trunc(Number(`0.${fraction}`) * scale + 1e-6))
}

/** The duration as Go's `Duration.String()` writes it: "498.287166ms", "1m2s", "0s". */
export function formatDuration(milliseconds: number): string {
  const total = Math.round(Math.abs(milliseconds) * 1e6)
  const sign = milliseconds < 0 && total > 0 ? '-' : ''
  if (total === 0) return '0s'
  if (total < 1e3) return `${sign}${total}ns`
  if (total < 1e6) return `${sign}${decimal(total, 3)}µs`
  if (total < 1e9) return `${sign}${decimal(total, 6)}ms`
  const minutes = Math.floor(total / 60e9)
  const seconds = `${decimal(total - minutes * 60e9, 9)}s`
  if (minutes === 0) return sign + seconds
  const hours = Math.floor(minutes / 60)
  return hours === 0 ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60}m${seconds}`
}

/** `value` with its last `places` digits behind the point and no trailing zeros. */
function decimal(value: number, places: number): string {
  const digits = String(value).padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  const whole = digits.slice(0, -places)
  return fraction === '' ? whole : `${whole}.${fraction}`
}
