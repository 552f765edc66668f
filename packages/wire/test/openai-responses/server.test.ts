/** What the server half of `openai-responses` writes, as the official SDKs read it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI, { APIError } from 'openai'
import {
  type Answer,
  type AssistantPart,
  failure,
  openaiResponses,
  type StreamEvent,
} from '../../src/index.ts'
import { arrayOr, isObject, objectOr, type Unread } from '../../src/json.ts'
import { AnswerBuilder } from '../../src/answer-builder.ts'
import { openaiResponsesServer } from '../../src/openai-responses/server.ts'
import { openai } from '../../src/providers.ts'

const head = { id: 'gen-1', model: 'm', created: 1_700_000_000 }

/** An answer of another dialect, and its events. */
function foreign(fill: (builder: AnswerBuilder) => void): readonly StreamEvent[] {
  const builder = new AnswerBuilder()
  builder.id = 'gen-1'
  builder.model = 'm'
  fill(builder)
  if (!builder.isOver) builder.finish(builder.hasCalls ? 'tool-calls' : 'stop')
  return builder.takeEvents()
}

const said = foreign((builder) => {
  builder.addReasoning('Hm')
  builder.addData('reasoning', 'anthropic-messages', { signature: 's' })
  builder.addText('Ad')
  builder.addText('ding')
  builder.addCitation({ url: 'https://a', title: 'A' })
  builder.addCitation({ quote: 'q' })
  builder.addCall('c1', 'add', '{"a": 1}')
  builder.addPart({ type: 'provider-call', id: 'p', name: 's', input: {}, data: { gemini: {} } })
  builder.addText('Then')
  builder.addCall('c2', 'add', '{}')
  builder.usage = { inputTokens: 3, outputTokens: 2, cachedInputTokens: 1, reasoningTokens: 1 }
  builder.cost = '0.00012'
})

function answerOf(events: readonly StreamEvent[]): Answer {
  const last = events.at(-1)
  assert.ok(last?.type === 'finish')
  return last.answer
}

function stream(events: readonly StreamEvent[]): string {
  const encoder = openaiResponsesServer.encodeStream(head)
  return events.map((event) => new TextDecoder().decode(encoder.push(event))).join('')
}

const parsed = (sse: string): Unread[] =>
  sse.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6)) as Unread] : []))

const client = (body: string, type: string, status = 200): OpenAI =>
  new OpenAI({
    apiKey: 'x',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { status, headers: { 'content-type': type } })),
  })

test('the events of an answer, in their order', () => {
  const events = parsed(stream(said))
  assert.deepEqual(
    events.map(({ type, output_index: index }) => {
      const place = typeof index === 'number' ? ` ${index}` : ''
      return `${String(type).slice('response.'.length)}${place}`
    }),
    [
      'created',
      'in_progress',
      'output_item.added 0',
      'reasoning_summary_part.added 0',
      'reasoning_summary_text.delta 0',
      'reasoning_summary_text.done 0',
      'reasoning_summary_part.done 0',
      'output_item.done 0',
      'output_item.added 1',
      'content_part.added 1',
      'output_text.delta 1',
      'output_text.delta 1',
      'output_text.annotation.added 1',
      'output_text.done 1',
      'content_part.done 1',
      'output_item.done 1',
      'output_item.added 2',
      'function_call_arguments.delta 2',
      'output_item.added 3',
      'content_part.added 3',
      'output_text.delta 3',
      'output_text.done 3',
      'content_part.done 3',
      'output_item.done 3',
      'output_item.added 4',
      'function_call_arguments.delta 4',
      'function_call_arguments.done 2',
      'output_item.done 2',
      'function_call_arguments.done 4',
      'output_item.done 4',
      'completed',
    ],
  )
  assert.deepEqual(
    events.map(({ sequence_number }) => sequence_number),
    [...events.keys()],
  )
})

test('an item has one id in all of its events, and the last response has the items', () => {
  const events = parsed(stream(said))
  const output = arrayOr(objectOr(events.at(-1)?.['response'])['output'])
  for (const event of events) {
    const item = output[Number(event['output_index'] ?? 0)]
    const id = event['item_id'] ?? objectOr(event['item'])['id']
    if (isObject(item) && id !== undefined) assert.equal(id, item['id'])
  }
})

test('the SDK reads a plain response', async () => {
  const body = openaiResponsesServer.encodeResponse(answerOf(said), head)
  const response = await client(body, 'application/json').responses.create({ model: 'm', input: '' })
  assert.equal(response.output_text, 'AddingThen')
  assert.deepEqual(
    response.output.map(({ type }) => type),
    ['reasoning', 'message', 'function_call', 'message', 'function_call'],
  )
  assert.equal(response.usage?.total_tokens, 5)
  assert.equal(response.status, 'completed')
})

test('the SDK puts a stream together', async () => {
  const sdk = client(stream(said), 'text/event-stream').responses.stream({ model: 'm', input: '' })
  let words = ''
  sdk.on('response.output_text.delta', ({ delta }) => (words += delta))
  const response = await sdk.finalResponse()
  assert.equal(words, 'AddingThen')
  assert.deepEqual(
    response.output.flatMap((item) =>
      item.type === 'function_call' ? [[item.call_id, item.arguments]] : [],
    ),
    [
      ['c1', '{"a": 1}'],
      ['c2', '{}'],
    ],
  )
})

test('the SDK reads an error', async () => {
  const { status, body } = openaiResponsesServer.encodeError(failure('rate-limited', 'Slow down'))
  await assert.rejects(
    client(body, 'application/json', status).responses.create({ model: 'm', input: '' }),
    (error) => error instanceof APIError && error.status === 429 && error.code === 'rate_limit_exceeded',
  )
})

test('what breaks off ends in a failed response with what had come', () => {
  const events = foreign((builder) => {
    builder.addText('Hi')
    builder.fail(failure('overloaded', 'Busy'))
  })
  const last = parsed(stream(events)).at(-1)
  assert.equal(last?.['type'], 'response.failed')
  const decoder = openaiResponses.decodeStream(openai)
  const end = [...decoder.push(new TextEncoder().encode(stream(events))), ...decoder.end()].at(-1)
  assert.ok(end?.type === 'error')
  assert.deepEqual([end.failure.code, end.failure.message], ['overloaded', 'Busy'])
  assert.equal(end.failure.partial?.content.length, 1)
})

test('an answer of the dialect is the same again, plain and streamed', () => {
  const body = JSON.stringify({
    id: 'gen-1',
    model: 'm',
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    service_tier: 'flex',
    output: [
      { type: 'reasoning', id: 'rs', summary: [], content: [{ type: 'reasoning_text', text: 'Hm' }] },
      { type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'x', status: 'completed' },
      { type: 'web_search_call', id: 'ws', status: 'completed', action: { type: 'search', query: 'q' } },
      {
        type: 'message',
        id: 'msg',
        status: 'incomplete',
        role: 'assistant',
        phase: 'commentary',
        content: [
          {
            type: 'output_text',
            text: 'Hi',
            annotations: [{ type: 'file_path', file_id: 'f', index: 0 }],
            logprobs: [{ token: 'Hi', bytes: [72, 105], logprob: -1, top_logprobs: [] }],
          },
          { type: 'refusal', refusal: 'No' },
        ],
      },
      { type: 'function_call', id: 'fc', call_id: 'c', name: 'add', arguments: ' {}', status: 'completed' },
      { type: 'image_generation_call', id: 'ig', status: 'completed', result: 'aGk=' },
      { type: 'reasoning', id: 'rs', summary: [] },
    ],
  })
  const answer = openaiResponses.decodeResponse(body)
  assert.ok(answer.type === 'answer')
  assert.deepEqual(openaiResponses.decodeResponse(openaiResponsesServer.encodeResponse(answer, head)), answer)
  const decoder = openaiResponses.decodeStream(openai)
  const events = decoder.push(new TextEncoder().encode(stream([{ type: 'finish', answer }])))
  assert.deepEqual(answerOf(events), answer)
  const again = openaiResponses.decodeStream(openai)
  assert.deepEqual(answerOf(again.push(new TextEncoder().encode(stream(events)))), answer)
})

test('what only another dialect can say is left out', () => {
  const content: AssistantPart[] = [
    { type: 'reasoning', text: '', data: { 'anthropic-messages': { redacted: 'x' } } },
    {
      type: 'media',
      mediaType: 'image/png',
      source: { type: 'base64', base64: 'aGk=' },
      data: { gemini: {} },
    },
    { type: 'provider-result', id: 'p', name: 's', output: {}, isError: false },
  ]
  const answer = { ...answerOf(said), message: { role: 'assistant', content } } as const
  const body = JSON.parse(openaiResponsesServer.encodeResponse(answer, head)) as Unread
  assert.deepEqual(body['output'], [])
})
