/** Answers are written as OpenRouter writes them, and what other dialects want back comes back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Answer,
  type AssistantPart,
  failure,
  openaiChat,
  openaiChatDialect,
  openrouter,
  type ProviderData,
  type StreamEvent,
} from '../../src/index.ts'
import { AnswerBuilder } from '../../src/answer-builder.ts'
import { eventsOf, textOfBytes } from '../streams.ts'

const { server } = openaiChatDialect
const head = { id: 'gen-1', model: 'm', created: 5 }

/** Each row: a thought of another dialect, its data, and the details that carry it. */
const thoughts: readonly [name: string, text: string, data: ProviderData, details: readonly object[]][] = [
  [
    'a signed thought (Anthropic)',
    'Hm',
    { 'anthropic-messages': { signature: 's' } },
    [{ type: 'reasoning.text', text: 'Hm', signature: 's', format: 'anthropic-claude-v1', index: 0 }],
  ],
  [
    'a redacted thought (Anthropic)',
    '',
    { 'anthropic-messages': { type: 'redacted_thinking', data: 'x' } },
    [{ type: 'reasoning.encrypted', data: 'x', id: null, format: 'anthropic-claude-v1', index: 0 }],
  ],
  [
    'an encrypted thought with its summary (OpenAI)',
    'Hm',
    {
      'openai-responses': {
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Hm' }],
        encrypted_content: 'x',
      },
    },
    [
      { type: 'reasoning.summary', summary: 'Hm', id: 'rs_1', format: 'openai-responses-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'x', id: 'rs_1', format: 'openai-responses-v1', index: 0 },
    ],
  ],
  [
    'an encrypted thought without a summary (OpenAI)',
    '',
    { 'openai-responses': { id: 'rs_1', summary: [], encrypted_content: 'x' } },
    [{ type: 'reasoning.encrypted', data: 'x', id: 'rs_1', format: 'openai-responses-v1', index: 0 }],
  ],
  [
    'a signature of nothing (Gemini)',
    '',
    { gemini: { thoughtSignature: 'x' } },
    [{ type: 'reasoning.encrypted', data: 'x', id: null, format: 'google-gemini-v1', index: 0 }],
  ],
]

for (const [name, text, data, details] of thoughts) {
  const part: AssistantPart = { type: 'reasoning', text, data }

  test(`${name} goes out as details, plain and streamed, and comes back`, () => {
    const answer = answerOf([part, { type: 'text', text: 'Hi' }])
    const plain = JSON.parse(server.encodeResponse(answer, head)) as Completion
    assert.deepEqual(plain.choices[0].message.reasoning_details, details)
    const [decoded] = eventsOf(streamOf(answer), openrouter).flatMap((event) =>
      event.type === 'finish' ? event.answer.message.content : [],
    )
    assert.deepEqual(decoded?.data, { 'openai-chat': { reasoning_details: details } })

    const request = {
      model: 'm',
      messages: [{ role: 'assistant', content: [decoded] } as never],
      stream: false,
    }
    const again = server.decodeRequest(JSON.parse(openaiChat.encodeRequest(request, openrouter)), '')
    const [back] = again.messages[0]?.content ?? []
    assert.deepEqual(back, {
      type: 'reasoning',
      text,
      data: { 'openai-chat': { reasoning_details: details }, ...data },
    })
  })
}

test("Claude's redacted thought on Bedrock is the one that Anthropic writes", () => {
  const data = { 'bedrock-converse': { redactedContent: btoa('Eq/x+A==') } }
  const plain = JSON.parse(
    server.encodeResponse(answerOf([{ type: 'reasoning', text: '', data }]), head),
  ) as Completion
  const [back] = server.decodeRequest({ messages: [plain.choices[0].message] }, '').messages[0]?.content ?? []
  assert.deepEqual(back?.data?.['anthropic-messages'], { type: 'redacted_thinking', data: 'Eq/x+A==' })
})

test('each signed thought is a part of its own', () => {
  const details = ['a', 'b'].map((text, index) => ({
    type: 'reasoning.text',
    text,
    signature: `${text}!`,
    format: 'anthropic-claude-v1',
    index,
  }))
  const request = server.decodeRequest(
    { messages: [{ role: 'assistant', content: 'x', reasoning_details: details }] },
    '',
  )
  assert.deepEqual(
    request.messages[0]?.content.map((part) => part.data?.['anthropic-messages']),
    [{ signature: 'a!' }, { signature: 'b!' }, undefined],
  )
})

test("Gemini's signature of a call goes out with it, and comes back", () => {
  const call: AssistantPart = {
    type: 'tool-call',
    id: 'a',
    name: 'f',
    input: {},
    inputText: '{}',
    data: { gemini: { thoughtSignature: 'x' } },
  }
  const wire = JSON.parse(server.encodeResponse(answerOf([call]), head)) as Completion
  const { message } = wire.choices[0]
  assert.deepEqual(message.tool_calls?.[0]?.extra_content, { google: { thought_signature: 'x' } })
  const [back] = server.decodeRequest({ messages: [message] }, '').messages[0]?.content ?? []
  assert.deepEqual(back?.data?.['gemini'], { thoughtSignature: 'x' })
})

test("Gemini's signature of a call is also found in the details, by the call's id", () => {
  const message = {
    role: 'assistant',
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    reasoning_details: [
      { type: 'reasoning.encrypted', data: 'x', id: 'a', format: 'google-gemini-v1', index: 0 },
    ],
  }
  const [thought, call] = server.decodeRequest({ messages: [message] }, '').messages[0]?.content ?? []
  assert.deepEqual(call?.data?.['gemini'], { thoughtSignature: 'x' })
  assert.equal(thought?.data?.['gemini'], undefined)
})

test("another dialect's finish reason stands beside the word for it", () => {
  const answer = { ...answerOf([{ type: 'text', text: 'x' }]), rawFinishReason: 'end_turn' }
  const [choice] = (JSON.parse(server.encodeResponse(answer, head)) as Completion).choices
  assert.deepEqual([choice.finish_reason, choice.native_finish_reason], ['stop', 'end_turn'])
})

test('a stream: the role, the deltas, the end, what was used, [DONE]', () => {
  const answer = answerOf([
    { type: 'reasoning', text: 'Hm' },
    { type: 'text', text: 'Hi' },
    { type: 'tool-call', id: 'a', name: 'f', input: {}, inputText: '{}' },
  ])
  const lines = streamOf(answer).map(textOfBytes).join('').trim().split('\n\n')
  assert.equal(lines.pop(), 'data: [DONE]')
  const chunks = lines.map((line) => JSON.parse(line.slice(6)) as Chunk)
  assert.deepEqual(
    chunks.map(({ choices: [{ delta, finish_reason }] }) => [delta, finish_reason]),
    [
      [{ role: 'assistant', content: '' }, null],
      [{ reasoning: 'Hm' }, null],
      [{ content: 'Hi' }, null],
      [
        { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
        null,
      ],
      [{ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }, null],
      [{}, 'stop'],
      [{ role: 'assistant', content: '' }, 'stop'],
    ],
  )
  for (const { id, object, created, model } of chunks)
    assert.deepEqual([id, object, created, model], ['gen-1', 'chat.completion.chunk', 5, 'm'])
  assert.deepEqual(chunks.at(-1)?.usage, {
    prompt_tokens: 7,
    completion_tokens: 2,
    total_tokens: 9,
    cost: 0.1,
    prompt_tokens_details: { cached_tokens: 3 },
    completion_tokens_details: { reasoning_tokens: 1 },
  })
})

test('an error in a stream is its last chunk', () => {
  const encoder = server.encodeStream(head)
  encoder.push({ type: 'text', text: 'Hi' })
  const cause = failure('rate-limited', 'Busy', { provider: 'GMICloud', raw: 'x' })
  assert.deepEqual(JSON.parse(textOfBytes(encoder.push({ type: 'error', failure: cause })).slice(6)), {
    id: 'gen-1',
    object: 'chat.completion.chunk',
    created: 5,
    model: 'm',
    provider: 'GMICloud',
    error: {
      code: 429,
      message: 'Busy',
      metadata: { error_type: 'rate_limit_exceeded', provider_name: 'GMICloud', raw: 'x' },
    },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
  })
  assert.equal(encoder.push({ type: 'text', text: 'more' }).length, 0)
})

test('an error before anything was answered', () => {
  const { status, headers, body } = server.encodeError(failure('overloaded', 'Busy', { retryAfter: 1500 }))
  assert.deepEqual([status, headers['retry-after']], [503, '2'])
  assert.deepEqual(JSON.parse(body), {
    error: { code: 503, message: 'Busy', metadata: { error_type: 'provider_overloaded' } },
  })
})

interface Completion {
  readonly choices: readonly [
    {
      readonly finish_reason: unknown
      readonly native_finish_reason: unknown
      readonly message: {
        readonly reasoning_details?: unknown
        readonly tool_calls?: readonly { readonly extra_content?: unknown }[]
      }
    },
  ]
}

interface Chunk {
  readonly id: unknown
  readonly object: unknown
  readonly created: unknown
  readonly model: unknown
  readonly usage?: unknown
  readonly choices: readonly [{ readonly delta: unknown; readonly finish_reason: unknown }]
}

function answerOf(content: readonly AssistantPart[]): Answer {
  return {
    type: 'answer',
    id: 'x',
    model: 'y',
    provider: null,
    message: { role: 'assistant', content },
    finishReason: 'stop',
    rawFinishReason: 'stop',
    usage: { inputTokens: 7, outputTokens: 2, cachedInputTokens: 3, reasoningTokens: 1 },
    cost: '0.1',
  }
}

function streamOf(answer: Answer): Uint8Array[] {
  const builder = new AnswerBuilder()
  Object.assign(builder, { rawFinishReason: 'stop', usage: answer.usage, cost: answer.cost })
  for (const part of answer.message.content) {
    if (part.type === 'text') builder.addText(part.text)
    else if (part.type === 'tool-call') builder.addCall(part.id, part.name, part.inputText, part.data)
    else if (part.type === 'reasoning') {
      builder.addReasoning(part.text)
      for (const [dialect, fields] of Object.entries(part.data ?? {}))
        builder.addData('reasoning', dialect, fields)
    }
  }
  builder.finish('stop')
  const encoder = server.encodeStream(head)
  return builder.takeEvents().map((event: StreamEvent) => encoder.push(event))
}
