/** A stream that is one JSON array is cut into its elements, however the bytes are cut. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, dictionary, integer, jsonValue, property, string } from 'fast-check'
import { JsonArrayFraming } from '../src/json-array.ts'
import { cutAt, readFrames } from './frames.ts'

interface Cut {
  readonly frames: readonly string[]
  readonly problem: string | null
}

function cut(text: string, size: number): Cut {
  const bytes = new TextEncoder().encode(text)
  const places = Array.from({ length: bytes.length / size }, (_, index) => index * size)
  const { frames, failure } = readFrames((sink) => new JsonArrayFraming(sink), cutAt(bytes, places))
  return { frames: frames.map(({ data }) => data), problem: failure?.code ?? null }
}

const table: readonly [name: string, text: string, frames: readonly string[], problem: string | null][] = [
  ['two elements', '[{"a":1}\n,\r\n{"b":[{}]}]\n', ['{"a":1}', '{"b":[{}]}'], null],
  ['brackets and quotes in a string', String.raw`[{"a":"]}\"{\\"}]`, [String.raw`{"a":"]}\"{\\"}`], null],
  ['no element', '[]', [], null],
  ['an array that is not closed', '[{"a":1},', ['{"a":1}'], 'truncated'],
  ['an element that is not closed', '[{"a":1}, {"a', ['{"a":1}'], 'truncated'],
  ['nothing', '', [], 'truncated'],
  ['a number in it', '[{"a":1}, 2]', ['{"a":1}'], 'malformed'],
  ['no comma', '[{}{}]', ['{}'], 'malformed'],
  ['a comma too many', '[{},]', ['{}'], 'malformed'],
  ['more behind its end', '[{}] [', ['{}'], 'malformed'],
  ['no array', '{}', [], 'malformed'],
]

for (const [name, text, frames, problem] of table) {
  test(name, () => {
    for (const size of [1, 2, 5, 1000]) assert.deepEqual(cut(text, size), { frames, problem })
  })
}

test('any array of objects comes out whole', () => {
  check(
    property(array(dictionary(string(), jsonValue())), integer({ min: 1, max: 9 }), (all, size) => {
      const { frames, problem } = cut(JSON.stringify(all, null, 1), size)
      assert.equal(problem, null)
      assert.deepEqual(
        frames.map((frame) => JSON.parse(frame) as unknown),
        JSON.parse(JSON.stringify(all)),
      )
    }),
  )
})
