/** What an attempt is charged, and by whose word. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure, noUsage } from '@playhead/wire'
import { accountOf } from '../../src/generate/account.ts'
import type { AttemptEnd } from '../../src/generate/attempt-parts.ts'
import type { Bound } from '../../src/generate/bound.ts'
import { freePrice, type Price } from '../../src/price.ts'

const bound: Bound = {
  money: 10n,
  inputTokens: 100,
  outputTokens: 100,
  likelyInputTokens: 20,
  imposedOutputTokens: null,
}

const failed: AttemptEnd = {
  isDelivered: false,
  outcome: { type: 'failure', failure: failure('not-found', 'No recording') },
  status: null,
  firstTokenAfter: null,
  duration: 1,
  usage: null,
  usageSoFar: null,
  outputEstimate: 0,
  isCancelled: false,
  continuable: null,
}
const answered: AttemptEnd = { ...failed, usage: { ...noUsage, inputTokens: 10, outputTokens: 5 } }
const unknown: Price = { ...freePrice, most: 7n, source: 'nobody' }
const known: Price = { ...freePrice, output: 1n, most: 7n }

test('a tape that gave nothing leaves the prices of the others to be compared', () => {
  const { catalogue, cost } = accountOf(failed, unknown, bound)
  assert.deepEqual([catalogue, cost], [0n, 0n])
})

test('what a tape gave is charged as it was reported, which no price of ours is compared with', () => {
  const outcome = failure('server', 'Broke off', { cost: '0.000001' })
  for (const price of [known, unknown]) {
    const { catalogue, cost } = accountOf(
      { ...answered, outcome: { type: 'failure', failure: outcome } },
      price,
      bound,
    )
    assert.deepEqual([catalogue, cost], [null, 1_000_000n])
  }
})

test('what nobody reported is charged by our price, and never above the dearest answer of the tape', () => {
  const { catalogue, cost } = accountOf(answered, known, bound)
  assert.deepEqual([catalogue, cost], [5n, 5n])
  assert.equal(accountOf(answered, { ...known, output: 2n }, bound).cost, 7n)
})

test('what nobody knows a price of costs nothing', () => {
  const { catalogue, cost } = accountOf(answered, unknown, bound)
  assert.deepEqual([catalogue, cost], [null, 0n])
})
