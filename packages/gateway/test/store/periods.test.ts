/** When periods begin and end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { spanOf } from '../../src/store/periods.ts'
import type { Period } from '../../src/limits.ts'

const at = Date.parse('2028-02-29T23:59:59.999Z')

for (const [per, start, end] of [
  ['minute', '2028-02-29T23:59:00.000Z', '2028-03-01T00:00:00.000Z'],
  ['hour', '2028-02-29T23:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ['day', '2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ['week', '2028-02-28T00:00:00.000Z', '2028-03-06T00:00:00.000Z'],
  ['month', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
] as const satisfies readonly (readonly [Period, string, string])[]) {
  test(`a ${per} begins and ends in UTC`, () => {
    assert.deepEqual(spanOf(per, at), { start: Date.parse(start), end: Date.parse(end) })
  })
}

test('ever does not end', () => {
  assert.deepEqual(spanOf('ever', at), { start: 0, end: null })
})

test('every moment is in one period of each length, and weeks begin on Mondays', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Period>('minute', 'hour', 'day', 'week', 'month'),
      fc.integer({ min: 0, max: Date.UTC(2200, 0) }),
      (per, at) => {
        const { start, end } = spanOf(per, at)
        assert.ok(end !== null && start <= at && at < end)
        assert.deepEqual(spanOf(per, start), { start, end })
        assert.deepEqual(spanOf(per, end - 1), { start, end })
        assert.equal(spanOf(per, end).start, end)
        if (per === 'week') assert.equal(new Date(start).getUTCDay(), 1)
      },
    ),
  )
})
