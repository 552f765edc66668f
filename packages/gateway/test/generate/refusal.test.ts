/** A refusal says of each model or endpoint, by its name, why it is none, and names nothing twice. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '../../src/endpoint.ts'
import { noEndpoint } from '../../src/generate/refusal.ts'
import { endpoint, question, world } from '../route/world.ts'

const unpriced = endpoint('local', { price: null })
const six = Array.from('abcdef', (tag) => endpoint(tag, { price: null }))

const table: readonly (readonly [
  sentence: string,
  models: readonly string[],
  endpoints: readonly Endpoint[],
  message: string,
])[] = [
  [
    'a model that nobody serves',
    ['gpt-4o'],
    [],
    'No endpoint: gpt-4o is served by no configured provider; /api/v1/models lists what there is',
  ],
  [
    'an endpoint without a price',
    ['lab/model'],
    [unpriced],
    'No endpoint for lab/model: local has no known price: give its endpoint a `price`, or set `unpriced`',
  ],
  [
    'one of each',
    ['gpt-4o', 'lab/model'],
    [unpriced],
    'No endpoint for gpt-4o, lab/model: ' +
      'gpt-4o is served by no configured provider; /api/v1/models lists what there is; ' +
      'local has no known price: give its endpoint a `price`, or set `unpriced`',
  ],
]
for (const [sentence, models, endpoints, message] of table) {
  test(sentence, () => {
    const route = world(endpoints).ask({}, { models })
    assert.equal(noEndpoint(question({}, { models }), route, 0, null).message, message)
  })
}

test('of many endpoints five are told of, and how many more there are', () => {
  const { message } = noEndpoint(question(), world(six).ask(), 0, null)
  assert.equal(message.split(' has no known price').length - 1, 5)
  assert.match(message, /; and 1 more$/)
})
