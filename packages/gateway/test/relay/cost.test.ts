/** What an answer cost is written beside its tokens, and nothing else of it changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Dialect, providerOf } from '@playhead/wire'
import * as fc from 'fast-check'
import { answerOf, decodeStream, law, outcomeOf, plain, streamed } from '../../../wire/test/laws/law.ts'
import type { Recording } from '../../../wire/test/recordings.ts'
import { costSplice, usagePaths } from '../../src/relay/cost.ts'
import { placeOf } from '../../src/relay/json-place.ts'
import { Passthrough } from '../../src/relay/passthrough.ts'
import { plainRelay } from '../../src/relay/plain-relay.ts'
import { streamRelay } from '../../src/relay/stream-relay.ts'
import { context, priced, textOf, through } from './relaying.ts'

/** With more digits than a float has. */
const cost = '0.0000123456789012345678'

const json = 'application/json; charset=utf-8'

function counted(find: (dialect: Dialect) => readonly Recording[]) {
  return (dialect: Dialect): readonly Recording[] =>
    usagePaths[dialect.name] === null
      ? []
      : find(dialect).filter((recording) => {
          const answer = outcomeOf(recording)
          return answer.type === 'answer' && answer.usage !== null
        })
}

law('a stream says what it cost, and is otherwise the same', counted(streamed), (recording) => {
  const { dialect, response } = recording
  const provider = providerOf(response.url)
  const relay = streamRelay(dialect, dialect, provider, priced(cost))
  if (!(relay instanceof Passthrough) || response.body[0] === 0) return
  const out = through(relay, [response.body])
  const text = textOf(out)
  assert.ok(text.includes(`"cost":${cost}`) || text.includes(`"cost": ${cost}`), 'exact, as a number')
  const [said, was] = [out, response.body].map((bytes) =>
    answerOf(decodeStream(dialect, response.url, [bytes])),
  )
  assert.equal(Number(said?.cost), Number(cost))
  assert.deepEqual({ ...said, cost: null, data: null }, { ...was, cost: null, data: null })
  assert.equal(withoutCost(text).startsWith(withoutCost(textOf(response.body))), true)
})

law('a plain answer says what it cost, and is otherwise the same', counted(plain), (recording) => {
  const { dialect, response } = recording
  const { body, contentType, outcome } = plainRelay(dialect, dialect, priced(cost), json, response.body)
  assert.equal(contentType, json)
  const text = typeof body === 'string' ? body : textOf(body)
  assert.ok(text.includes(cost))
  assert.equal(withoutCost(text), withoutCost(textOf(response.body)))
  assert.ok(outcome.type === 'answer')
  const was = outcomeOf(recording)
  assert.ok(was.type === 'answer')
  const { id, model, provider: by, finishReason, rawFinishReason, usage } = was
  const known = { id, model, provider: by, finishReason, rawFinishReason, usage, cost: was.cost }
  assert.deepEqual(outcome, { type: 'answer', ...known })
})

law('a plain answer whose cost is said, or not known, passes byte for byte', plain, (recording) => {
  const { dialect, response } = recording
  const { body, outcome } = plainRelay(dialect, dialect, context, json, response.body)
  const was = outcomeOf(recording)
  assert.equal(outcome.type, was.type)
  if (was.type === 'answer') assert.ok(body === response.body)
})

function withoutCost(text: string): string {
  return text.replace(/,?\s*"cost":\s*(\{[^{}]*\}|[^,{}]+)(,"is_byok":(true|false))?/g, '')
}

/** Each row: a text, what it becomes. */
const table: readonly [name: string, text: string, becomes: string][] = [
  [
    'no cost is said',
    '{"usage":{"prompt_tokens":1}}',
    '{"usage":{"prompt_tokens":1,"cost":0.25,"is_byok":false}}',
  ],
  ['nothing is said', '{"usage": { }}', '{"usage": { "cost":0.25,"is_byok":false}}'],
  ['another cost is said', '{"usage":{"cost":0.2,"x":1}}', '{"usage":{"cost":0.25,"x":1}}'],
  ['the same cost is said', '{"usage":{"cost":2.5e-1}}', '{"usage":{"cost":2.5e-1}}'],
  ['a cost of null', '{"usage":{"cost":null}}', '{"usage":{"cost":0.25}}'],
  ['whose key it was is said', '{"usage":{"is_byok":true}}', '{"usage":{"is_byok":true,"cost":0.25}}'],
  [
    'an object with the same total',
    '{"usage":{"cost":{"total_cost":0.25}}}',
    '{"usage":{"cost":{"total_cost":0.25}}}',
  ],
  ['no usage', '{"usage":null}', '{"usage":null}'],
  ['a usage within something else', '{"tool":{"usage":{}}}', '{"tool":{"usage":{}}}'],
  [
    'a usage in the words of the answer',
    String.raw`{"a":"\"usage\":{}","usage":{"n":1}}`,
    String.raw`{"a":"\"usage\":{}","usage":{"n":1,"cost":0.25,"is_byok":false}}`,
  ],
  ['broken JSON', '{"usage":{"cost":0.', '{"usage":{"cost":0.'],
]
for (const [name, text, becomes] of table) {
  test(`a cost is written: ${name}`, () => {
    const splice = costSplice(text, 0, ['usage'], '0.25')
    const changed =
      splice === null ? text : text.slice(0, splice.start) + splice.text + text.slice(splice.end)
    assert.equal(changed, becomes)
  })
}

test("a key of the caller's own is told, with what it pays beside what is charged here", () => {
  const said = '{"cost":0.5,"is_byok":false,"n":1,"cost_details":{"upstream_inference_cost":null,"x":1e-7}}'
  const splice = costSplice(`{"usage":${said}}`, 0, ['usage'], '0', '0.0000123456789012345678')
  assert.deepEqual(splice, {
    start: 9,
    end: 9 + said.length,
    text: '{"cost":0,"is_byok":true,"n":1,"cost_details":{"upstream_inference_cost":0.0000123456789012345678,"x":1e-7}}',
  })
  const unknown = costSplice('{"usage":{}}', 0, ['usage'], '0', null)
  assert.equal(unknown?.text, '{"cost":0,"is_byok":true,"cost_details":{"upstream_inference_cost":null}}')
})

test('a member is where JSON.parse finds it, whatever the JSON and its blanks', () => {
  const name = fc.constantFrom('a', 'usage', 'cost', '"', 'a"b', '\\')
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(null, true, '{', '}"', '\\"usage":{'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(name, tie('any'), { maxKeys: 4 }),
    ),
  })).any
  const path = fc.array(fc.constantFrom('a', 'usage', 'cost'), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(fc.dictionary(name, value), path, fc.constantFrom(0, 1, '\t\r'), (object, path, space) => {
      const text = JSON.stringify(object, null, space)
      const parsed = JSON.parse(text) as unknown
      const wanted = path.reduce<unknown>(
        (at, name) =>
          typeof at === 'object' && at !== null && !Array.isArray(at) && Object.hasOwn(at, name)
            ? (at as Record<string, unknown>)[name]
            : undefined,
        parsed,
      )
      const place = placeOf(text, 0, path)
      const found: unknown = place === null ? undefined : JSON.parse(text.slice(place.start, place.end))
      assert.deepEqual(found, wanted)
    }),
  )
})

test('a place in any text is found or not, and nothing throws', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      placeOf(`{"usage":${text}`, 0, ['usage', 'cost'])
      costSplice(`{"usage":{${text}`, 0, ['usage'], '1')
    }),
  )
})
