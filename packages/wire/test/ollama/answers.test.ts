/** Answers of Ollama's native chat, plain and streamed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  type Answer,
  custom,
  type Failure,
  ollamaChat,
  ollamaDialect,
  type StreamEvent,
} from '../../src/index.ts'

function read(text: string): readonly StreamEvent[] {
  const decoder = ollamaChat.decodeStream(custom)
  return [...decoder.push(new TextEncoder().encode(text)), ...decoder.end()]
}

function outcome(text: string): Answer | Failure | undefined {
  const last = read(text).at(-1)
  return last?.type === 'finish' ? last.answer : last?.type === 'error' ? last.failure : undefined
}

const line = (message: object, rest: object = {}): string =>
  `${JSON.stringify({ model: 'm', message: { role: 'assistant', ...message }, done: false, ...rest })}\n`
const call = { id: 'a', function: { index: 0, name: 'add', arguments: { a: 1 } } }
const end = line(
  { content: '' },
  { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2, total_duration: 9 },
)

test('thinking, text and calls become one answer, and a call is what it ended with', () => {
  const answer = outcome(
    line({ thinking: 'Hm' }) + line({ content: 'Hi' }) + line({ tool_calls: [call] }) + end,
  )
  assert.deepEqual(answer, {
    type: 'answer',
    id: '',
    model: 'm',
    provider: null,
    message: {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Hi' },
        { type: 'tool-call', id: 'a', name: 'add', input: { a: 1 }, inputText: '{"a":1}' },
      ],
    },
    finishReason: 'tool-calls',
    rawFinishReason: 'stop',
    usage: { inputTokens: 3, outputTokens: 2, cachedInputTokens: 0, reasoningTokens: 0 },
    cost: null,
    data: { ollama: { total_duration: 9 } },
  })
})

test('no calls are run after the limit', () => {
  const cut = line({ tool_calls: [call] }, { done: true, done_reason: 'length' })
  assert.equal((outcome(cut) as Answer).finishReason, 'length')
})

const failures: readonly [name: string, text: string, code: string][] = [
  ['nothing', '', 'truncated'],
  ['lines without the last one', line({ content: 'Hi' }), 'truncated'],
  ['a line that was cut off', line({ content: 'Hi' }) + end.slice(0, 20), 'truncated'],
  ['an error in the middle', `${line({ content: 'Hi' })}{"error":"it broke"}\n`, 'server'],
  ['an error with its status', '{"error":"no","status_code":429}\n', 'rate-limited'],
  ['a page', '<html>\n<body>\n', 'malformed'],
  ['a broken line in the middle', `{"model":\n${end}`, 'malformed'],
]

for (const [name, text, code] of failures) {
  test(`${name} is ${code}`, () => {
    const failure = outcome(text) as Failure
    assert.equal(failure.code, code)
    if (text.includes('Hi')) assert.equal(failure.partial?.content.length, 1)
  })
}

test('an answer is written as it was read, plain and streamed', () => {
  const logprobs = [{ token: 'Hi', logprob: -0.5, top_logprobs: [{ token: 'Ho', logprob: -1 }] }]
  const text =
    line({ thinking: 'Hm' }) + line({ content: 'Hi' }, { logprobs }) + line({ tool_calls: [call] }) + end
  const events = read(text)
  const answer = outcome(text) as Answer
  const head = { id: '', model: 'm', created: 1 }
  const encoder = ollamaDialect.server.encodeStream(head)
  const written = events.map((event) => new TextDecoder().decode(encoder.push(event))).join('')
  assert.deepEqual(outcome(written), answer)
  assert.deepEqual(ollamaChat.decodeResponse(ollamaDialect.server.encodeResponse(answer, head)), answer)
})

test('a failure is written as a line, and a refusal as a body', () => {
  const failure = outcome('{"error":"no","status_code":429}\n') as Failure
  const line = ollamaDialect.server
    .encodeStream({ id: '', model: 'm', created: 1 })
    .push({ type: 'error', failure })
  assert.equal(new TextDecoder().decode(line), '{"error":"no"}\n')
  const { status, body } = ollamaDialect.server.encodeError(failure)
  assert.deepEqual([status, body], [429, '{"error":"no"}'])
})

test('whatever the lines say, there is one last event', () => {
  const odd = fc.oneof(
    fc.json(),
    fc.constantFrom('{', 'null', '{"message":1,"done":true}', line({ tool_calls: [0] })),
  )
  fc.assert(
    fc.property(fc.array(odd), (lines) => {
      const ends = read(lines.join('\n')).filter(({ type }) => type === 'finish' || type === 'error')
      assert.equal(ends.length, 1)
    }),
    { numRuns: 200, seed: 1 },
  )
})
