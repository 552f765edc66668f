/** Which price counts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chargedPrice, freePrice, type Price, type Unpriced } from '../src/price.ts'

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
