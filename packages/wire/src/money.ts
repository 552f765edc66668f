/** Money as exact decimals: no amount ever passes through floating-point arithmetic. */
import { isObject, type Unread } from './json.ts'

/** Dollars as a plain decimal: `0.0005276`. No exponent, no trailing zeros. */
export type Cost = string

/** At most 50 digits on each side of the point: a hostile amount must not cost more than it says. */
const decimal = /^(?=-?\.?\d)(-?\d{0,50})(?:\.(\d{0,50}))?(?:e([+-]?\d{1,3}))?$/i

/**
 * Reads an amount of dollars. A JSON number is taken by its shortest decimal text, which is what the
 * provider wrote for every amount of up to 15 digits. Null for what is not an amount.
 */
export function decodeCost(wire: unknown): Cost | null {
  const match = typeof wire === 'number' || typeof wire === 'string' ? decimal.exec(String(wire)) : null
  if (match === null) return null
  const [, whole = '', fraction = '', exponent] = match
  const shift = Number(exponent ?? 0)
  const digits = fraction.padEnd(shift, '0')
  return format(BigInt(whole + digits), digits.length - shift)
}

/** The cost that a gateway reports in its usage; Perplexity nests a `total_cost` in it. */
export function decodeUsageCost({ cost }: Unread): Cost | null {
  return decodeCost(isObject(cost) ? cost['total_cost'] : cost)
}

/** Adds amounts exactly. */
export function addCosts(costs: Iterable<Cost>): Cost {
  const amounts = Array.from(costs, (cost) => cost.split('.'))
  const scale = amounts.reduce((most, [, fraction = '']) => Math.max(most, fraction.length), 0)
  let sum = 0n
  for (const [whole = '', fraction = ''] of amounts) sum += BigInt(whole + fraction.padEnd(scale, '0'))
  return format(sum, scale)
}

/** `digits` × 10^−`scale`. */
function format(digits: bigint, scale: number): Cost {
  const padded = String(digits).replace(/\d+/, (all) => all.padStart(scale + 1, '0'))
  const point = padded.length - scale
  return `${padded.slice(0, point)}.${padded.slice(point)}`.replace(/\.?0*$/, '')
}
