/** Answers of version 2 of Cohere's chat, plain and streamed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  type Answer,
  cohereChat,
  cohereDialect,
  custom,
  type Failure,
  type StreamEvent,
} from '../../src/index.ts'

function read(text: string): readonly StreamEvent[] {
  const decoder = cohereChat.decodeStream(custom)
  return [...decoder.push(new TextEncoder().encode(text)), ...decoder.end()]
}

function outcome(text: string): Answer | Failure | undefined {
  const last = read(text).at(-1)
  return last?.type === 'finish' ? last.answer : last?.type === 'error' ? last.failure : undefined
}

const event = (type: string, rest: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
const message = (type: string, fields: object, rest: object = {}): string =>
  event(type, { ...rest, delta: { message: fields } })
const start = event('message-start', { id: 'x', delta: { message: { role: 'assistant' } } })
const usage = {
  billed_units: { input_tokens: 1, output_tokens: 2 },
  tokens: { input_tokens: 10, output_tokens: 20 },
  cached_tokens: 4,
}
const end = (reason: string, rest: object = {}): string =>
  `${event('message-end', { delta: { finish_reason: reason, usage, ...rest } })}data: [DONE]\n\n`
const cited = {
  start: 0,
  end: 2,
  text: 'Hi',
  sources: [{ type: 'document', id: 'd', document: { title: 'T' } }],
}
const said =
  start +
  message('content-start', { content: { type: 'thinking', thinking: '' } }, { index: 0 }) +
  message('content-delta', { content: { thinking: 'Hm' } }, { index: 0 }) +
  event('content-end', { index: 0 }) +
  message('content-start', { content: { type: 'text', text: '' } }, { index: 0 }) +
  message('content-delta', { content: { text: 'Hi' } }, { index: 0 }) +
  message('citation-start', { citations: cited }, { index: 0 }) +
  event('citation-end', { index: 0 }) +
  event('content-end', { index: 0 })
const called =
  start +
  message('tool-plan-delta', { tool_plan: 'I will ' }) +
  message('tool-plan-delta', { tool_plan: 'add' }) +
  message(
    'tool-call-start',
    { tool_calls: { id: 'a', type: 'function', function: { name: 'add', arguments: '' } } },
    { index: 0 },
  ) +
  message('tool-call-delta', { tool_calls: { function: { arguments: '{"a": ' } } }, { index: 0 }) +
  message('tool-call-delta', { tool_calls: { function: { arguments: '1}' } } }, { index: 0 }) +
  event('tool-call-end', { index: 0 })

test('thinking, text and its sources become one answer', () => {
  const answer = outcome(said + end('COMPLETE')) as Answer
  const { start: _start, end: _end, ...kept } = cited
  assert.deepEqual(answer.message.content, [
    { type: 'reasoning', text: 'Hm' },
    { type: 'text', text: 'Hi', citations: [{ title: 'T', start: 0, end: 2, data: { cohere: kept } }] },
  ])
  assert.equal(answer.id, 'x')
  assert.equal(answer.finishReason, 'stop')
  assert.deepEqual(answer.usage, {
    inputTokens: 10,
    outputTokens: 20,
    cachedInputTokens: 4,
    reasoningTokens: 0,
  })
})

test('a plan is reasoning, and the input of a call is kept byte for byte', () => {
  const answer = outcome(called + end('TOOL_CALL')) as Answer
  assert.deepEqual(answer.message.content, [
    { type: 'reasoning', text: 'I will add' },
    { type: 'tool-call', id: 'a', name: 'add', input: { a: 1 }, inputText: '{"a": 1}' },
  ])
  assert.equal(answer.finishReason, 'tool-calls')
})

for (const [name, text] of [
  ['said', said + end('MAX_TOKENS')],
  ['called', called + end('TOOL_CALL')],
] as const) {
  for (const model of ['', 'command-r']) {
    test(`what was ${name} is written as it was read, plain and streamed, as of model "${model}"`, () => {
      const answer = outcome(text) as Answer
      const head = { id: 'x', model, created: 1 }
      if (model !== '' && name === 'said') return
      const encoder = cohereDialect.server.encodeStream(head)
      const written = read(text).map((one) => new TextDecoder().decode(encoder.push(one)))
      assert.deepEqual(outcome(written.join('')), answer)
      assert.deepEqual(cohereChat.decodeResponse(cohereDialect.server.encodeResponse(answer, head)), answer)
    })
  }
}

const failures: readonly [name: string, text: string, code: string][] = [
  ['nothing', '', 'truncated'],
  ['a stream without its end', said, 'truncated'],
  ['a stream that is only done', `${said}data: [DONE]\n\n`, 'truncated'],
  ['an error at the end', said + end('ERROR', { error: 'No valid response' }), 'server'],
  ['a timeout', said + end('TIMEOUT'), 'timeout'],
  ['an error in place of a stream', '{"message":"no","id":"x"}', 'unknown'],
  ['a broken event', `${said}data: {"type":\n\n${said}`, 'malformed'],
]

for (const [name, text, code] of failures) {
  test(`${name} is ${code}`, () => {
    const failure = outcome(text) as Failure
    assert.equal(failure.code, code)
    if (text.startsWith(said)) assert.equal(failure.partial?.content.length, 2)
  })
}

test('a failure ends the answer, with its words', () => {
  const failure = outcome(said + end('ERROR', { error: 'No valid response' })) as Failure
  assert.equal(failure.message, 'No valid response')
  const encoder = cohereDialect.server.encodeStream({ id: 'x', model: 'm', created: 1 })
  const again = outcome(new TextDecoder().decode(encoder.push({ type: 'error', failure }))) as Failure
  assert.deepEqual([again.code, again.message], ['server', 'No valid response'])
})

test('logprobs of several tokens are one', () => {
  const body = {
    id: 'x',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text: 'Hi there' }] },
    logprobs: [{ text: 'Hi there', token_ids: [1, 2], logprobs: [-0.5, -0.25] }],
  }
  const answer = cohereChat.decodeResponse(JSON.stringify(body)) as Answer
  assert.deepEqual(answer.logprobs, [{ token: 'Hi there', logprob: -0.75, top: [] }])
})

test('whatever the events say, there is one last event', () => {
  const types = [
    'message-start',
    'content-start',
    'content-delta',
    'citation-start',
    'tool-call-delta',
    'message-end',
  ]
  const odd = fc
    .tuple(fc.constantFrom(...types), fc.object())
    .map(([type, fields]) => event(type, { delta: fields }))
  fc.assert(
    fc.property(fc.array(odd), (events) => {
      const ends = read(events.join('')).filter(({ type }) => type === 'finish' || type === 'error')
      assert.equal(ends.length, 1)
    }),
    { numRuns: 200, seed: 1 },
  )
})
