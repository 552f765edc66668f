/** An error inside a stream whose status was 200 is the last event, with its code and its words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { custom, decodeExchange, openaiChat, openrouter, type Failure } from '../src/index.ts'
import { bytesOf, chunk, cut, eventsOf, eventsOfText, sse } from './streams.ts'

type Expected = Partial<Omit<Failure, 'type'>>

const hi = sse(chunk({ content: 'Hi' }))
const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
const rateLimited = {
  error: {
    code: 429,
    message: 'Provider returned error',
    metadata: { provider_name: 'GMICloud', raw: 'busy' },
  },
}

/** Each row: what a server does, its stream, and the failure. */
const table: readonly [name: string, stream: string, failure: Expected][] = [
  [
    'an error before anything else',
    sse({ error: { message: 'Oh', code: 500 } }),
    { code: 'server', message: 'Oh', retryable: true },
  ],
  [
    'an error with an empty list of choices (OpenRouter)',
    hi + sse({ id: 'gen-1', choices: [], error: { code: 502, message: 'Upstream' } }),
    { code: 'server', message: 'Upstream' },
  ],
  [
    'an error with choices (OpenRouter)',
    hi +
      sse({
        ...chunk({ content: '' }, 'error'),
        provider: 'Chutes',
        error: { code: 'server_error', message: 'Gone' },
      }),
    { code: 'server', message: 'Gone', provider: 'Chutes' },
  ],
  [
    'an error in the choice',
    hi +
      sse({
        choices: [{ index: 0, delta: {}, finish_reason: 'error', error: { code: 503, message: 'Busy' } }],
      }),
    { code: 'overloaded', message: 'Busy' },
  ],
  [
    'an error in one of two choices that both claim to be the first',
    hi +
      sse({
        choices: [
          { delta: {}, error: { code: 503, message: 'Busy' } },
          { delta: { content: 'Hi' }, error: { message: 'again' } },
        ],
      }),
    { code: 'overloaded', message: 'Busy' },
  ],
  [
    'the number 429 with the upstream in it (OpenRouter)',
    sse(rateLimited),
    { code: 'rate-limited', provider: 'GMICloud', raw: 'busy', retryable: true },
  ],
  ['the number 502', sse({ error: { code: 502, message: 'x' } }), { code: 'server', retryable: true }],
  [
    'the number 400',
    sse({ error: { code: 400, message: 'x' } }),
    { code: 'invalid-request', retryable: false },
  ],
  ['a number in quotes', sse({ error: { code: '429', message: 'x' } }), { code: 'rate-limited' }],
  [
    'a number that is no status',
    sse({ error: { code: 40_301, message: 'x' } }),
    { code: 'unknown', message: 'x' },
  ],
  ['an error in one word', sse({ error: 'Busy' }), { code: 'unknown', message: 'Busy' }],
  ['an error with nothing in it', sse({ error: {} }), { code: 'unknown', message: 'The provider failed' }],
  [
    'a named event (Groq)',
    `${hi}event: error\n${sse({ error: { message: 'Bad tool', type: 'invalid_request_error', code: 'tool_use_failed' } })}`,
    { code: 'invalid-request', message: 'Bad tool', retryable: false },
  ],
  [
    "a named event, Anthropic's way",
    `event: error\n${sse(overloaded)}`,
    { code: 'overloaded', message: 'Overloaded', retryable: true },
  ],
  [
    "an error by its type alone, Anthropic's way",
    sse(overloaded),
    { code: 'overloaded', message: 'Overloaded' },
  ],
  [
    'a named event whose data is the error itself',
    `event: error\n${sse({ message: 'Oh', code: 503 })}`,
    { code: 'overloaded', message: 'Oh' },
  ],
  [
    'a named event whose data is text',
    `event: error\ndata: Out of memory\n\n`,
    { code: 'unknown', message: 'Out of memory' },
  ],
  [
    'a named event whose data is text, cut off',
    `event: error\ndata: Out of memory`,
    { message: 'Out of memory' },
  ],
  ['a named event without data is a stream that broke off', `${hi}event: error\n\n`, { code: 'truncated' }],
  [
    'an error as a field of its own (gpustack)',
    `${hi}error: ${JSON.stringify({ code: 500, message: 'Oh' })}\n\n`,
    { code: 'server', message: 'Oh' },
  ],
  [
    'an error as a field of its own, under `error`',
    `${hi}error: ${JSON.stringify({ error: { code: 503, message: 'Oh' } })}\n\n`,
    { code: 'overloaded', message: 'Oh' },
  ],
  ['an error as a field of its own, in words', `error: the engine died\n\n`, { message: 'the engine died' }],
  [
    'an error object without `error` (vLLM)',
    hi + sse({ object: 'error', message: 'Too long', type: 'BadRequestError', code: 400 }),
    { code: 'invalid-request', message: 'Too long' },
  ],
  [
    'bare JSON after events (Gemini, vercel/ai#5217)',
    `${hi}${JSON.stringify({ error: { code: 503, message: 'Busy' } })}`,
    { code: 'overloaded', message: 'Busy' },
  ],
  [
    'bare JSON after events, over many lines',
    `${hi}${JSON.stringify([{ error: { code: 503, message: 'Busy' } }], null, 2)}\n`,
    { code: 'overloaded', message: 'Busy' },
  ],
  [
    'bare JSON right after a line of data',
    `${hi.trimEnd()}\n${JSON.stringify({ error: { code: 503, message: 'Busy' } })}`,
    { code: 'overloaded' },
  ],
  [
    'bare JSON instead of a stream',
    JSON.stringify(rateLimited),
    { code: 'rate-limited', provider: 'GMICloud', raw: 'busy' },
  ],
  [
    'bare JSON instead of a stream, without `error`',
    JSON.stringify({ message: 'No such model', code: 404 }),
    { code: 'not-found', message: 'No such model' },
  ],
  ['bare JSON that is no answer', '{"ok":true}', { code: 'malformed', retryable: true }],
  [
    'a page instead of a stream',
    '<!doctype html>\n<html>\n<p>data: soon</p>\n</html>\n',
    { code: 'malformed', message: 'The answer is not a stream of events: "<!doctype html>"' },
  ],
  [
    'a chunk that is broken in the middle of the stream',
    `${hi}data: {"choices":[{"del\n\n${hi}`,
    { code: 'malformed', retryable: true },
  ],
  ['data that is text', `${hi}data: soon\n\n`, { code: 'malformed' }],
  ['data that is a number', `${hi}data: 4\n\n`, { code: 'malformed' }],
  [
    'the context is full after many events (llama.cpp)',
    hi.repeat(50) +
      sse({
        error: { code: 400, type: 'exceed_context_size_error', message: 'Context size has been exceeded' },
      }),
    { code: 'context-length', retryable: false },
  ],
]

for (const [name, stream, expected] of table) {
  test(name, () => {
    for (const provider of [openrouter, custom]) {
      // What follows an error never counts.
      for (const rest of ['', sse(chunk({}, 'stop'), '[DONE]')]) {
        const isOver = stream.endsWith('\n\n') && expected.code !== 'truncated'
        const events = eventsOfText(isOver ? stream + rest : stream, provider)
        const last = events.find(({ type }) => type === 'error')
        assert.equal(last, events.at(-1))
        assert.ok(last?.type === 'error', JSON.stringify(last))
        assert.deepEqual({ ...last.failure, ...expected }, last.failure)
      }
    }
  })
}

test('an error keeps the usage and the cost that came before it or with it', () => {
  const usage = { prompt_tokens: 5, completion_tokens: 1, cost: 0.25 }
  for (const stream of [
    sse({ choices: [], usage }, { error: 'x' }),
    sse({ error: 'x', usage }),
    JSON.stringify({ error: 'x', usage }),
  ]) {
    const last = eventsOfText(stream).at(-1)
    assert.ok(last?.type === 'error')
    assert.equal(last.failure.usage?.inputTokens, 5)
    assert.equal(last.failure.cost, '0.25')
  }
})

test('a plain answer to a request for a stream is decoded as what it is', () => {
  const response = {
    url: 'https://openrouter.ai/api/v1/chat/completions',
    status: 200,
    headers: new Headers(),
  }
  const failure = decodeExchange(
    openaiChat,
    { ...response, body: bytesOf(JSON.stringify(rateLimited)) },
    true,
  )
  assert.ok(failure.type === 'failure')
  assert.equal(failure.code, 'rate-limited')
  const headers = new Headers({ 'content-type': 'Text/Event-Stream; charset=utf-8' })
  const answer = decodeExchange(
    openaiChat,
    { ...response, headers, body: bytesOf(hi + sse(chunk({}, 'stop'), '[DONE]')) },
    false,
  )
  assert.equal(answer.type, 'answer')
})

test('a line without end stops the stream, after the events before it, however it is cut', () => {
  const line = new Uint8Array(65 * 1024 * 1024).fill(0x78)
  for (const start of [`${hi}data: `, `${hi}: `, `${hi}data: x\ndata:`, `${hi}{`]) {
    const body = Buffer.concat([bytesOf(start), line, bytesOf('\n\ndata: [DONE]\n\n')])
    for (const places of [[], [10, 1000, 40_000_000, 66_000_000]]) {
      const events = eventsOf(cut(body, places))
      assert.deepEqual(
        events.map(({ type }) => type),
        ['text', 'error'],
      )
      const last = events.at(-1)
      assert.equal(last?.type === 'error' && last.failure.code, 'malformed')
    }
  }
})

test('a line without end is not waited for', () => {
  const decoder = openaiChat.decodeStream(openrouter)
  const megabyte = new Uint8Array(1024 * 1024).fill(0x78)
  const places = Array.from({ length: 70 }, (_, index) => [index, decoder.push(megabyte)] as const)
  const ends = places.filter(([, events]) => events.length > 0).map(([index]) => index)
  assert.deepEqual(ends, [64])
})

test('a line of 10 MB in small chunks is one event', () => {
  const long = 'x'.repeat(10_000_000)
  const body = bytesOf(sse(chunk({ content: long }), chunk({}, 'stop'), '[DONE]'))
  const events = eventsOf(
    cut(
      body,
      Array.from({ length: 10_000 }, (_, index) => index * 1000),
    ),
  )
  assert.ok(events[0]?.type === 'text' && events[0].text === long)
  assert.equal(events.at(-1)?.type, 'finish')
})
