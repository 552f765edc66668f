/** An endpoint with all about it that routing needs and that no request changes. */
import type { Endpoint } from '../endpoint.ts'
import { chargedPrice, type Price, type Unpriced } from '../price.ts'
import type { Model } from './route.ts'
import { baseOf, slugOf } from './slug.ts'
import { weightOf } from './weights.ts'

export interface Choice {
  readonly endpoint: Endpoint
  /** Its tag as preferences are compared with it, and what stands before a region. */
  readonly tag: string
  readonly base: string
  /** A tape meets every preference: what was asked for is on it, whoever answered. */
  readonly isTape: boolean
  /** What counts as its price; null: nobody knows, and `unpriced` lets it pass for free. */
  readonly price: Price | null
  /** Whether no price is known, none is assumed, and budgets count on one. */
  readonly isRefused: boolean
  /** Whether the caller has a key of its own for another one of the model: that is asked first. */
  readonly isShared: boolean
  /** In the draw: unlike a price not exact, and never infinite. */
  readonly weight: number
  /** Null: not known, so all are taken to be supported. */
  readonly supported: ReadonlySet<string> | null
}

/** A model's endpoints, the cheapest first; of those that cost the same, the one that is configured first. */
export function choicesOf(model: Model, unpriced: Unpriced): readonly Choice[] {
  const isAnyOwn = model.endpoints.some(({ isByok }) => isByok)
  const choices = model.endpoints.map((endpoint): Choice => {
    const tag = slugOf(endpoint.tag)
    const price = chargedPrice(endpoint, unpriced)
    return {
      endpoint,
      tag,
      base: baseOf(tag),
      isTape: endpoint.isTape,
      price,
      isRefused: price === null && unpriced === 'deny' && endpoint.isCounted,
      isShared: isAnyOwn && !endpoint.isByok,
      weight: weightOf(price),
      supported: endpoint.supportedParameters === null ? null : new Set(endpoint.supportedParameters),
    }
  })
  return choices.toSorted((a, b) => compareMoney(meanOf(a.price), meanOf(b.price)))
}

/** Twice the mean of a token of prompt and one of answer, exact. */
function meanOf(price: Price | null): bigint {
  return price === null ? 0n : price.input + price.output
}

function compareMoney(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether a slug of a request means this endpoint: a bare one all of a provider's, one with a region itself alone. */
export function isMeant({ tag, base }: Choice, slug: string): boolean {
  return slug === tag || slug === base
}
