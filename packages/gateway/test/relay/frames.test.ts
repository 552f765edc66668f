/** Server-sent events in every form that they come in, and what breaks them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropicMessagesDialect,
  custom,
  type Dialect,
  geminiDialect,
  groq,
  openai,
  openaiChatDialect,
  openaiResponsesDialect,
  type Provider,
} from '@playhead/wire'
import * as fc from 'fast-check'
import { chunk, sse, cut } from '../../../wire/test/streams.ts'
import type { StreamRelay } from '../../src/relay/relay.ts'
import { maxFrameLength } from '../../src/relay/sse-frames.ts'
import { streamRelay } from '../../src/relay/stream-relay.ts'
import { bytesOf, context, priced, reset, textOf, through } from './relaying.ts'

const relayTo = (dialect: Dialect, provider: Provider = openai): StreamRelay =>
  streamRelay(dialect, dialect, provider, context)
const chat = (provider?: Provider): StreamRelay => relayTo(openaiChatDialect, provider)

/** A named event, as responses have them. */
const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

/** A delta of a tool's call. */
const call = (fields: object): string =>
  sse(chunk({ tool_calls: [{ index: 0, id: 'call_1', function: fields }] }))

const said = sse(
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hello' }),
  chunk({ content: ' "you"' }),
)
const done = sse(chunk({}, 'stop'), '[DONE]')

/** Each row: what comes, and what goes out, where it is not the same. */
const table: readonly [name: string, stream: string, out?: string][] = [
  ['lines that end with CR LF', (said + done).replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${said}${done}`],
  ['comments and blank lines', `: hi\n\n\n\n${said}: OPENROUTER PROCESSING\n\n${done}`],
  ['lines that end in both ways', said.replaceAll('\n', '\r\n') + done],
  ['no blank line at the end', (said + done).slice(0, -1), said + done],
  ['no line end at the end', (said + done).slice(0, -2), said + done],
  ['something behind the end', `${said}${done}: bye\n\n`],
]
for (const [name, stream, out = stream] of table) {
  test(`a stream passes with ${name}, however it is cut`, () => {
    const bytes = bytesOf(stream)
    for (let place = 0; place <= bytes.length; place += 1) {
      const relay = chat()
      assert.equal(
        textOf(through(relay, cut(bytes, [place]))).replace(/^\uFEFF/, ''),
        out.replace(/^\uFEFF/, ''),
      )
      assert.equal(relay.outcome?.type, 'answer', `cut at ${place}`)
    }
  })
}

test('a byte order mark is kept', () => {
  const bytes = bytesOf(`\uFEFF${said}${done}`)
  assert.deepEqual(Buffer.from(through(chat(), [bytes])), Buffer.from(bytes))
})

test('a stream whose lines end with CR passes too', () => {
  const stream = (said + done).replaceAll('\n', '\r')
  const relay = chat()
  assert.equal(textOf(through(relay, [bytesOf(stream)])), stream)
  assert.equal(relay.outcome?.type, 'answer')
})

test('where nothing changes, a piece goes out as the bytes that came in', () => {
  const bytes = bytesOf(said)
  const out = chat().push(bytes)
  assert.ok(out.buffer === bytes.buffer && out.length === bytes.length)
})

test('half a frame never goes out, and comes with its other half', () => {
  const relay = chat()
  const bytes = bytesOf(said)
  assert.equal(
    textOf(relay.push(bytes.subarray(0, bytes.length - 5))),
    said.slice(0, said.lastIndexOf('data:')),
  )
  assert.equal(textOf(relay.push(bytes.subarray(bytes.length - 5))), said.slice(said.lastIndexOf('data:')))
})

test('a frame of some megabytes passes, in time that grows with its length', () => {
  const long = bytesOf(sse(chunk({ content: 'x'.repeat(5_000_000) })) + done)
  const places = Array.from({ length: Math.floor(long.length / 1000) }, (_none, index) => index * 1000)
  const relay = chat()
  assert.equal(through(relay, cut(long, places)).length, long.length)
  assert.equal(relay.outcome?.type, 'answer')
})

test('a frame that does not end is malformed, and no longer held', () => {
  const relay = chat()
  const piece = new Uint8Array(1024 * 1024).fill(0x61)
  const usage = { prompt_tokens: 3, completion_tokens: 1 }
  const out = [relay.push(bytesOf(said + sse({ ...chunk({ content: '!' }), usage })))]
  for (let sent = 0; sent <= maxFrameLength; sent += piece.length) out.push(relay.push(piece))
  assert.ok(relay.outcome?.type === 'failure')
  assert.equal(relay.outcome.failure.code, 'malformed')
  assert.equal(relay.outcome.failure.usage?.inputTokens, 3, 'what was reported is kept')
  assert.match(textOf(Buffer.concat(out)), /"finish_reason":"error"/)
  assert.equal(relay.push(piece).length, 0)
})

test('where a finish reason is enough, the end that clients wait for is added', () => {
  const stream = said + sse(chunk({}, 'stop'))
  const relay = chat(custom)
  assert.equal(textOf(through(relay, [bytesOf(stream)])), `${stream}data: [DONE]\n\n`)
  assert.equal(relay.outcome?.type, 'answer')
})

test('where it is not, a stream without its end is an error', () => {
  const relay = chat(openai)
  const out = textOf(through(relay, [bytesOf(said + sse(chunk({}, 'stop')))]))
  assert.ok(relay.outcome?.type === 'failure')
  assert.equal(relay.outcome.failure.code, 'truncated')
  assert.match(out, /"error":\{"code":502[^]*\n\n$/)
  assert.doesNotMatch(out, /\[DONE\]/)
})

test("an upstream's own error passes as it is, and ends the stream", () => {
  const error = sse({ error: { code: 429, message: 'Slow down' }, choices: [] })
  const relay = chat()
  assert.equal(textOf(relay.push(bytesOf(said + error + done))), said + error)
  assert.ok(relay.outcome?.type === 'failure')
  assert.deepEqual([relay.outcome.failure.code, relay.outcome.failure.provider], ['rate-limited', 'Upstream'])
  assert.equal(relay.push(bytesOf(done)).length + relay.end().length, 0)
})

test('a key in an error goes no further', () => {
  const key = 'sk-proj-aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW'
  const relay = chat()
  const out = textOf(relay.push(bytesOf(said + sse({ error: { message: `Wrong key ${key}` } }))))
  assert.match(out, /Wrong key/)
  assert.ok(!out.includes(key) && !JSON.stringify(relay.outcome).includes(key))
})

for (const broken of ['data: {"choices', 'data: {"error": oops']) {
  test(`a frame that is broken is told in place of it: ${broken}`, () => {
    const relay = chat()
    const out = textOf(relay.push(bytesOf(`${said}${broken}\n\n${done}`)))
    assert.ok(out.startsWith(said) && !out.includes(`${broken}\n`))
    assert.match(out.slice(said.length), /^data: \{[^\n]*"finish_reason":"error"[^\n]*\n\n$/)
  })
}

test('an end that cannot be one is told', () => {
  const relay = chat()
  const out = textOf(relay.push(bytesOf(said + sse(chunk({}, 'error'), '[DONE]'))))
  assert.equal(relay.outcome?.type, 'failure')
  assert.doesNotMatch(out, /\[DONE\]/)
})

for (const body of ['{"error":{"message":"No","code":400}}', '{"error":\n\n{"message":"No","code":400}}']) {
  test(`a body in place of a stream is told as an event: ${JSON.stringify(body)}`, () => {
    const relay = chat()
    const out = textOf(through(relay, cut(bytesOf(body), [5])))
    assert.match(out, /^data: \{"id"[^\n]*"error":\{"code":400,"message":"No"/)
    assert.equal(relay.outcome?.type, 'failure')
  })
}

test('a plain answer in place of a stream becomes one', () => {
  const body = { id: 'x', choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }] }
  const relay = chat()
  const out = textOf(through(relay, [bytesOf(JSON.stringify(body))]))
  assert.match(out, /"delta":\{"content":"Hello"\}[^]*data: \[DONE\]\n\n$/)
  assert.equal(relay.outcome?.type, 'answer')
})

test('a bare error behind events, as Google writes it, is told as an event', () => {
  const relay = relayTo(geminiDialect)
  const first = 'data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}\r\n\r\n'
  const out = textOf(through(relay, [bytesOf(`${first}{"error":{"code":503,"message":"Busy"}}`)]))
  assert.ok(out.startsWith(first))
  assert.match(out.slice(first.length), /^data: \{"error":\{"code":503/)
})

test('a failure of ours keeps what the upstream had reported', () => {
  const start =
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":9,"output_tokens":1}}}\n\n'
  const relay = relayTo(anthropicMessagesDialect)
  relay.push(bytesOf(start))
  assert.deepEqual(relay.usageSoFar, {
    inputTokens: 9,
    outputTokens: 1,
    cachedInputTokens: 0,
    reasoningTokens: 0,
  })
  assert.equal(relay.hasBegun, false)
  assert.match(textOf(relay.fail(reset)), /^event: error\ndata: \{"type":"error"/)
  assert.ok(relay.outcome?.type === 'failure')
  assert.deepEqual(relay.outcome.failure.usage?.inputTokens, 9)
  assert.equal(relay.outcome.failure.code, 'network')
})

test('a response that breaks off fails without beginning anew', () => {
  const relay = relayTo(openaiResponsesDialect)
  relay.push(bytesOf('event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\n'))
  const out = textOf(relay.fail(reset))
  assert.match(out, /^event: response\.failed\n/)
  assert.doesNotMatch(out, /response\.created/)
})

test("the prompt's and the answer's tokens are priced together where they come apart", () => {
  const start =
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":9,"output_tokens":1}}}\n\n'
  const end =
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}\n\n'
  const relay = streamRelay(anthropicMessagesDialect, anthropicMessagesDialect, custom, {
    ...context,
    cost: (usage) => usage && `0.${usage.inputTokens}0${usage.outputTokens}`,
  })
  relay.push(bytesOf(start))
  assert.match(textOf(relay.push(bytesOf(end))), /"output_tokens":5,"cost":0.905,"is_byok":false/)
})

/** Of what a relay made its count; each delta of one kind. */
const counts: readonly [name: string, deltas: string[], least: number, most: number][] = [
  ['one token a frame', Array.from({ length: 500 }, () => 'a'), 500, 500],
  ['long frames', Array.from({ length: 500 }, () => 'twelve chars'), 1400, 1600],
  ['one frame', ['four'.repeat(100)], 100, 100],
  ['nothing', [], 0, 0],
]
for (const [name, deltas, least, most] of counts) {
  test(`tokens are counted while they come: ${name}`, () => {
    const relay = chat()
    relay.push(bytesOf(sse(...deltas.map((content) => chunk({ content })))))
    assert.ok(relay.outputEstimate >= least && relay.outputEstimate <= most, `${relay.outputEstimate}`)
  })
}

test('tokens are counted behind thoughts that are kept to themselves', () => {
  const item = { type: 'reasoning', id: 'rs_1', encrypted_content: 'x', summary: [] }
  const relay = relayTo(openaiResponsesDialect)
  relay.push(bytesOf(event('response.output_item.done', { output_index: 0, item })))
  assert.equal(relay.hasBegun, false)
  const delta = event('response.output_text.delta', { output_index: 1, delta: 'twelve chars' })
  relay.push(bytesOf(delta))
  assert.equal(relay.hasBegun, true)
  relay.push(bytesOf(delta.repeat(99)))
  assert.equal(relay.outputEstimate, 300)
})

test('that a tool is called is nothing yet, its input is', () => {
  const relay = chat()
  relay.push(bytesOf(call({ name: 'add', arguments: '' })))
  assert.equal(relay.hasBegun, false)
  relay.push(bytesOf(call({ arguments: '{' })))
  assert.equal(relay.hasBegun, true)
})

test('no frame is taken for a delta that says more, whatever its words', () => {
  const words = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('stop', '"', '\\', '"finish_reason":"stop"', 'content', 'assistant', '\n\n', 'null'),
  )
  const delta = fc.record({ kind: fc.constantFrom('content', 'reasoning', 'twice'), words })
  const more = fc.constantFrom<object>(
    {},
    { usage: { prompt_tokens: 3, completion_tokens: 4 } },
    { model: 'n' },
  )
  fc.assert(
    fc.property(fc.array(delta, { maxLength: 30 }), more, fc.nat({ max: 5 }), (deltas, last, pause) => {
      const frames = deltas.map(({ kind, words }, index) => {
        const said =
          kind === 'twice' ? { reasoning: words, reasoning_details: [{ text: words }] } : { [kind]: words }
        return { ...chunk(said), ...(index % (pause + 2) === pause && last) }
      })
      const bytes = bytesOf(sse(...frames, { ...chunk({}, 'length'), ...last }, '[DONE]'))
      const relay = chat(groq)
      assert.deepEqual(Buffer.from(through(relay, [bytes])), Buffer.from(bytes))
      const decoder = openaiChatDialect.client.decodeStream(groq)
      const wanted = decoder.push(bytes).at(-1)
      assert.ok(relay.outcome?.type === 'answer' && wanted?.type === 'finish')
      assert.deepEqual(
        [relay.outcome.usage, relay.outcome.finishReason, relay.outcome.model],
        [wanted.answer.usage, wanted.answer.finishReason, wanted.answer.model],
      )
    }),
  )
})

test('any bytes end in an answer or a failure, whatever they are', () => {
  const dialects = [openaiChatDialect, anthropicMessagesDialect, openaiResponsesDialect, geminiDialect]
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .constantFrom(said, done, 'data: {', '\r', '\n\n', '\r\n', 'event: error\n', '[{', '\uFEFF')
      .map(bytesOf),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(...dialects), (pieces, dialect) => {
      const relay = streamRelay(dialect, dialect, custom, priced('1'))
      through(relay, pieces)
      assert.notEqual(relay.outcome, null)
    }),
  )
})
