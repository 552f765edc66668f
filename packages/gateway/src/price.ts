/** What a model's tokens cost at an endpoint, and what an answer cost by that. */
import type { Usage } from '@playhead/wire'
import type { Money } from './money.ts'

/** Pico-dollars for one token each, and for the request itself. */
export interface Rates {
  readonly input: Money
  readonly output: Money
  /** For input read from the provider's cache. Default in catalogues that do not say: as `input`. */
  readonly cachedInput: Money
  /** For input written to the provider's cache. */
  readonly cacheWrite: Money
  /** For the request, whatever it says. */
  readonly request: Money
}

/** Rates, and others from some length of the prompt on. */
export interface Price extends Rates {
  /** By rising `from`: the last whose `from` is not above the prompt's tokens holds for all of the request. */
  readonly tiers: readonly (Rates & { readonly from: number })[]
  /** What the dearest answer took, where all are known: a tape's. Then no more than that is reserved or charged. */
  readonly most?: Money
  /** Who says so; `nobody`: a tape's, whose model has no known price. */
  readonly source: 'catalogue' | 'configuration' | 'nobody'
}

/** What costs nothing: the models of a machine of one's own. */
export const freePrice: Price = {
  input: 0n,
  output: 0n,
  cachedInput: 0n,
  cacheWrite: 0n,
  request: 0n,
  tiers: [],
  source: 'catalogue',
}

/** What is done about a model without a price: nobody may ask it, it is free, or this is its price. */
export type Unpriced = 'deny' | 'free' | Price

/** The price that counts at an endpoint: its own, else what is said of unpriced models; null where there is none. */
export function chargedPrice({ price }: { readonly price: Price | null }, unpriced: Unpriced): Price | null {
  return price ?? (typeof unpriced === 'string' ? null : unpriced)
}

/** What an answer cost by these rates. */
export function costOf(price: Price, usage: Usage): Money {
  const { inputTokens, cachedInputTokens, cacheWriteTokens = 0, outputTokens } = wholeUsage(usage)
  const rates = ratesAt(price, inputTokens)
  const cached = Math.min(cachedInputTokens, inputTokens)
  const written = Math.min(cacheWriteTokens, inputTokens - cached)
  const cost =
    rates.request +
    rates.input * BigInt(inputTokens - cached - written) +
    rates.cachedInput * BigInt(cached) +
    rates.cacheWrite * BigInt(written) +
    rates.output * BigInt(outputTokens)
  return price.most !== undefined && cost > price.most ? price.most : cost
}

/** Tokens as they can be counted, whatever a provider says: whole, and no more than numbers are exact for. */
export function wholeUsage(usage: Usage): Usage {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens } = usage
  return {
    ...usage,
    inputTokens: wholeTokens(inputTokens),
    outputTokens: wholeTokens(outputTokens),
    cachedInputTokens: wholeTokens(cachedInputTokens),
    reasoningTokens: wholeTokens(reasoningTokens),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens: wholeTokens(cacheWriteTokens) }),
  }
}

function wholeTokens(count: number): number {
  return Math.min(Math.ceil(count), mostTokens)
}

/** A thousand times what any model has read; many of them still add up exactly. */
const mostTokens = 10 ** 12

/** The most that a request can cost: its prompt at the dearest way to read it, and all of the answer that it may have. */
export function boundOf(price: Price, inputTokens: number, outputTokens: number): Money {
  if (price.most !== undefined) return price.most
  let { request, output } = price
  let input = dearestInput(price)
  for (const tier of price.tiers) {
    if (tier.from > inputTokens) continue
    request = larger(request, tier.request)
    input = larger(input, dearestInput(tier))
    output = larger(output, tier.output)
  }
  return request + input * BigInt(inputTokens) + output * BigInt(outputTokens)
}

function dearestInput({ input, cachedInput, cacheWrite }: Rates): Money {
  return larger(input, larger(cachedInput, cacheWrite))
}

function larger(one: Money, other: Money): Money {
  return one > other ? one : other
}

function ratesAt(price: Price, inputTokens: number): Rates {
  return price.tiers.findLast((tier) => tier.from <= inputTokens) ?? price
}
