/** Streams that are anything: one last event, and nothing thrown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { answerOf, block, eventsOf, message, outcomeOf, sse, written } from './wire.ts'

test('hostile streams never throw, and end in one last event', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const hostile = [
    '{"__proto__":{"a":1}}',
    '"\\ud800"',
    'null',
    '[]',
    '0',
    '"x\\u0000"',
    deep,
    '{"type":"text","text":1}',
    `{"type":${deep}}`,
  ]
  for (const value of hostile) {
    for (const text of [
      `data: ${value}\n\n`,
      `data: {"type":"message_start","message":${value}}\n\n`,
      `data: {"type":"message_start","message":{"usage":${value},"container":${value}}}\n\n`,
      `data: {"type":"content_block_start","index":${value},"content_block":${value}}\n\n`,
      `data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","input":{"a":${value}},"caller":${value}}}\n\ndata: {"type":"message_stop"}\n\n`,
      `data: {"type":"content_block_start","index":0,"content_block":{"type":"x_tool_result","content":${value}}}\n\ndata: {"type":"message_stop"}\n\n`,
      `data: {"type":"content_block_delta","delta":{"type":"citations_delta","citation":{"a":${value}}}}\n\ndata: {"type":"message_stop"}\n\n`,
      `data: {"type":"message_delta","delta":${value}}\n\ndata: {"type":"message_stop"}\n\n`,
      `data: {"type":"error","error":${value}}\n\n`,
      value,
    ]) {
      const events = eventsOf(text)
      assert.equal(events.filter(({ type }) => type === 'finish' || type === 'error').length, 1)
      assert.doesNotThrow(() => written(events))
      JSON.stringify(events)
    }
  }
})

test('many blocks that never end take time in their number', () => {
  const starts = Array.from({ length: 20_000 }, (_, index) => ({
    type: 'content_block_start',
    index,
    content_block: { type: 'text', text: '' },
  }))
  const began = performance.now()
  outcomeOf(sse(message(...starts)))
  assert.ok(performance.now() - began < 3000)
})

/** It was taken for a text, which could not be written again. */
const emptyCitation = [
  { type: 'content_block_delta', index: 0, delta: { type: 'citations_delta', citation: {} } },
  { type: 'message_stop' },
]

test('any JSON in any place never throws', () => {
  const events: fc.Arbitrary<object[]> = fc.array(
    fc.oneof(
      fc.jsonValue().map((value) => ({ type: 'content_block_start', index: 0, content_block: value })),
      fc.record({
        type: fc.constantFrom(
          'message_start',
          'message_delta',
          'content_block_start',
          'content_block_delta',
          'content_block_stop',
          'message_stop',
          'ping',
          'error',
        ),
        index: fc.nat(2),
        content_block: fc.record({
          type: fc.constantFrom('text', 'thinking', 'tool_use', 'server_tool_use', 'compaction', 'x'),
          input: fc.jsonValue(),
          content: fc.jsonValue(),
          citations: fc.jsonValue(),
        }),
        delta: fc.record({
          type: fc.constantFrom(
            'text_delta',
            'thinking_delta',
            'input_json_delta',
            'citations_delta',
            'signature_delta',
          ),
          text: fc.jsonValue(),
          partial_json: fc.jsonValue(),
          citation: fc.jsonValue(),
          signature: fc.jsonValue(),
          stop_reason: fc.jsonValue(),
        }),
        message: fc.jsonValue(),
        usage: fc.jsonValue(),
      }),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 50 }), (some, length) => {
      const whole = eventsOf(sse(some))
      assert.deepEqual(eventsOf(sse(some), length), whole)
      const last = whole.at(-1)
      if (last?.type === 'finish') {
        const again = answerOf(written(whole))
        assert.deepEqual(again.message, last.answer.message)
        assert.deepEqual(again.usage, last.answer.usage)
      }
    }),
    { examples: [[emptyCitation, 50]] },
  )
})

test('what a provider called stands where it began, wherever its end was said', () => {
  const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } }
  const result = { type: 'web_search_tool_result', tool_use_id: 's', content: [] }
  const text = { type: 'text', text: 'Hi' }
  const behind = [...block(0, result), ...block(1, text)]
  const first = [{ type: 'message_start', message: { id: 'm', content: [search] } }, ...behind]
  const endless = [...block(0, search), ...block(1, result), ...block(2, text)].filter(
    (event) => !('type' in event && event.type === 'content_block_stop'),
  )
  for (const events of [first, endless])
    assert.deepEqual(
      answerOf(sse([...events, ...message().slice(1)])).message.content.map(({ type }) => type),
      ['provider-call', 'provider-result', 'text'],
    )
})
