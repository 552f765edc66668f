/** Which price counts, and the most that it comes to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundOf, chargedPrice, freePrice, type Price, type Unpriced } from '../src/price.ts'

const own: Price = { ...freePrice, input: 1n }
const assumed: Price = { ...freePrice, input: 2n }

const table: readonly (readonly [
  name: string,
  price: Price | null,
  unpriced: Unpriced,
  charged: Price | null,
])[] = [
  ['an endpoint’s own price counts before what is assumed', own, assumed, own],
  ['one without a price has the one that is assumed', null, assumed, assumed],
  ['one without a price has none where none is assumed', null, 'deny', null],
  ['nor has it where it is free', null, 'free', null],
]
for (const [name, price, unpriced, charged] of table) {
  test(name, () => assert.equal(chargedPrice({ price }, unpriced), charged))
}

const tiered: Price = {
  input: 3n,
  cachedInput: 1n,
  cacheWrite: 4n,
  output: 5n,
  request: 7n,
  source: 'configuration',
  tiers: [
    { from: 100, input: 6n, cachedInput: 2n, cacheWrite: 2n, output: 4n, request: 0n },
    { from: 200, input: 1n, cachedInput: 9n, cacheWrite: 1n, output: 8n, request: 1n },
  ],
}

for (const [name, tokens, most] of [
  [
    'a bound is the dearest way to read the prompt, all of the answer, and the request',
    99,
    4 * 99 + 5 * 10 + 7,
  ],
  ['a tier counts from its first token on, as far as it is dearer', 100, 6 * 100 + 5 * 10 + 7],
  ['of several tiers the dearest counts for each', 200, 9 * 200 + 8 * 10 + 7],
] as const) {
  test(name, () => assert.equal(boundOf(tiered, tokens, 10), BigInt(most)))
}
