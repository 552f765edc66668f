/** Ids that nobody can guess, and that grow with time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generationId, letters } from '../src/ids.ts'

test('letters come in any number, all of them, and never the same again', () => {
  const ids = Array.from({ length: 5000 }, (_, index) => letters(12 + (index % 10)))
  assert.ok(ids.every((id, index) => id.length === 12 + (index % 10)))
  assert.equal(new Set(ids.map((id) => id.slice(0, 12))).size, ids.length)
  assert.match(ids.join(''), /^[A-Za-z0-9]+$/)
  assert.equal(new Set(ids.join('')).size, 62)
})

test('generations have ids in the form of OpenRouter', () => {
  assert.match(generationId(1_763_700_000_987), /^gen-1763700000-[A-Za-z0-9]{20}$/)
})

test('a later generation has a greater id, within a second too', () => {
  const start = 1_763_700_000_000
  const ids = Array.from({ length: 2500 }, (_, later) => generationId(start + later))
  assert.deepEqual(ids, ids.toSorted())
})
