/** Finds prices that are likely mistakes: of the unit, or of one with another. */
import { dollars, type Money } from '../money.ts'
import type { Price, Rates } from '../price.ts'

export interface Finding {
  /** What has the price. */
  readonly name: string
  readonly rule: PriceRule
  /** A sentence for people. */
  readonly message: string
}

export type PriceRule =
  | 'too-dear'
  | 'too-cheap'
  | 'output-below-input'
  | 'cached-above-input'
  | 'request-too-dear'

const million = 1_000_000n
const dollar = 1_000_000_000_000n
/** Pico-dollars for a token: $10,000 and $0.0001 for a million of them. */
const most = (10_000n * dollar) / million
const least = dollar / 10_000n / million
/** Nobody sells answers for less than a tenth of what reading costs. */
const farBelow = 10n

/** Each says what is wrong, or null. */
const rules: Readonly<Record<PriceRule, (rates: Rates) => string | null>> = {
  'too-dear': (rates) =>
    first(rates, (rate) => rate > most, 'more than anybody asks. Is it for a million tokens, given for one?'),
  'too-cheap': (rates) =>
    first(
      rates,
      (rate) => rate > 0n && rate < least,
      'next to nothing. Is it for one token, given for a million?',
    ),
  'output-below-input': ({ input, output }) =>
    output > 0n && output * farBelow < input
      ? `output costs ${perMillion(output)}, far less than input at ${perMillion(input)}`
      : null,
  'cached-above-input': ({ input, cachedInput }) =>
    cachedInput > input
      ? `cached input costs ${perMillion(cachedInput)}, more than input at ${perMillion(input)}`
      : null,
  'request-too-dear': ({ request }) =>
    request > 10n * dollar ? `a request costs $${dollars(request)}. Is that for a thousand?` : null,
}

/** What looks wrong, in the order of the prices. */
export function lintPrices(prices: Iterable<readonly [name: string, price: Price]>): readonly Finding[] {
  return Array.from(prices, ([name, price]) => lintPrice(name, price)).flat()
}

function lintPrice(name: string, price: Price): readonly Finding[] {
  return [price, ...price.tiers].flatMap((rates) => {
    const where = 'from' in rates ? `${name}, from ${String(rates.from)} tokens on` : name
    return Object.entries(rules).flatMap(([rule, check]) => {
      const wrong = check(rates)
      return wrong === null ? [] : [{ name, rule: rule as PriceRule, message: `${where}: ${wrong}` }]
    })
  })
}

function first(rates: Rates, isWrong: (rate: Money) => boolean, why: string): string | null {
  const named = [
    ['input', rates.input],
    ['output', rates.output],
    ['cached input', rates.cachedInput],
    ['cache writes', rates.cacheWrite],
  ] as const
  const wrong = named.find(([, rate]) => isWrong(rate))
  return wrong === undefined ? null : `${wrong[0]} at ${perMillion(wrong[1])} is ${why}`
}

function perMillion(rate: Money): string {
  return `$${dollars(rate * million)} for a million tokens`
}
