/** Answers of `openai-responses`: what they say, why they ended, why they failed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { response, text, message, call, thought, plain, streamed, answered, failed, usage } from './shapes.ts'

test('an answer has its parts in order, its usage and its cost', () => {
  const answer = answered(plain(response({ output: [thought, message(text('Hi')), call] })))
  assert.deepEqual(
    answer.message.content.map((part) => [part.type, 'text' in part && part.text]),
    [
      ['reasoning', 'One\n\nTwo'],
      ['text', 'Hi'],
      ['tool-call', false],
    ],
  )
  assert.equal(answer.finishReason, 'tool-calls')
  assert.equal(answer.rawFinishReason, 'completed')
  assert.equal(answer.cost, '0.00012')
  assert.deepEqual(answer.usage, {
    inputTokens: 9,
    outputTokens: 5,
    cachedInputTokens: 4,
    cacheWriteTokens: 2,
    reasoningTokens: 3,
  })
})

test('a cost in parts has its sum (Perplexity)', () => {
  const cost = { currency: 'USD', input_cost: 0.001, total_cost: 0.01 }
  assert.equal(answered(plain(response({ output: [], usage: { ...usage, cost } }))).cost, '0.01')
})

test('what was written to the cache has a name of its own (Perplexity)', () => {
  const input_tokens_details = { cached_tokens: 3, cache_creation_input_tokens: 4 }
  const answer = answered(plain(response({ output: [], usage: { ...usage, input_tokens_details } })))
  assert.equal(answer.usage?.cacheWriteTokens, 4)
})

const reasons: readonly [finishReason: string, raw: string | null, fields: object][] = [
  ['stop', 'completed', {}],
  [
    'length',
    'max_output_tokens',
    { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  ],
  [
    'content-filter',
    'content_filter',
    { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
  ],
  ['other', 'steered', { status: 'incomplete', incomplete_details: { reason: 'steered' } }],
  ['other', 'incomplete', { status: 'incomplete', incomplete_details: null }],
  ['other', 'paused', { status: 'paused' }],
]
for (const [finishReason, raw, fields] of reasons) {
  test(`the finish reason ${finishReason} for ${raw}`, () => {
    const { finishReason: found, rawFinishReason } = answered(plain(response({ output: [], ...fields })))
    assert.deepEqual([found, rawFinishReason], [finishReason, raw])
  })
}

const failures: readonly [code: string, body: unknown][] = [
  ['rate-limited', response({ status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow' } })],
  ['invalid-request', response({ status: 'failed', error: { code: 'invalid_prompt', message: 'No' } })],
  ['invalid-request', response({ status: 'failed', error: { code: 'image_too_small', message: 'No' } })],
  ['content-filter', response({ status: 'failed', error: { code: 'cyber_policy', message: 'No' } })],
  ['server', response({ status: 'failed', error: null, output: [] })],
  ['unknown', response({ status: 'queued', output: [] })],
  ['unknown', response({ status: 'cancelled', output: [] })],
  ['auth', { error: { code: 'invalid_api_key', message: 'No' } }],
  ['malformed', { id: 'x' }],
  ['malformed', 5],
]
for (const [code, body] of failures) {
  test(`a failure: ${code} of ${JSON.stringify(body).slice(0, 150)}`, () => {
    assert.equal(failed(plain(body)).code, code)
    if (code === 'malformed') return
    assert.equal(failed(streamed({ type: 'response.failed', response: body })).code, code)
  })
}

test('a web search is a call of the provider, its pages are citations', () => {
  const search = {
    type: 'web_search_call',
    id: 'ws',
    status: 'completed',
    action: { type: 'search', query: 'q' },
  }
  const cited = { type: 'url_citation', start_index: 0, end_index: 2, title: 'T', url: 'u' }
  const file = { type: 'file_citation', file_id: 'f', filename: 'a.pdf', index: 1 }
  const words = message(text('Hi', { annotations: [cited, file] }))
  const [first, second] = answered(plain(response({ output: [search, words] }))).message.content
  assert.ok(first?.type === 'provider-call' && second?.type === 'text')
  assert.deepEqual([first.id, first.name, first.input], ['ws', 'web_search', search.action])
  assert.deepEqual(second.citations, [
    { url: 'u', title: 'T', start: 0, end: 2 },
    { title: 'a.pdf', data: { 'openai-responses': file } },
  ])
})

test('an image that the model made is media, a refusal is text, an empty text is nothing', () => {
  const image = {
    type: 'image_generation_call',
    id: 'ig',
    status: 'completed',
    result: 'aGk=',
    output_format: 'webp',
  }
  const refusal = message({ type: 'refusal', refusal: 'No' }, text(''))
  const [first, second, ...rest] = answered(plain(response({ output: [image, refusal] }))).message.content
  assert.ok(first?.type === 'media' && second?.type === 'text')
  assert.deepEqual([first.mediaType, first.source], ['image/webp', { type: 'base64', base64: 'aGk=' }])
  assert.deepEqual([second.text, rest], ['No', []])
})

test('items from the future are kept, logprobs are read', () => {
  const one = { token: 'H', bytes: [72], logprob: -0.5, top_logprobs: [{ token: 'h', logprob: -1 }] }
  const output = [{ type: 'dream', id: 'd', of: 'sheep' }, message(text('H', { logprobs: [one] }))]
  const { logprobs, message: said } = answered(plain(response({ output })))
  assert.deepEqual(logprobs, [{ token: 'H', logprob: -0.5, top: [{ token: 'h', logprob: -1 }] }])
  assert.equal(said.content[0]?.type, 'provider-result')
})

test('what the provider did is kept whole, and a tool that is not known yet has its input all the same', () => {
  const search = { type: 'x_search_call', id: 'x', arguments: '{"query":"q"}' }
  const [part] = answered(plain(response({ output: [search] }))).message.content
  const data = { 'openai-responses': search }
  assert.deepEqual(part, { type: 'provider-call', id: 'x', name: 'x_search', input: search.arguments, data })
})

test('reasoning that is only a name is reasoning without words', () => {
  const named = { type: 'reasoning', id: 'rs', summary: [] }
  const [part] = answered(plain(response({ output: [named] }))).message.content
  const data = { 'openai-responses': { id: 'rs', summary: [] } }
  assert.deepEqual(part, { type: 'reasoning', text: '', data })
})
