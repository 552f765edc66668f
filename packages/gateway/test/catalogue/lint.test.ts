/** What a price must look like to be taken for a mistake. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { lintPrices, type PriceRule } from '../../src/catalogue/lint.ts'
import type { Price } from '../../src/price.ts'

const good: Price = {
  input: 3_000_000n,
  output: 15_000_000n,
  cachedInput: 300_000n,
  cacheWrite: 3_750_000n,
  request: 0n,
  tiers: [],
  source: 'configuration',
}

const table: readonly [sentence: string, change: Partial<Price>, rules: readonly PriceRule[]][] = [
  ['a usual price is none', {}, []],
  ['a free model is none', { input: 0n, output: 0n, cachedInput: 0n, cacheWrite: 0n }, []],
  ['an embedding, whose output is free, is none', { output: 0n }, []],
  ['$10,000 for a million is just believed', { output: 10_000_000_000n }, []],
  ['more is not', { output: 10_000_000_001n }, ['too-dear']],
  [
    'a price for a million given for one is too dear',
    { input: 3n * 10n ** 12n, output: 15n * 10n ** 12n },
    ['too-dear'],
  ],
  ['$0.0001 for a million is just believed', { cachedInput: 100n }, []],
  ['less is not', { cachedInput: 99n }, ['too-cheap']],
  [
    'a price for one given for a million is too cheap',
    { input: 3n, output: 15n, cachedInput: 0n, cacheWrite: 0n },
    ['too-cheap'],
  ],
  ['output for less than a tenth of input is a mistake', { output: 299_999n }, ['output-below-input']],
  ['output for a tenth of input is not', { output: 300_000n }, []],
  ['cached input above input is a mistake', { cachedInput: 3_000_001n }, ['cached-above-input']],
  ['a request for more than $10 is a mistake', { request: 10n * 10n ** 12n + 1n }, ['request-too-dear']],
  [
    'a tier is looked at too',
    { tiers: [{ ...good, from: 200_001, cachedInput: 4_000_000n }] },
    ['cached-above-input'],
  ],
]
for (const [sentence, change, rules] of table) {
  test(sentence, () => {
    const found = lintPrices([['groq:model', { ...good, ...change }]])
    assert.deepEqual(
      found.map(({ rule }) => rule),
      rules,
    )
    for (const { name, message } of found) {
      assert.equal(name, 'groq:model')
      assert.match(message, /^groq:model.*\$/)
    }
  })
}

test('any good price a million times as much, or a millionth of it, is found', () => {
  const dollars = fc.integer({ min: 10_001, max: 90_000_000 })
  fc.assert(
    fc.property(dollars, fc.integer({ min: 1, max: 10 }), (input, factor) => {
      const price = {
        ...good,
        input: BigInt(input),
        output: BigInt(input * factor),
        cachedInput: BigInt(input),
        cacheWrite: 0n,
      }
      assert.deepEqual(lintPrices([['m', price]]), [])
      const per = (change: (rate: bigint) => bigint): Price => ({
        ...price,
        input: change(price.input),
        output: change(price.output),
        cachedInput: change(price.cachedInput),
      })
      assert.equal(lintPrices([['m', per((rate) => rate * 1_000_000n)]])[0]?.rule, 'too-dear')
      assert.equal(lintPrices([['m', per((rate) => rate / 1_000_000n + 1n)]])[0]?.rule, 'too-cheap')
    }),
  )
})
