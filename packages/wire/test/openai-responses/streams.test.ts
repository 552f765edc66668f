/** Streams of `openai-responses`: they say what the plain response says, or how they failed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { openaiResponses } from '../../src/index.ts'
import type { Unread } from '../../src/json.ts'
import { openai } from '../../src/providers.ts'
import {
  usage,
  response,
  text,
  message,
  call,
  thought,
  plain,
  events,
  streamed,
  answered,
  failed,
  completed,
  added,
  done,
  delta,
} from './shapes.ts'

const search = {
  type: 'web_search_call',
  id: 'ws',
  status: 'completed',
  action: { type: 'search', query: 'q' },
}
const cited = message(
  text('Hi', { annotations: [{ type: 'url_citation', start_index: 0, end_index: 2, title: '', url: 'u' }] }),
)
const named = { type: 'reasoning', id: 'rs_0', summary: [] }
const own = { type: 'reasoning', id: 'rs_2', summary: [], content: [{ type: 'reasoning_text', text: 'Hm' }] }
const two = message(text('One'), text('Two'))
const streams: readonly [name: string, output: readonly Unread[], events: readonly (Unread | string)[]][] = [
  [
    'an item with another id in each event',
    [thought, cited],
    [
      added(0, { ...named, id: 'a' }),
      delta('reasoning_summary_text', 0, 'One', { item_id: 'b', summary_index: 0 }),
      delta('reasoning_summary_text', 0, 'Two', { item_id: 'c', summary_index: 1 }),
      done(0, thought),
      added(1, { ...message(), id: 'd' }),
      delta('output_text', 1, 'H', { item_id: 'e', content_index: 0 }),
      delta('output_text', 1, 'i', { item_id: 'f', content_index: 0 }),
      done(1, cited),
    ],
  ],
  [
    'whole items without deltas',
    [named, thought, own, search, two, call],
    [named, thought, own, search, two, call].map((item, index) => done(index, item)),
  ],
  ['nothing but the end', [thought, search, two, call], []],
  [
    'deltas that lack the end of what the items say',
    [own, two, call],
    [
      added(0, named),
      delta('reasoning_text', 0, 'H', { content_index: 0 }),
      done(0, own),
      added(1, message()),
      delta('output_text', 1, 'O', { content_index: 0 }),
      { type: 'response.content_part.done', output_index: 1, content_index: 0, part: text('One') },
      delta('output_text', 1, 'Tw', { content_index: 1 }),
      done(1, two),
      added(2, { ...call, arguments: '' }),
      delta('function_call_arguments', 2, '{"a"'),
      done(2, call),
    ],
  ],
  [
    'two calls at once',
    [call, { ...call, call_id: 'c2' }],
    [
      added(0, { ...call, arguments: '' }),
      added(1, { ...call, call_id: 'c2', arguments: '' }),
      delta('function_call_arguments', 1, '{"a": '),
      delta('function_call_arguments', 0, '{"a": 1}'),
      delta('function_call_arguments', 1, '1}'),
      done(0, call),
      done(1, { ...call, call_id: 'c2' }),
    ],
  ],
]
for (const [name, output, before] of streams) {
  test(`the stream says what the plain response says: ${name}`, () => {
    const begun = { type: 'response.created', response: { id: 'resp_1', model: 'm' }, sequence_number: 0 }
    const outcome = answered(
      streamed(begun, ...before, { type: 'response.from_the_future' }, completed(output), '[DONE]'),
    )
    assert.deepEqual(outcome, plain(response({ output })))
  })
}

test('a text that only its end says', () => {
  const end = { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hi' }
  for (const begun of [[], [delta('output_text', 0, 'H')]]) {
    const { content } = answered(streamed(added(0, message()), ...begun, end, completed([]))).message
    assert.deepEqual(
      content.map((part) => part.type === 'text' && part.text),
      ['Hi'],
    )
  }
})

const ended = (fields: object): Unread => ({ type: 'response.output_text.done', text: 'Hello', ...fields })
const hello = (delta: string): Unread => ({ type: 'response.output_text.delta', output_index: 0, delta })
const whole = { type: 'response.content_part.done', output_index: 0, content_index: 0, part: text('Hello') }
for (const [name, wire] of [
  ['without its item, behind the next one', [hello('Hello'), added(1, call), ended({})]],
  ['at another place', [hello('Hello'), ended({ output_index: 0, content_index: 1 }), done(1, call)]],
  ['before its delta', [ended({ output_index: 0 }), hello('Hel'), hello('lo'), done(1, call)]],
  ['and its part before its delta', [ended({ output_index: 0 }), whole, hello('Hello'), done(1, call)]],
  ['between its deltas', [hello('Hel'), ended({ output_index: 0 }), hello('lo'), done(1, call)]],
] as const) {
  test(`a text is told once, though its end comes ${name}`, () => {
    const { content } = answered(streamed(added(0, message()), ...wire, completed([]))).message
    assert.deepEqual(
      content.map((part) => (part.type === 'text' ? part.text : part.type)),
      ['Hello', 'tool-call'],
    )
  })
}

test('an end that is the response itself (Perplexity)', () => {
  const end = { ...response({ output: [message(text('Hi'))] }), type: 'response.completed', model: 'sonar' }
  const answer = answered(streamed({ type: 'response.output_text.delta', delta: 'Hi' }, end))
  assert.deepEqual(
    answer.message.content.map((part) => part.type === 'text' && part.text),
    ['Hi'],
  )
  assert.deepEqual([answer.model, answer.usage], ['sonar', answered(plain(response({ output: [] }))).usage])
})

test('an input that only its end says', () => {
  const begun = { ...call, arguments: '' }
  const end = { type: 'response.function_call_arguments.done', output_index: 0, arguments: '{"a":1}' }
  for (const deltas of [[], [delta('function_call_arguments', 0, '{"a"')]]) {
    const [part] = answered(streamed(added(0, begun), ...deltas, end, completed([]))).message.content
    assert.equal(part?.type === 'tool-call' && part.inputText, '{"a":1}')
  }
})

test('a text that goes on behind its end is told whole', () => {
  const wire = [hello('One.'), ended({ output_index: 0, text: 'One.' }), hello('Two')]
  const [part] = answered(streamed(added(0, message()), ...wire, completed([]))).message.content
  assert.equal(part?.type === 'text' && part.text, 'One.Two')
})

test('items that were never said to be whole are there all the same', () => {
  const { content } = answered(
    streamed(delta('output_text', 0, 'Hi'), delta('function_call_arguments', 1, '{}'), completed([])),
  ).message
  assert.deepEqual(
    content.map(({ type }) => type),
    ['text', 'tool-call'],
  )
})

test('an annotation of a text whose item never ends', () => {
  const annotation = { type: 'url_citation', start_index: 0, end_index: 2, title: 'T', url: 'u' }
  const event = { type: 'response.output_text.annotation.added', output_index: 0, annotation }
  const [part] = answered(streamed(delta('output_text', 0, 'Hi'), event, completed([]))).message.content
  assert.ok(part?.type === 'text')
  assert.deepEqual(part.citations, [{ url: 'u', title: 'T', start: 0, end: 2 }])
})

test('reasoning in two forms is shown in the one that came first', () => {
  const both = { ...own, summary: [{ type: 'summary_text', text: 'S' }] }
  const begun = delta('reasoning_summary_text', 0, 'S', { summary_index: 0 })
  const late = delta('reasoning_text', 0, 'Hm', { content_index: 0 })
  const [part] = answered(streamed(begun, late, done(0, both), completed([both]))).message.content
  assert.ok(part?.type === 'reasoning')
  assert.equal(part.text, 'S')
})

for (const [status, finishReason] of [
  ['completed', 'stop'],
  ['incomplete', 'length'],
] as const) {
  test(`an end that only says \`done\` is ${status} where its response is`, () => {
    const incomplete_details = status === 'incomplete' ? { reason: 'max_output_tokens' } : null
    const end = completed([cited], { status, incomplete_details })
    assert.equal(answered(streamed({ ...end, type: 'response.done' })).finishReason, finishReason)
  })
}

test('no tool call comes before the end', () => {
  const all = events(added(0, { ...call, arguments: '' }), done(0, call))
  assert.deepEqual(
    all.map(({ type }) => type),
    ['tool-input', 'tool-input', 'error'],
  )
})

const broken: readonly [code: string, events: readonly (Unread | string)[]][] = [
  ['truncated', []],
  ['truncated', [delta('output_text', 0, 'Hi')]],
  ['truncated', [done(0, message(text('Hi'))), '[DONE]']],
  ['overloaded', [{ type: 'error', code: 'overloaded_error', message: 'Busy', param: null }]],
  ['server', [{ type: 'error', error: { type: 'server_error', message: 'Oh' } }]],
  ['rate-limited', [{ error: { code: 429, message: 'Slow' } }]],
  ['rate-limited', [{ error: 'Rate limit reached' }]],
  ['malformed', ['{"type": ']],
  ['unknown', [{ type: 'response.cancelled', response: {} }]],
]
for (const [code, wire] of broken) {
  test(`a stream that fails: ${code} of ${JSON.stringify(wire).slice(0, 90)}`, () => {
    const outcome = failed(streamed({ type: 'response.created', response: {} }, ...wire))
    assert.equal(outcome.code, code)
  })
}

test('what had come before a failure is kept', () => {
  const { partial, usage: used } = failed(
    streamed(delta('output_text', 0, 'Hi'), {
      type: 'response.failed',
      response: { status: 'failed', usage },
    }),
  )
  assert.deepEqual(partial?.content, [{ type: 'text', text: 'Hi' }])
  assert.equal(used?.inputTokens, 9)
})

test('a body in place of a stream is read', () => {
  const decoder = openaiResponses.decodeStream(openai)
  const body = JSON.stringify(response({ output: [message(text('Hi'))] }))
  const last = [...decoder.push(new TextEncoder().encode(body)), ...decoder.end()].at(-1)
  assert.ok(last?.type === 'finish')
  assert.deepEqual(last.answer, plain(JSON.parse(body)))
})

test('any events have one end', () => {
  const types = [
    'output_text.delta',
    'reasoning_text.delta',
    'function_call_arguments.delta',
    'output_item.added',
  ]
  const event = fc.record(
    {
      type: fc.constantFrom(
        ...types.map((type) => `response.${type}`),
        'response.output_item.done',
        'response.completed',
      ),
      output_index: fc.oneof(fc.nat(2), fc.jsonValue()),
      content_index: fc.jsonValue(),
      delta: fc.jsonValue(),
      item: fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(call, thought, two, named, search)),
      response: fc.oneof(fc.jsonValue(), fc.constant(response({ output: [call, two] }))),
    },
    { requiredKeys: ['type'] },
  )
  fc.assert(
    fc.property(fc.array(event), (wire) => {
      const all = events(...(wire as unknown as Unread[]))
      assert.equal(all.filter(({ type }) => type === 'finish' || type === 'error').length, 1)
    }),
  )
})
