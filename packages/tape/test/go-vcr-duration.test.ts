/** Go's durations and milliseconds. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatDuration, parseDuration } from '../src/go-vcr/duration.ts'

const durations: readonly [text: string, milliseconds: number][] = [
  ['0s', 0],
  ['1ns', 0.000001],
  ['12µs', 0.012],
  ['1.5µs', 0.0015],
  ['20ms', 20],
  ['498.287166ms', 498.287166],
  ['999.999999ms', 999.999999],
  ['1s', 1000],
  ['1.038042083s', 1038.042083],
  ['1m2s', 62_000],
  ['1m0s', 60_000],
  ['1h0m0.5s', 3_600_500],
  ['600h0m0.000000001s', 2_160_000_000.000001],
  ['-1.5s', -1500],
]
for (const [text, milliseconds] of durations) {
  test(`${text} is ${milliseconds} ms, both ways`, () => {
    assert.equal(parseDuration(text), milliseconds)
    assert.equal(formatDuration(milliseconds), text)
  })
}

test('a duration may be written in other ways', () => {
  assert.deepEqual(
    ['0', '1us', '1μs', '.5s', '1.s', '90m', '+1ms'].map(parseDuration),
    [0, 0.001, 0.001, 500, 1000, 5_400_000, 1],
  )
})

test('what is no duration is none', () => {
  for (const text of ['', '1', 's', '1 s', '1d', '1s!', '-', '.s', 'NaNs'])
    assert.equal(parseDuration(text), undefined, text)
})

test('every nanosecond up to 26 days survives', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 51 }), (nanoseconds) => {
      const milliseconds = nanoseconds / 1e6
      assert.equal(parseDuration(formatDuration(milliseconds)), milliseconds)
      assert.equal(Math.round(milliseconds * 1e6), nanoseconds)
    }),
  )
})
