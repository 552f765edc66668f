/** Money of a configuration: limits and prices, exact from the text on. */
import { decodeCost } from '@playhead/wire'
import { type Money, moneyOf } from '../money.ts'
import type { Price, Rates } from '../price.ts'
import { listOf, record, scalar, type Shape, Wrong } from './shape.ts'
import { count } from './units.ts'

/** Dollars, exactly. */
export const amount = scalar(
  'dollars, such as 10 or 0.5',
  {
    anyOf: [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: String.raw`^\d+(\.\d+)?$` },
    ],
  },
  (said) => dollarsOf(said),
)

/** A plain decimal. By text: a float is never between the file and the whole pico-dollars. */
function dollarsOf(said: string): Money | undefined {
  if (!/^(\d{1,12}(\.\d{1,12})?|\d(\.\d{1,12})?e-\d{1,2})$/i.test(said)) return undefined
  const cost = decodeCost(said)
  return cost === null || (cost.split('.')[1] ?? '').length > 12 ? undefined : moneyOf(cost)
}

/** Pico-dollars for one token, of dollars for a million. */
const rate = scalar(
  'dollars for a million tokens, such as 0.6',
  {
    anyOf: [
      { type: 'number', minimum: 0, maximum: 10_000 },
      { type: 'string', pattern: String.raw`^\d+(\.\d+)?$` },
    ],
  },
  (said) => {
    const money = dollarsOf(said)
    if (money === undefined) return undefined
    if (money > 0n && money < leastRate)
      return new Wrong(
        'looks like the price of one token: must be dollars for a million tokens, such as 0.6 (0 is free)',
      )
    if (money > mostRate)
      return new Wrong('is more than $10000: must be dollars for a million tokens, such as 0.6')
    if (money % million !== 0n)
      return new Wrong('has more than six decimals: must be dollars for a million tokens, such as 0.6')
    return money / million
  },
)
const million = 1_000_000n
/** The cheapest model that is sold costs more, and the dearest costs less for one token: between them lies the slip. */
const leastRate = moneyOf('0.001')
const mostRate = moneyOf('10000')

interface WrittenRates {
  readonly input: Money
  readonly output: Money
  readonly cachedInput: Money | null
  readonly cacheWrite: Money | null
  readonly request: Money
}

interface WrittenTier extends WrittenRates {
  readonly from: number
}

const nothing = { value: null, shown: 'as `input`' }
const rateFields = {
  input: { shape: rate, says: 'Dollars for a million tokens of input.' },
  output: { shape: rate, says: 'Dollars for a million tokens of output.' },
  cachedInput: {
    shape: rate,
    says: 'Dollars for a million tokens that are read from the provider’s cache.',
    otherwise: nothing,
  },
  cacheWrite: {
    shape: rate,
    says: 'Dollars for a million tokens that are written to the provider’s cache.',
    otherwise: nothing,
  },
  request: {
    shape: amount,
    says: 'Dollars for each request, whatever it says.',
    otherwise: { value: 0n, shown: '0' },
  },
} as const

export const tier = record<WrittenTier>('prices from a length of the prompt on', {
  from: {
    shape: count,
    says: 'Tokens of the prompt from which on these prices hold, for all of the request.',
  },
  ...rateFields,
})

export const writtenPrice = record<WrittenRates & { readonly tiers: readonly WrittenTier[] }>(
  'prices: {input, output}, in dollars for a million tokens',
  {
    ...rateFields,
    tiers: {
      shape: listOf('a list of prices, each with its `from`', tier),
      says: 'Other prices for long prompts.',
      otherwise: { value: [], shown: 'none' },
    },
  },
)

/** What tokens cost. */
export const price: Shape<Price> = {
  ...writtenPrice,
  read(spot, reading) {
    const written = writtenPrice.read(spot, reading)
    if (written === undefined) return undefined
    const tiers = written.tiers
      .map((one) => ({ from: one.from, ...ratesOf(one) }))
      .toSorted((a, b) => a.from - b.from)
    if (new Set(tiers.map(({ from }) => from)).size < tiers.length)
      reading.tell(spot, 'has two tiers with the same `from`: keep one')
    return { ...ratesOf(written), tiers, source: 'configuration' }
  },
}

function ratesOf({ input, output, cachedInput, cacheWrite, request }: WrittenRates): Rates {
  return { input, output, cachedInput: cachedInput ?? input, cacheWrite: cacheWrite ?? input, request }
}
