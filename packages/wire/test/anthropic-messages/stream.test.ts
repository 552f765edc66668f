/** Streams of messages, as Anthropic and Bedrock send them, and as they break. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anthropicMessages } from '../../src/anthropic-messages/client.ts'
import { encodeAwsFrame } from '../../src/aws-event-stream-encoder.ts'
import { answerOf, aws, block, eventsOf, head, message, outcomeOf, sse, written } from './wire.ts'
import { anthropicMessagesServer } from '../../src/anthropic-messages/server.ts'

const said = { type: 'text', text: '' }
const delta = (text: string): object => ({ type: 'text_delta', text })
const input = (partial_json: string): object => ({ type: 'input_json_delta', partial_json })
const tool = (id: string): object => ({ type: 'tool_use', id, name: 'add', input: {} })

test('a call that never began is no answer, though its input came', () => {
  const lost = [{ type: 'content_block_delta', index: 1, delta: input('{"a":1}') }]
  const end = [{ type: 'message_delta', delta: { stop_reason: 'tool_use' } }, { type: 'message_stop' }]
  const outcome = outcomeOf(sse([...block(0, said, delta('Hi')), ...lost, ...end]))
  assert.ok(outcome.type === 'failure')
  assert.equal(outcome.code, 'malformed')
  assert.deepEqual(outcome.partial?.content, [{ type: 'text', text: 'Hi' }])
  assert.equal(outcomeOf(sse([...block(0, tool('a')), ...lost, ...end])).type, 'answer')
})

test('what a provider called itself is not lost, whatever comes behind it', () => {
  const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
  const late = (index: number, text: string): object => ({
    type: 'content_block_delta',
    index,
    delta: input(text),
  })
  const end = [{ type: 'message_delta', delta: { stop_reason: 'tool_use' } }, { type: 'message_stop' }]
  const begun = block(0, search, input('{"query":"q"}'))
  for (const behind of [late(0, ' '), late(0, '{}'), late(1, ' ')])
    assert.equal(outcomeOf(sse([...begun, behind, ...end])).type, 'answer')
})

test('a text that never began is kept, where a call had its index or nothing has one', () => {
  const tail = { type: 'content_block_delta', index: 0, delta: delta('tail') }
  const [begun, ended] = block(0, tool('a'))
  assert.ok(begun !== undefined && ended !== undefined)
  const behind = [begun, ended, tail]
  const within = [begun, tail, ended]
  const unnumbered = behind.map((event) => ({ ...event, index: undefined }))
  for (const events of [behind, within, unnumbered])
    assert.deepEqual(
      answerOf(sse(message(...events))).message.content.map((part) =>
        part.type === 'text' ? part.text : part.type,
      ),
      ['tool-call', 'tail'],
    )
})

/** A bit of everything that a message can hold. */
const everything = message(
  ...block(
    0,
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'Hm 世界' },
    { type: 'signature_delta', signature: 'sig==' },
  ),
  ...block(1, { type: 'redacted_thinking', data: 'secret' }),
  ...block(2, said, delta('One.')),
  ...block(3, said, delta('Two.'), {
    type: 'citations_delta',
    citation: {
      type: 'char_location',
      cited_text: 'two',
      document_index: 0,
      document_title: 'Doc',
      start_char_index: 1,
      end_char_index: 4,
    },
  }),
  ...block(
    4,
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
    input('{"query"'),
    input(': "x"}'),
  ),
  ...block(5, {
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: [
      { type: 'web_search_result', url: 'https://a.b', title: 'A', encrypted_content: 'e', page_age: null },
    ],
  }),
  ...block(6, {
    type: 'web_fetch_tool_result',
    tool_use_id: 'srvtoolu_2',
    content: { type: 'web_fetch_tool_result_error', error_code: 'unavailable' },
  }),
  ...block(7, { type: 'compaction', content: null }, { type: 'compaction_delta', content: 'Long ago.' }),
  ...block(8, { type: 'container_upload', file_id: 'file_1' }),
  ...block(9, tool('toolu_1'), input('{"a": 2,'), input(' "b": 3}')),
  ...block(10, { ...tool('toolu_2'), caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' } }),
)

test('every kind of block becomes its part', () => {
  assert.deepEqual(
    answerOf(sse(everything)).message.content.map(({ type }) => type),
    [
      'reasoning',
      'reasoning',
      'text',
      'text',
      'provider-call',
      'provider-result',
      'provider-result',
      'provider-result',
      'media',
      'tool-call',
      'tool-call',
    ],
  )
})

test('what must go back is kept: signatures, tool input byte for byte, citations, callers', () => {
  const { content } = answerOf(sse(everything)).message
  const kept = (index: number): unknown => content[index]?.data?.['anthropic-messages']
  assert.deepEqual(kept(0), { signature: 'sig==' })
  assert.deepEqual(kept(1), { type: 'redacted_thinking', data: 'secret' })
  const [, , , cited, call, , failed, compacted] = content
  assert.ok(cited?.type === 'text' && cited.citations?.[0]?.quote === 'two')
  assert.deepEqual(call?.type === 'provider-call' && call.input, { query: 'x' })
  assert.equal(failed?.type === 'provider-result' && failed.isError, true)
  assert.equal(compacted?.type === 'provider-result' && compacted.output, 'Long ago.')
  const calls = content.filter((part) => part.type === 'tool-call')
  assert.deepEqual(
    calls.map(({ inputText }) => inputText),
    ['{"a": 2, "b": 3}', '{}'],
  )
  assert.deepEqual(kept(10), { caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' } })
})

test('events are the same however the bytes are cut, over both transports', () => {
  const whole = eventsOf(sse(everything))
  assert.deepEqual(eventsOf(aws(everything)), whole)
  for (const length of [1, 3, 100]) {
    assert.deepEqual(eventsOf(sse(everything), length), whole)
    assert.deepEqual(eventsOf(aws(everything), length), whole)
  }
})

test('what the server half writes is the same answer, over both transports and as a plain one', () => {
  const events = eventsOf(sse(everything))
  const answer = answerOf(sse(everything))
  assert.deepEqual(answerOf(written(events)), answer)
  const bedrock = 'https://bedrock-runtime.us-east-1.amazonaws.com/model/x/invoke-with-response-stream'
  assert.equal(written(events, bedrock)[0], 0)
  assert.deepEqual(answerOf(written(events, bedrock)), answer)
  const plain = anthropicMessages.decodeResponse(anthropicMessagesServer.encodeResponse(answer, head))
  assert.deepEqual(withoutSpaces(plain), withoutSpaces(answer))
})

test('a stream that is cut anywhere is truncated, and what had come is told', () => {
  const bytes = new TextEncoder().encode(sse(everything))
  const end = bytes.length - '\n\n'.length - '{"type":"message_stop"}'.length
  for (let length = 0; length < end; length += 17) {
    const outcome = outcomeOf(bytes.slice(0, length))
    assert.deepEqual(outcome.type === 'failure' && [outcome.code, outcome.retryable], ['truncated', true])
  }
  const late = outcomeOf(bytes.slice(0, end - 40))
  assert.equal(late.type === 'failure' && late.usage?.inputTokens, 7)
  assert.equal(late.type === 'failure' && late.partial?.content[0]?.type, 'reasoning')
})

const start = (index: number, block: object = said): object => ({
  type: 'content_block_start',
  index,
  content_block: block,
})
const stop = (index: number): object => ({ type: 'content_block_stop', index })
const add = (index: number, part: object): object => ({ type: 'content_block_delta', index, delta: part })
const saidIn = (stream: readonly object[]): unknown =>
  answerOf(sse(message(...stream))).message.content.map((part) =>
    part.type === 'text' ? part.text : part.type === 'tool-call' && part.inputText,
  )

test('a block ends where the next one begins, and input is that of its block', () => {
  const unended = [start(0), add(0, delta('a')), start(1), add(1, delta('b')), start(2, tool('t'))]
  assert.deepEqual(saidIn([...unended, add(2, input('{}'))]), ['a', 'b', '{}'])
  const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
  const starts = [start(0, tool('t')), start(1, tool('u')), start(2, search)]
  const inputs = [add(1, input('[1')), add(0, input('[0')), add(2, input('[2')), add(1, input(']'))]
  const ends = [add(2, input(']')), add(0, input(']')), stop(0), stop(2), stop(1)]
  const events = [...starts, ...inputs, ...ends]
  assert.deepEqual(saidIn(events), ['[0]', '[1]', false])
  const searched = answerOf(sse(message(...events))).message.content.at(-1)
  assert.deepEqual(searched?.type === 'provider-call' && searched.input, [2])
})

test('input that stands in the first event counts', () => {
  const stream = sse(
    message(
      ...block(0, { ...tool('t'), input: { a: 1 } }),
      ...block(1, { ...tool('u'), input: { a: 1 } }, input('{"a":2}')),
    ),
  )
  const inputs = answerOf(stream).message.content.map((part) => part.type === 'tool-call' && part.inputText)
  assert.deepEqual(inputs, ['{"a":1}', '{"a":2}'])
})

/** Where code calls tools: https://platform.claude.com/docs/en/agents-and-tools/tool-use/programmatic-tool-calling */
test('what stands in the first event of a message was said', () => {
  const called = { ...tool('t'), input: { a: 1 } }
  const head = { id: 'm', content: [{ type: 'text', text: 'So' }, called], stop_reason: 'tool_use' }
  const stream = [{ type: 'message_start', message: head }, { type: 'message_stop' }]
  const { finishReason, message: answer } = answerOf(sse(stream))
  assert.equal(finishReason, 'tool-calls')
  assert.deepEqual(
    answer.content.map((part) =>
      part.type === 'text' ? part.text : part.type === 'tool-call' && part.input,
    ),
    ['So', { a: 1 }],
  )
})

test('usage is the last that came, the prompt whole, and a 0 says nothing', () => {
  const start = {
    input_tokens: 10,
    cache_creation_input_tokens: 20,
    cache_read_input_tokens: 30,
    output_tokens: 1,
  }
  const end = {
    input_tokens: 0,
    cache_read_input_tokens: 30,
    output_tokens: 5,
    output_tokens_details: { thinking_tokens: 2 },
    server_tool_use: { web_search_requests: 1 },
  }
  const answer = answerOf(
    sse([
      { type: 'message_start', message: { id: 'm', model: 'c', usage: start } },
      { type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: end },
      { type: 'message_stop' },
    ]),
  )
  assert.deepEqual(answer.usage, {
    inputTokens: 60,
    outputTokens: 5,
    cachedInputTokens: 30,
    cacheWriteTokens: 20,
    reasoningTokens: 2,
  })
  assert.deepEqual(answer.data?.['anthropic-messages'], {
    usage: { server_tool_use: { web_search_requests: 1 } },
  })
})

for (const [reason, finish] of [
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
  ['pause_turn', 'other'],
  ['compaction', 'other'],
  ['from_the_future', 'other'],
] as const) {
  test(`${reason} is ${finish}, and is written again`, () => {
    const body = JSON.stringify({
      id: 'msg_1',
      model: 'claude',
      content: [{ type: 'text', text: 'a' }],
      stop_reason: reason,
    })
    const answer = anthropicMessages.decodeResponse(body)
    assert.ok(answer.type === 'answer')
    assert.deepEqual([answer.finishReason, answer.rawFinishReason], [finish, reason])
    assert.deepEqual(
      anthropicMessages.decodeResponse(anthropicMessagesServer.encodeResponse(answer, head)),
      answer,
    )
  })
}

const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
const exception = (type: string): Uint8Array =>
  encodeAwsFrame({ ':message-type': 'exception', ':exception-type': type }, '{"message":"no"}')

for (const [name, stream, code] of [
  ['an error in the stream', sse([...everything.slice(0, 8), overloaded]), 'overloaded'],
  ['an error in its place', JSON.stringify(overloaded), 'overloaded'],
  [
    'a prompt that is too long',
    JSON.stringify({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long: 2 > 1' },
    }),
    'context-length',
  ],
  ['an exception of Bedrock', exception('throttlingException'), 'rate-limited'],
  ['an exception that is not known', exception('strangeException'), 'server'],
  ['a page', '<html>Bad Gateway</html>', 'malformed'],
  ['nothing', '', 'truncated'],
  ['data that is no JSON', 'event: message_start\ndata: {oops\n\n', 'malformed'],
  ['no content', '{"id":"m"}', 'malformed'],
] as const) {
  test(`${name} is ${code}`, () => {
    const outcome = outcomeOf(stream)
    assert.equal(outcome.type === 'failure' && outcome.code, code)
  })
}

test('a plain message where a stream was asked for is read', () => {
  const answer = answerOf(
    JSON.stringify({
      id: 'm',
      model: 'c',
      content: [{ type: 'text', text: 'Hi' }, tool('t')],
      stop_reason: 'tool_use',
    }),
  )
  assert.deepEqual(
    answer.message.content.map(({ type }) => type),
    ['text', 'tool-call'],
  )
})

/** A plain answer has tool input as JSON, not as its text. */
function withoutSpaces(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer, (key, value: unknown) =>
      key === 'inputText' ? String(value).replaceAll(' ', '') : value,
    ),
  )
}
