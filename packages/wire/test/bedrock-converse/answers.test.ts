/** Answers of the Converse API, plain and streamed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  type Answer,
  bedrockConverse,
  bedrockConverseDialect,
  custom,
  type Failure,
  type StreamEvent,
} from '../../src/index.ts'
import { encodeAwsFrame } from '../../src/aws-event-stream-encoder.ts'

const { server } = bedrockConverseDialect
const head = { id: '', model: '', created: 1 }

function read(frames: readonly Uint8Array[]): readonly StreamEvent[] {
  const decoder = bedrockConverse.decodeStream(custom)
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()]
}

function outcome(frames: readonly Uint8Array[]): Answer | Failure | undefined {
  const last = read(frames).at(-1)
  return last?.type === 'finish' ? last.answer : last?.type === 'error' ? last.failure : undefined
}

const event = (type: string, payload: unknown): Uint8Array =>
  encodeAwsFrame({ ':event-type': type, ':message-type': 'event' }, JSON.stringify(payload))
const exception = (type: string, payload: object): Uint8Array =>
  encodeAwsFrame({ ':exception-type': type, ':message-type': 'exception' }, JSON.stringify(payload))
const delta = (contentBlockIndex: number, fields: object): Uint8Array =>
  event('contentBlockDelta', { contentBlockIndex, delta: fields, p: 'abc' })
const stop = (contentBlockIndex: number): Uint8Array => event('contentBlockStop', { contentBlockIndex })

const begin = [
  event('messageStart', { role: 'assistant' }),
  delta(0, { reasoningContent: { text: 'Hm' } }),
  delta(0, { reasoningContent: { signature: 'sig' } }),
  stop(0),
  delta(1, { text: 'H' }),
  delta(1, { text: 'i' }),
  delta(1, { citation: { title: 'T', location: { web: { url: 'https://x' } } } }),
  stop(1),
  delta(2, { reasoningContent: { redactedContent: 'AAAA' } }),
  stop(2),
  event('contentBlockStart', { contentBlockIndex: 3, start: { toolUse: { toolUseId: 'a', name: 'add' } } }),
  delta(3, { toolUse: { input: '{"a": ' } }),
  delta(3, { toolUse: { input: '1}' } }),
  stop(3),
]
const messageStop = event('messageStop', { stopReason: 'tool_use' })
const usage = { inputTokens: 1, cacheReadInputTokens: 2, cacheWriteInputTokens: 3, outputTokens: 4 }
const end = [messageStop, event('metadata', { usage, metrics: { latencyMs: 5 } })]

test('blocks become one answer, and the input of a call is kept byte for byte', () => {
  const answer = outcome([...begin, ...end]) as Answer
  const citation = { title: 'T', location: { web: { url: 'https://x' } } }
  assert.deepEqual(answer.message.content, [
    { type: 'reasoning', text: 'Hm', data: { 'bedrock-converse': { signature: 'sig' } } },
    {
      type: 'text',
      text: 'Hi',
      citations: [{ url: 'https://x', title: 'T', data: { 'bedrock-converse': citation } }],
    },
    { type: 'reasoning', text: '', data: { 'bedrock-converse': { redactedContent: 'AAAA' } } },
    { type: 'tool-call', id: 'a', name: 'add', input: { a: 1 }, inputText: '{"a": 1}' },
  ])
  assert.equal(answer.finishReason, 'tool-calls')
})

const signed = (index: number, ...signatures: readonly string[]): Uint8Array[] => [
  ...signatures.map((signature) => delta(index, { reasoningContent: { signature } })),
  stop(index),
]

test('a signature may come in pieces, and is that of its block', () => {
  const answer = outcome([...signed(0, 'a', 'b'), ...signed(1, 'c'), ...end]) as Answer
  assert.deepEqual(
    answer.message.content.map(({ data }) => data?.['bedrock-converse']),
    [{ signature: 'ab' }, { signature: 'c' }],
  )
})

test('the prompt is counted whole', () => {
  const answer = outcome([...begin, ...end]) as Answer
  assert.deepEqual(answer.usage, {
    inputTokens: 6,
    outputTokens: 4,
    cachedInputTokens: 2,
    cacheWriteTokens: 3,
    reasoningTokens: 0,
  })
})

test('a tool that Bedrock runs is no call that anyone owes a result', () => {
  const toolUse = { toolUseId: 's', name: 'nova_grounding', type: 'server_tool_use' }
  const toolResult = { toolUseId: 's', type: 'nova_grounding_result', status: 'success' }
  const frames = [
    event('contentBlockStart', { contentBlockIndex: 0, start: { toolUse } }),
    delta(0, { toolUse: { input: '{"q":1}' } }),
    stop(0),
    event('contentBlockStart', { contentBlockIndex: 1, start: { toolResult } }),
    delta(1, { toolResult: [{ text: 'found' }] }),
    stop(1),
    ...end,
  ]
  const answer = outcome(frames) as Answer
  assert.deepEqual(
    answer.message.content.map(({ type }) => type),
    ['provider-call', 'provider-result'],
  )
  assertWrittenAgain(frames)
})

test('an answer is written as it was read, plain and streamed', () => {
  assertWrittenAgain([...begin, ...end])
})

test('a block behind a call adds nothing to its input', () => {
  const toolUse = { toolUseId: 'a', name: 'add', input: { a: 1 } }
  const image = { format: 'png', source: { bytes: 'iVBORw0KGgo' } }
  const content = [{ toolUse }, { image }, { tomorrow: {} }, { toolUse: { ...toolUse, toolUseId: 'b' } }]
  const body = JSON.stringify({ output: { message: { content } }, stopReason: 'tool_use' })
  const { message } = bedrockConverse.decodeResponse(body) as Answer
  assert.deepEqual(
    message.content.map((part) => (part.type === 'tool-call' ? part.inputText : part.type)),
    ['{"a":1}', 'media', '{"a":1}'],
  )
})

test('a result of any length is kept', () => {
  const toolResult = { toolUseId: 'a', type: 'search', content: Array.from({ length: 200_000 }, () => ({})) }
  const body = JSON.stringify({ output: { message: { content: [{ toolResult }] } }, stopReason: 'end_turn' })
  const [part] = (bedrockConverse.decodeResponse(body) as Answer).message.content
  assert.deepEqual(part?.type === 'provider-result' && part.output, toolResult.content)
})

/** The words of a call's input are told by streams alone: what is plain is compared without them. */
function assertWrittenAgain(frames: readonly Uint8Array[]): void {
  const answer = outcome(frames) as Answer
  const encoder = server.encodeStream(head)
  assert.deepEqual(outcome(read(frames).map((one) => encoder.push(one))), answer)
  const again = bedrockConverse.decodeResponse(server.encodeResponse(answer, head))
  const compact = JSON.parse(
    JSON.stringify(answer).replace(String.raw`{\"a\": 1}`, String.raw`{\"a\":1}`),
  ) as unknown
  assert.deepEqual(again, compact)
}

const message = { message: 'no' }
const failures: readonly [name: string, frames: readonly Uint8Array[], code: string, retryable: boolean][] = [
  ['nothing', [], 'truncated', true],
  ['a stream without its end', begin, 'truncated', true],
  ['a stream without what it cost', [...begin, messageStop], 'truncated', true],
  ['a stream that does not say why it stopped', [...begin, ...end.slice(1)], 'truncated', true],
  ['throttling', [...begin, exception('throttlingException', message)], 'rate-limited', true],
  ['a broken model', [...begin, exception('modelStreamErrorException', message)], 'server', true],
  ['a broken server', [...begin, exception('internalServerException', message)], 'server', true],
  ['no server', [...begin, exception('serviceUnavailableException', message)], 'overloaded', true],
  ['a bad request', [exception('validationException', message)], 'invalid-request', false],
  [
    'one that is too long',
    [exception('validationException', { message: 'Input is too long' })],
    'context-length',
    false,
  ],
  ['an exception from the future', [exception('fooException', message)], 'server', true],
  ['an event that is no object', [event('metadata', 5)], 'malformed', true],
]

for (const [name, frames, code, retryable] of failures) {
  test(`${name} is ${code}`, () => {
    const failure = outcome(frames) as Failure
    assert.deepEqual([failure.code, failure.retryable], [code, retryable])
    if (frames.length > begin.length) assert.equal(failure.partial?.content.length, 3)
  })
}

const codes: readonly [status: number, type: string, code: string][] = [
  [429, 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/', 'rate-limited'],
  [403, 'UnrecognizedClientException', 'auth'],
  [403, 'AccessDeniedException', 'permission'],
  [429, 'ModelNotReadyException', 'overloaded'],
  [424, 'ModelErrorException', 'server'],
  [418, '', 'invalid-request'],
]

for (const [status, type, code] of codes) {
  test(`${status} ${type} is ${code}, and is written again as it`, () => {
    const headers = new Headers({ 'x-amzn-errortype': type })
    const failure = bedrockConverse.decodeError(status, headers, '{"Message":"no"}')
    assert.deepEqual([failure.code, failure.message, failure.status], [code, 'no', status])
    const written = server.encodeError(failure)
    const again = bedrockConverse.decodeError(written.status, new Headers(written.headers), written.body)
    assert.equal(again.retryable, failure.retryable)
    assert.equal(again.message, 'no')
  })
}

const reasons: readonly [wire: string, reason: string][] = [
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['guardrail_intervened', 'content-filter'],
  ['malformed_tool_use', 'error'],
  ['tomorrow', 'other'],
]

for (const [stopReason, reason] of reasons) {
  test(`${stopReason} is ${reason}, and stays it`, () => {
    const body = JSON.stringify({ output: { message: { content: [{ text: 'Hi' }] } }, stopReason })
    const answer = bedrockConverse.decodeResponse(body) as Answer
    assert.equal(answer.finishReason, reason)
    assert.deepEqual(bedrockConverse.decodeResponse(server.encodeResponse(answer, head)), answer)
  })
}

test('whatever the events say, there is one last event', () => {
  const types = ['contentBlockStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata']
  const fields = fc.record(
    { delta: fc.object(), start: fc.object(), usage: fc.anything() },
    { requiredKeys: [] },
  )
  const odd = fc
    .tuple(fc.constantFrom(...types), fields)
    .map(([type, one]) => event(type, JSON.parse(stringified(one))))
  fc.assert(
    fc.property(fc.array(odd), (frames) => {
      const ends = read(frames).filter(({ type }) => type === 'finish' || type === 'error')
      assert.equal(ends.length, 1)
    }),
    { numRuns: 200, seed: 1 },
  )
})

function stringified(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
}
