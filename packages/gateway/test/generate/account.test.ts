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
const tape: Price = { ...freePrice, request: 7n, source: 'tape' }

test('a tape that gave nothing leaves the prices of the others to be compared', () => {
  const { catalogue, cost } = accountOf(failed, tape, bound)
  assert.deepEqual([catalogue, cost], [0n, 0n])
})

test('what a tape gave has no price of ours', () => {
  assert.equal(accountOf(answered, tape, bound).catalogue, null)
  assert.equal(accountOf(answered, { ...tape, source: 'configuration' }, bound).catalogue, 7n)
})
