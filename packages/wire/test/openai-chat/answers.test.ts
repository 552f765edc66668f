/** What answers have beside text and calls is read, and written again, plain and streamed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, openaiChat, openaiChatDialect, openrouter, type StreamEvent } from '../../src/index.ts'
import { chunk, eventsOf, eventsOfText, sse } from '../streams.ts'

const { server } = openaiChatDialect
const own = (fields: object): object => ({ 'openai-chat': fields })

/** Each row: a message's fields, or a delta's, and the parts of the answer. */
const table: readonly [name: string, message: object, content: readonly object[]][] = [
  [
    'an image (OpenRouter)',
    { content: 'Here', images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
    [
      { type: 'text', text: 'Here' },
      { type: 'media', mediaType: 'image/png', source: { type: 'base64', base64: 'AAAA' } },
    ],
  ],
  [
    'a sound (OpenAI)',
    { content: null, audio: { id: 'audio_1', data: 'AAAA', transcript: 'Hi', expires_at: 5 } },
    [
      {
        type: 'media',
        mediaType: 'audio/*',
        source: { type: 'base64', base64: 'AAAA' },
        data: own({ id: 'audio_1', expires_at: 5, transcript: 'Hi' }),
      },
    ],
  ],
  [
    'sources, with a place and without',
    {
      content: 'Hi',
      annotations: [
        {
          type: 'url_citation',
          url_citation: { url: 'u', title: 't', content: 'q', start_index: 0, end_index: 2 },
        },
        { type: 'url_citation', url_citation: { url: 'v', title: '', start_index: 0, end_index: 0 } },
      ],
    },
    [
      {
        type: 'text',
        text: 'Hi',
        citations: [{ url: 'u', title: 't', quote: 'q', start: 0, end: 2 }, { url: 'v' }],
      },
    ],
  ],
  [
    'reasoning as a part of the content (Databricks)',
    {
      content: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] },
        { type: 'text', text: 'Hi' },
      ],
    },
    [
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hi' },
    ],
  ],
  [
    'a tool that the provider ran (Groq)',
    {
      executed_tools: [{ index: 0, type: 'search', arguments: '{"q":1}', output: 'x', search_results: {} }],
      content: 'Hi',
    },
    [
      {
        type: 'provider-call',
        id: '0',
        name: 'search',
        input: { q: 1 },
        data: own({ index: 0, type: 'search', arguments: '{"q":1}', search_results: {} }),
      },
      {
        type: 'provider-result',
        id: '0',
        name: 'search',
        output: 'x',
        isError: false,
        data: own({ index: 0, type: 'search', arguments: '{"q":1}', output: 'x', search_results: {} }),
      },
      { type: 'text', text: 'Hi' },
    ],
  ],
  [
    'a function, as tools once were',
    { function_call: { name: 'f', arguments: '{"a":1}' } },
    [{ type: 'tool-call', id: 'call_0', name: 'f', input: { a: 1 }, inputText: '{"a":1}' }],
  ],
]

for (const [name, message, content] of table) {
  test(`${name}, in a plain answer`, () => {
    const answer = openaiChat.decodeResponse(
      JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] }),
    )
    assert.ok(answer.type === 'answer')
    assert.deepEqual(answer.message.content, content)
    assert.deepEqual(openaiChat.decodeResponse(server.encodeResponse(answer, head)), answer)
  })

  test(`${name}, in a stream`, () => {
    const events = eventsOfText(sse(chunk(message), chunk({}, 'stop'), '[DONE]'), openrouter)
    assert.deepEqual(answerOf(events).message.content, content)
    assert.deepEqual(answerOf(rewritten(events)).message.content, content)
  })
}

test('a tool that the provider ran says what it was asked before what it found', () => {
  const asked = { index: 0, type: 'search', arguments: '{}' }
  const events = eventsOfText(
    sse(
      chunk({ executed_tools: [asked] }),
      chunk({ executed_tools: [{ ...asked, output: 'x' }] }),
      chunk({}, 'stop'),
      '[DONE]',
    ),
  )
  assert.deepEqual(
    events.map((event) => (event.type === 'part' ? event.part.type : event.type)),
    ['provider-call', 'provider-result', 'finish'],
  )
  assert.deepEqual(answerOf(rewritten(events)), { ...answerOf(events), id: 'gen-1', model: 'm' })
})

test('sources that are repeated in every chunk count once (Perplexity)', () => {
  const sources = { search_results: [{ title: 't', url: 'u', date: 'd' }], citations: ['u'] }
  const events = eventsOfText(
    sse(
      { ...chunk({ content: 'H' }), ...sources },
      { ...chunk({ content: 'i' }, 'stop'), ...sources },
      '[DONE]',
    ),
  )
  assert.deepEqual(answerOf(events).message.content, [
    { type: 'text', text: 'Hi', citations: [{ url: 'u', title: 't' }] },
  ])
})

test('logprobs of all chunks', () => {
  const events = eventsOfText(sse(one('a'), one('b'), chunk({}, 'stop'), '[DONE]'))
  const { logprobs } = answerOf(events)
  assert.deepEqual(
    logprobs,
    ['a', 'b'].map((token) => ({ token, logprob: -1, top: [{ token: 'x', logprob: -2 }] })),
  )
  assert.deepEqual(answerOf(rewritten(events)).logprobs, logprobs)
})

test('tokens that were written to a cache, and what only the dialect says', () => {
  const usage = {
    prompt_tokens: 9,
    completion_tokens: 2,
    prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 4 },
  }
  const choice = { message: { content: 'Hi' }, finish_reason: 'stop', native_finish_reason: 'end_turn' }
  const answer = openaiChat.decodeResponse(
    JSON.stringify({ choices: [choice], usage, service_tier: 'flex', system_fingerprint: 'fp' }),
  )
  assert.ok(answer.type === 'answer')
  assert.deepEqual([answer.usage?.cachedInputTokens, answer.usage?.cacheWriteTokens], [3, 4])
  assert.equal(answer.rawFinishReason, 'stop')
  assert.deepEqual(
    answer.data,
    own({ service_tier: 'flex', system_fingerprint: 'fp', native_finish_reason: 'end_turn' }),
  )
})

test('reasoning that comes behind text is one with that before it, as a message has it', () => {
  const events = eventsOfText(
    sse(
      chunk({ reasoning: 'Hm', ...detail({ text: 'Hm' }) }),
      chunk({ content: 'Hi' }),
      chunk({ reasoning: null, ...detail({ signature: 's' }) }),
      chunk({}, 'stop'),
      '[DONE]',
    ),
  )
  const { content } = answerOf(events).message
  assert.deepEqual(content, [
    {
      type: 'reasoning',
      text: 'Hm',
      data: own({
        reasoning_details: [
          { type: 'reasoning.text', index: 0, format: 'anthropic-claude-v1', text: 'Hm', signature: 's' },
        ],
      }),
    },
    { type: 'text', text: 'Hi' },
  ])
  assert.deepEqual(answerOf(rewritten(events)).message.content, content)
})

test('a sound in pieces is one, and a null says nothing of it', () => {
  const pieces = [
    { id: 'audio_1', transcript: 'H' },
    { id: 'audio_1', data: 'AA', expires_at: 5 },
    { data: 'BB', transcript: 'i', expires_at: null },
  ]
  const said = pieces.map((audio) => chunk({ audio }))
  assert.deepEqual(answerOf(eventsOfText(sse(...said, chunk({}, 'stop'), '[DONE]'))).message.content, [
    {
      type: 'media',
      mediaType: 'audio/*',
      source: { type: 'base64', base64: 'AABB' },
      data: own({ id: 'audio_1', transcript: 'Hi', expires_at: 5 }),
    },
  ])
})

const head = { id: '', model: '', created: 5 }

const one = (token: string): object => ({
  ...chunk({ content: token }),
  choices: [
    {
      delta: { content: token },
      logprobs: { content: [{ token, logprob: -1, top_logprobs: [{ token: 'x', logprob: -2 }] }] },
    },
  ],
})

const detail = (fields: object): object => ({
  reasoning_details: [{ type: 'reasoning.text', index: 0, format: 'anthropic-claude-v1', ...fields }],
})

function rewritten(events: readonly StreamEvent[]): StreamEvent[] {
  const encoder = server.encodeStream({ id: 'gen-1', model: 'm', created: 5 })
  return eventsOf(
    events.map((event) => encoder.push(event)),
    openrouter,
  )
}

function answerOf(events: readonly StreamEvent[]): Answer {
  const last = events.at(-1)
  assert.ok(last?.type === 'finish', JSON.stringify(last))
  return last.answer
}
