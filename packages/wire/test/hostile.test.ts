/** Whatever comes, decoding does not throw: it ends with one last event, or with one failure. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  custom,
  decodeExchange,
  openaiChat,
  openaiChatDialect,
  openrouter,
  type StreamEvent,
  WireError,
} from '../src/index.ts'
import { seedStreams } from './recordings.ts'
import { cutAt } from './frames.ts'
import { bytesOf, chunk, eventsOf, sse, textOfBytes } from './streams.ts'

test('any bytes end with one last event, the same in every cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(200)), (bytes, places) => {
      checkStream(bytes, places)
    }),
    { numRuns: 500, seed: 1 },
  )
})

/** Fragments that mean something to the parser, or nearly. */
const fragments = [
  'data:',
  'data: ',
  'event: error',
  'error: ',
  ': ping',
  '\n',
  '\n\n',
  '\r\n',
  '\r',
  ' ',
  '{',
  '[',
  '}',
  ']',
  '"',
  '[DONE]',
  '{"error":',
  '{"choices":[{"delta":{"content":"x"}}]}',
  '{"choices":[{"finish_reason":"stop"}]}',
  'null',
  '1',
  '\u0000',
  '\ufeff',
  '\u2028',
  '𝄞',
  '__proto__',
]

test('any row of fragments ends with one last event, the same in every cut', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...fragments)), fc.array(fc.nat(300)), (parts, places) => {
      checkStream(bytesOf(parts.join('')), places)
    }),
    { numRuns: 1000, seed: 1 },
  )
})

test('a recorded stream with a piece missing, doubled or replaced ends with one last event', () => {
  const bodies = seedStreams.map(({ response }) => textOfBytes(response.body))
  const place = fc.nat(20_000)
  fc.assert(
    fc.property(
      fc.constantFrom(...bodies),
      place,
      place,
      fc.constantFrom('', '\n', '"', '{', '\ud800', '\u0000'),
      (body, a, b, piece) => {
        const [start, end] = [a % body.length, b % body.length]
        checkStream(bytesOf(body.slice(0, start) + piece + body.slice(end)), [start, end])
      },
    ),
    { numRuns: 200, seed: 1 },
  )
})

/** Keys and values that break what trusts them. */
const key = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'length',
  'then',
  'index',
  'id',
  'type',
  'text',
  'data',
  'error',
  'code',
  'message',
  'usage',
  'name',
  'function',
  'arguments',
)
const leaf = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e308, 429, '', 'x', '__proto__', 'error', '\ud800', '1e400'),
  fc.jsonValue({ maxDepth: 1 }),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map(objectOf),
  ),
}))
const fields = (...names: string[]): fc.Arbitrary<object> =>
  fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] })

const message = fields(
  'role',
  'content',
  'refusal',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'tool_calls',
  'audio',
  'tool_call_id',
  'name',
)
const toolCall = fields('index', 'id', 'type', 'function', 'extra_content')
const detail = fields('type', 'text', 'summary', 'data', 'index', 'id', 'signature', '__proto__')
const delta = fc.oneof(
  message,
  fc.array(toolCall, { maxLength: 3 }).map((tool_calls) => ({ tool_calls })),
  fields('name', 'arguments').map((inner) => ({ tool_calls: [{ index: 0, function: inner }] })),
  fc.array(detail, { maxLength: 3 }).map((reasoning_details) => ({ reasoning_details })),
  fc.array(fields('type', 'text', 'thinking'), { maxLength: 3 }).map((content) => ({ content })),
)
const error = fields('code', 'type', 'message', 'metadata', 'detail', 'error')
const choice = fc.oneof(
  fields('index', 'delta', 'finish_reason', 'error', 'usage'),
  fc.constantFrom({ error: {} }, { delta: { content: 'x' } }, { index: 1 }, { finish_reason: 'stop' }),
)
const anyChunk = fc.oneof(
  fc.array(choice, { maxLength: 3 }).map((choices) => ({ choices })),
  fc.tuple(delta, value).map(([part, reason]) => ({
    choices: [{ index: 0, delta: part, message: part, finish_reason: reason }],
  })),
  fields('id', 'model', 'provider', 'choices', 'usage', 'error', 'object', 'type', 'message', 'code'),
  fields('prompt_tokens', 'completion_tokens', 'cost', 'prompt_tokens_details').map((usage) => ({
    usage,
    choices: [],
  })),
  error.map((fault) => ({ error: fault })),
  fields('provider_name', 'raw', 'error_type').map((metadata) => ({ error: { metadata } })),
)

test('chunks whose fields hold anything end with one last event', () => {
  fc.assert(
    fc.property(fc.array(anyChunk, { maxLength: 4 }), (chunks) => {
      checkStream(bytesOf(sse(...chunks, chunk({}, 'stop'), '[DONE]')), [])
    }),
    { numRuns: 2000, seed: 1 },
  )
})

test('answers, failures and requests whose fields hold anything are read or refused', () => {
  const headers = new Headers()
  fc.assert(
    fc.property(
      anyChunk,
      fc.array(fc.oneof(message, value), { maxLength: 3 }),
      fields('tools', 'tool_choice', 'stop', 'model', 'max_tokens'),
      (body, messages, rest) => {
        assert.match(openaiChat.decodeResponse(JSON.stringify(body)).type, /^(answer|failure)$/)
        assert.equal(openaiChat.decodeError(500, headers, JSON.stringify(body)).type, 'failure')
        try {
          openaiChat.encodeRequest(
            openaiChatDialect.server.decodeRequest({ messages, ...rest }, ''),
            openrouter,
          )
        } catch (refusal) {
          assert.ok(refusal instanceof WireError, String(refusal))
        }
      },
    ),
    { numRuns: 2000, seed: 1 },
  )
})

const depth = 100_000
const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
const deepObject = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

/** Each row: where JSON is nested so deeply that what calls itself for each level breaks. */
const nested: readonly [place: string, chunk: string][] = [
  ['a chunk', deep],
  ['a field that is not known', `{"x":${deepObject}}`],
  ['content', `{"choices":[{"delta":{"content":${deep}}}]}`],
  ['thinking', `{"choices":[{"delta":{"content":[{"type":"thinking","thinking":${deep}}]}}]}`],
  ['a tool call', `{"choices":[{"delta":{"tool_calls":${deep}}}]}`],
  [
    'the input of a tool call',
    `{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":${deepObject}}}]}}]}`,
  ],
  [
    'reasoning',
    `{"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.text","text":"x"},{"type":"reasoning.text","text":${deep}}]}}]}`,
  ],
  ['usage', `{"usage":{"prompt_tokens":${deep},"cost":${deep}}}`],
  ['an error', `{"error":${deepObject}}`],
  ['the code of an error', `{"error":{"code":${deep}}}`],
  ['the words of an upstream', `{"error":{"message":"x","metadata":{"raw":${deepObject}}}}`],
]

for (const [place, json] of nested) {
  test(`${place} may be nested ever so deeply`, () => {
    checkStream(bytesOf(`data: ${json}\n\n${sse(chunk({}, 'stop'), '[DONE]')}`), [])
    checkStream(bytesOf(json), [])
    assert.equal(openaiChat.decodeError(500, new Headers(), json).type, 'failure')
    assert.match(
      openaiChat.decodeResponse(json.replaceAll('"delta"', '"message"')).type,
      /^(answer|failure)$/,
    )
  })
}

test('a request may be nested ever so deeply', () => {
  for (const body of [
    `{"messages":[{"role":${deep}}]}`,
    `{"messages":[],"tool_choice":${deep}}`,
    `{"messages":[{"role":"user","content":${deep}}]}`,
  ]) {
    assert.throws(() => openaiChatDialect.server.decodeRequest(JSON.parse(body), ''), WireError)
  }
})

test('what came stays what it is: no prototype is touched', () => {
  const details = [
    '{"type":"reasoning.text","text":"a"}',
    '{"type":"reasoning.text","text":"b","__proto__":{"polluted":2}}',
  ]
  const chunks = details.map(
    (json) => `{"choices":[{"delta":{"reasoning_details":[${json}]}}],"__proto__":{"polluted":3}}`,
  )
  const [last] = eventsOf([bytesOf(sse(...chunks, chunk({}, 'stop'), '[DONE]'))]).slice(-1)
  assert.ok(last?.type === 'finish')
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  const [part] = last.answer.message.content
  const kept =
    part?.type === 'reasoning' ? (part.data?.['openai-chat']?.['reasoning_details'] as object[]) : []
  assert.deepEqual(
    kept.map((one) => Object.getPrototypeOf(one) as unknown),
    [Object.prototype],
  )
})

test('half letters of UTF-16 pass through', () => {
  const events = eventsOf(
    [bytesOf('data: {"choices":[{"delta":{"content":"\\ud800"},"finish_reason":"stop"}]}\n\n')],
    custom,
  )
  assert.deepEqual(events[0], { type: 'text', text: '\ud800' })
})

function objectOf(entries: readonly (readonly [string, unknown])[]): unknown {
  // JSON.parse makes `__proto__` a field like any other, which an object literal does not.
  return JSON.parse(
    `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${JSON.stringify(inner)}`).join(',')}}`,
  )
}

function checkStream(bytes: Uint8Array, places: readonly number[]): void {
  for (const provider of [openrouter, custom]) {
    const whole = eventsOf([bytes], provider)
    assert.equal(whole.filter(isLast).length, 1)
    assert.ok(whole.slice(-1).every(isLast))
    if (places.length > 0) assert.deepEqual(eventsOf(cutAt(bytes, places), provider), whole)
  }
  const response = { url: 'http://x/chat/completions', status: 200, headers: new Headers(), body: bytes }
  assert.match(decodeExchange(openaiChat, response, true).type, /^(answer|failure)$/)
}

function isLast({ type }: StreamEvent): boolean {
  return type === 'finish' || type === 'error'
}
