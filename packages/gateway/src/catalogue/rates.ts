/** Prices as the catalogue has them, in floats of dollars for a million tokens, and as the gateway counts, in whole pico-dollars. */
import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices'
import { type Money, readMoney } from '../money.ts'
import type { Price, Rates } from '../price.ts'

/** A price and when it changes: milliseconds since 1970, null for never. */
export interface DatedPrice {
  readonly price: Price | null
  readonly until: number | null
}

/** What a model costs at a time: milliseconds since 1970. */
export function priceAt(model: ModelInfo, at: number): DatedPrice {
  if (!Array.isArray(model.prices)) return { price: priceOf(model.id, model.prices), until: null }
  // The last that holds; the first is for all other times, whatever its constraint.
  const prices = model.prices.findLast(({ constraint }) => holds(constraint, at)) ?? model.prices[0]
  return {
    price: prices === undefined ? null : priceOf(model.id, prices.prices),
    until: nextChange(model.prices, at),
  }
}

/**
 * Null where a model's tokens have no price: it is unknown then, or not for tokens (hours of audio, pages). An empty one
 * is free only where the name says so: others are left empty for other reasons.
 */
export function priceOf(id: string, said: ModelPrice): Price | null {
  const isFree = Object.keys(said).length === 0 && id.endsWith(':free')
  const isPriced = Object.keys(said).some(
    (key) => key === 'requests_kcount' || /^(in|out)put_.*mtok$/.test(key),
  )
  if (!isPriced && !isFree) return null
  const starts = Object.values(said).flatMap((value) =>
    typeof value === 'object' ? value.tiers.map(({ start }) => start) : [],
  )
  const tiers = [...new Set(starts)].toSorted((a, b) => a - b)
  return {
    ...ratesOf(said, 0),
    // Theirs begins above its start, ours at its `from`.
    tiers: tiers.map((start) => ({ from: start + 1, ...ratesOf(said, start + 1) })),
    source: 'catalogue',
  }
}

function ratesOf(said: ModelPrice, inputTokens: number): Rates {
  const of = (key: string): Money | null => money(valueAt(said[key], inputTokens), perMillion)
  const input = of('input_mtok') ?? dearest(said, /^input_.*_mtok$/, inputTokens)
  return {
    input,
    output: of('output_mtok') ?? dearest(said, /^output_.*_mtok$/, inputTokens),
    cachedInput: of('cache_read_mtok') ?? input,
    cacheWrite: of('cache_write_mtok') ?? input,
    request: money(valueAt(said['requests_kcount'], inputTokens), perThousand) ?? 0n,
  }
}

/** What only has prices for tokens of sound or images is charged by the dearest of them, since all are counted as one. */
function dearest(said: ModelPrice, keys: RegExp, inputTokens: number): Money {
  const rates = Object.entries(said).flatMap(([key, value]) =>
    keys.test(key) ? (money(valueAt(value, inputTokens), perMillion) ?? []) : [],
  )
  return rates.reduce((a, b) => (a > b ? a : b), 0n)
}

function valueAt(value: ModelPrice[string], inputTokens: number): number | undefined {
  if (typeof value !== 'object') return value
  const reached = value.tiers.filter(({ start }) => inputTokens > start)
  return reached.reduce((a, b) => (b.start > a.start ? b : a), { start: -1, price: value.base }).price
}

const perMillion = 1_000_000n
const perThousand = 1000n

/**
 * A float for many as an exact amount for one; what is finer than a pico-dollar is rounded up. Beyond 15 digits a float
 * says what its arithmetic left behind, not what the price is: `0.18000000000000002`.
 */
function money(value: number | undefined, many: bigint): Money | null {
  const amount = value === undefined ? null : readMoney(Number(value.toPrecision(15)))
  return amount === null ? null : (amount + many - 1n) / many
}

function holds(constraint: ConditionalPrice['constraint'], at: number): boolean {
  if (constraint === undefined) return true
  if (constraint.type === 'start_date') return at >= Date.parse(constraint.start_date)
  const [start, end] = [timeOf(constraint.start_time), timeOf(constraint.end_time)]
  const time = at % day
  return start <= end ? time >= start && time < end : time >= start || time < end
}

const day = 86_400_000

/** The next time at which another price may hold. */
function nextChange(prices: readonly ConditionalPrice[], at: number): number | null {
  const midnight = at - (at % day)
  const changes = prices.flatMap(({ constraint }) => {
    if (constraint === undefined) return []
    if (constraint.type === 'start_date') return [Date.parse(constraint.start_date)]
    const times = [timeOf(constraint.start_time), timeOf(constraint.end_time)]
    return times.flatMap((time) => [midnight + time, midnight + day + time])
  })
  const later = changes.filter((change) => change > at)
  return later.length === 0 ? null : Math.min(...later)
}

/** Milliseconds of a day in UTC, of `16:30:00Z` or `00:30:00+08:00`. */
function timeOf(text: string): number {
  return ((Date.parse(`1970-01-01T${text}`) % day) + day) % day
}
