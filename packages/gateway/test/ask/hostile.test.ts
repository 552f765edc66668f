/** Requests that nobody sends in good faith: each is asked as it was understood, or refused in words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Dialect, dialects, providers } from '@playhead/wire'
import * as fc from 'fast-check'
import { ask, UntranslatableError } from '../../src/ask/ask.ts'
import { HttpError } from '../../src/http-error.ts'
import { contents, geminiUrl, hello, read } from '../question/reading.ts'
import { endpointOf } from './endpoints.ts'

const endpoints = [...providers.values()].flatMap((provider) =>
  provider.dialects.map((dialect) => endpointOf(provider, { dialects: [dialect] })),
)
const urls: Readonly<Record<string, string>> = {
  gemini: geminiUrl,
  'bedrock-converse': '/model/a/converse',
}
const names =
  'model models provider messages contents input system tools tool_choice stream stream_options max_tokens n reasoning thinking generationConfig response_format plugins usage metadata session_id options modalities __proto__ toJSON constructor'.split(
    ' ',
  )
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    null,
    [],
    {},
    [null],
    [{}],
    [[]],
    { type: 'x' },
    [{ role: 'user' }],
    '\ud800',
    -1,
    1e308,
    true,
  ),
)
const odd = fc.array(fc.tuple(fc.constantFrom(...names), value), { minLength: 1, maxLength: 4 })

for (const dialect of dialects) {
  test(`${dialect.name}: whatever is sent, what is asked is JSON, or it is said why not`, () => {
    fc.assert(
      fc.property(odd, fc.nat(), (fields, which) => {
        const members = [...Object.entries({ ...hello, contents, input: 'Hello', max_tokens: 5 }), ...fields]
        const text = `{${members.map(([name, field]) => `${JSON.stringify(name)}:${JSON.stringify(field)}`).join(',')}}`
        tryIt(text, dialect, which)
      }),
      { numRuns: 1500 },
    )
  })
}

function tryIt(text: string, dialect: Dialect, which: number): void {
  try {
    const question = read(text, dialect, urls[dialect.name] ?? '')
    const endpoint = endpoints[which % endpoints.length]
    if (endpoint === undefined) return
    const { request, isSame } = ask(question, endpoint, { requestId: 'r', maxOutputTokens: 4 })
    const body = JSON.parse(request.body) as Record<string, unknown>
    if (isSame && 'model' in body) assert.equal(body['model'], 'up/model')
    if ('max_tokens' in body && isSame && dialect.name === 'anthropic-messages')
      assert.equal(body['max_tokens'], 4)
  } catch (error) {
    assert.ok(error instanceof HttpError || error instanceof UntranslatableError, `${text}: ${String(error)}`)
    assert.notEqual(error.message, '')
  }
}
