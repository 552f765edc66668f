/** The draw among endpoints: cheap ones are likelier, by the inverse square of their price. */
import type { Price } from '../price.ts'

/** Prices below $0.01 per million tokens count as that much, or free endpoints would win every draw. */
const cheapest = 10_000

/**
 * By the mean of what a token of prompt and one of answer cost: $1 is nine times as likely as $3.
 * https://openrouter.ai/docs/guides/routing/provider-selection#price-based-load-balancing-default-strategy
 */
export function weightOf(price: Price | null): number {
  const mean = price === null ? 0 : Number(price.input + price.output) / 2
  // Scaled to be 1 for the cheapest: sums of many stay exact enough.
  return (cheapest / Math.max(mean, cheapest)) ** 2
}

/** Which one is drawn. `random` is 0 to 1, without 1. Of none: -1. */
export function draw(weights: readonly number[], random: number): number {
  const sum = weights.reduce((a, b) => a + b, 0)
  let left = random * sum
  for (const [index, weight] of weights.entries()) {
    left -= weight
    if (left < 0) return index
  }
  return weights.length - 1
}
