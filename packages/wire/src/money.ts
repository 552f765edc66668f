/** Money as exact decimals: no amount ever passes through floating-point arithmetic. */

/** Dollars as a plain decimal: `0.0005276`. No exponent, no trailing zeros. */
export type Cost = string

/** Characters that an amount may have: a hostile one must not cost more than it says. */
const maxLength = 100
const decimal = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * Reads an amount of dollars. A JSON number is taken by its shortest decimal text, which is what the
 * provider wrote for every amount of up to 15 digits. Null for what is not an amount.
 */
export function decodeCost(wire: unknown): Cost | null {
  if (typeof wire !== 'number' && typeof wire !== 'string') return null
  const written = String(wire)
  const match = written.length > maxLength ? null : decimal.exec(written)
  if (match === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return null
  return format({ digits: BigInt(sign + whole + fraction), scale: fraction.length - Number(exponent) })
}

/** Adds amounts exactly. */
export function addCosts(costs: Iterable<Cost>): Cost {
  let sum: Decimal = { digits: 0n, scale: 0 }
  for (const cost of costs) sum = add(sum, parse(cost))
  return format(sum)
}

/** `digits` × 10^−`scale`. */
interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

function parse(cost: Cost): Decimal {
  const point = cost.indexOf('.')
  if (point === -1) return { digits: BigInt(cost), scale: 0 }
  return { digits: BigInt(cost.slice(0, point) + cost.slice(point + 1)), scale: cost.length - point - 1 }
}

function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { digits: scaled(a, scale) + scaled(b, scale), scale }
}

function scaled({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale)
}

function format(value: Decimal): Cost {
  const { digits, scale } = value.scale < 0 ? { digits: scaled(value, 0), scale: 0 } : value
  const negative = digits < 0n
  const padded = String(negative ? -digits : digits).padStart(scale + 1, '0')
  const whole = padded.slice(0, padded.length - scale)
  const fraction = padded.slice(padded.length - scale).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}
