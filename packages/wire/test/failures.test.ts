/** Every way in which a provider refuses becomes one failure: its code, its words, when to come back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Failure, isRetryable, openaiChat } from '../src/index.ts'
import { seeds } from './recordings.ts'
import { textOfBytes } from './streams.ts'

type Expected = Partial<Omit<Failure, 'type'>>

const error = (fields: object): string => JSON.stringify({ error: fields })

const largeForGroq = 'Request too large for model `a` on tokens per minute (TPM): Limit 6000, Requested 9000'

/** Each row: what happened, the status, the body, and the failure. */
const table: readonly [name: string, status: number, body: string, failure: Expected][] = [
  [
    'a bad request',
    400,
    error({ message: 'No', type: 'invalid_request_error', code: null }),
    { code: 'invalid-request', message: 'No', retryable: false },
  ],
  [
    'a prompt that is too long',
    400,
    error({ message: 'No', type: 'invalid_request_error', code: 'context_length_exceeded' }),
    { code: 'context-length', retryable: false },
  ],
  [
    'a prompt that is too long (llama.cpp)',
    400,
    error({ code: 400, message: 'No', type: 'exceed_context_size_error' }),
    { code: 'context-length' },
  ],
  [
    'a prompt that is filtered (Azure)',
    400,
    error({ message: 'No', code: 'content_filter', status: 400 }),
    { code: 'content-filter', retryable: false },
  ],
  ['a wrong key', 401, error({ message: 'No', code: 'invalid_api_key' }), { code: 'auth', retryable: false }],
  ['no credit (OpenRouter)', 402, error({ message: 'No', code: 402 }), { code: 'payment', retryable: false }],
  [
    'no quota (OpenAI), which waiting does not cure',
    429,
    error({ message: 'No', type: 'insufficient_quota', code: 'insufficient_quota' }),
    { code: 'payment', retryable: false },
  ],
  ['no permission', 403, error({ message: 'No' }), { code: 'permission', retryable: false }],
  [
    'no such model',
    404,
    error({ message: 'No', code: 'model_not_found' }),
    { code: 'not-found', retryable: false },
  ],
  ['flagged (OpenRouter)', 403, error({ metadata: { flagged_input: 'a' } }), { code: 'content-filter' }],
  ['too large for any minute (Groq)', 429, error({ message: largeForGroq }), { code: 'too-large' }],
  ['a timeout', 408, error({ message: 'No' }), { code: 'timeout', retryable: true }],
  ['a conflict', 409, '', { code: 'server', retryable: true }],
  [
    'a request that is too large',
    413,
    '<html><head><title>413</title></head></html>',
    { code: 'too-large', message: '413', retryable: false },
  ],
  [
    'what cannot be processed (FastAPI)',
    422,
    JSON.stringify({ detail: 'No' }),
    { code: 'invalid-request', message: 'No' },
  ],
  [
    'what cannot be processed, as a list with places (FastAPI)',
    422,
    JSON.stringify({ detail: [{ loc: ['body', 'messages', 0], msg: 'Field required', input: {} }] }),
    {
      code: 'invalid-request',
      message: 'Field required',
      raw: '{"detail":[{"loc":["body","messages",0],"msg":"Field required","input":{}}]}',
    },
  ],
  [
    'the same in a message (Mistral)',
    422,
    JSON.stringify({ object: 'error', message: { detail: [{ loc: ['body'], msg: 'No' }] } }),
    { code: 'invalid-request', message: 'No' },
  ],
  [
    'a list of errors (Cloudflare)',
    403,
    JSON.stringify({ success: false, result: null, errors: [{ code: 10000, message: 'No' }], messages: [] }),
    { code: 'permission', message: 'No' },
  ],
  [
    'a list of sentences',
    400,
    JSON.stringify({ errors: ['No'] }),
    { code: 'invalid-request', message: 'No' },
  ],
  ...[
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
    'the request exceeds the available context size, try increasing it',
    'prompt is too long: 250000 tokens > 200000 maximum',
    'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
    'Trying to keep the first 9000 tokens, but the model is loaded with context length of only 4096 tokens',
    'Context size has been exceeded.',
    'too many tokens: total number of tokens in the prompt cannot exceed 4081',
    'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).',
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
  ].map((message): [string, number, string, Expected] => [
    `a prompt that is too long, said in words: ${message}`,
    400,
    error({ message, type: 'invalid_request_error' }),
    { code: 'context-length', message, retryable: false },
  ]),
  ...[
    'Your credit balance is too low to access the Anthropic API.',
    'Insufficient credits. Add more to continue.',
    'insufficient funds',
    'Please check your billing details',
  ].map((message): [string, number, string, Expected] => [
    `no credit, said in words: ${message}`,
    400,
    error({ message, type: 'invalid_request_error' }),
    { code: 'payment', message, retryable: false },
  ]),
  ['words that are no JSON', 400, 'maximum context length is 4096', { code: 'context-length' }],
  [
    'words about something that has a code of its own',
    429,
    error({ message: 'Too many tokens, please wait before trying again.' }),
    { code: 'rate-limited', retryable: true },
  ],
  [
    'too many requests',
    429,
    error({ message: 'No', type: 'requests', code: 'rate_limit_exceeded' }),
    { code: 'rate-limited', retryable: true },
  ],
  [
    'a broken server',
    500,
    error({ message: 'No', type: 'server_error' }),
    { code: 'server', retryable: true },
  ],
  ['a broken upstream', 502, error({ message: 'No', code: 502 }), { code: 'server', retryable: true }],
  ['an overloaded server', 503, error({ message: 'No' }), { code: 'overloaded', retryable: true }],
  ['a slow upstream', 504, '', { code: 'timeout', retryable: true }],
  [
    'an overloaded server (Anthropic)',
    529,
    error({ type: 'overloaded_error', message: 'No' }),
    { code: 'overloaded', retryable: true },
  ],
  [
    'a slow upstream (Cloudflare)',
    524,
    'error code: 524',
    { code: 'timeout', message: 'error code: 524', retryable: true },
  ],
  [
    'a 4xx from the future',
    418,
    '',
    { code: 'invalid-request', message: 'HTTP status 418', retryable: false },
  ],
  ['a 5xx from the future', 599, '', { code: 'server', message: 'HTTP status 599', retryable: true }],
  [
    'a number in the body, which says more than the status around it',
    400,
    error({ code: 429, message: 'No' }),
    { code: 'rate-limited', status: 400, retryable: true },
  ],
  [
    'a word in the body, which says more than the number beside it',
    500,
    error({ code: 500, type: 'rate_limit_error', message: 'No' }),
    { code: 'rate-limited' },
  ],
  [
    "OpenRouter's own word",
    502,
    error({ code: 502, message: 'No', metadata: { error_type: 'provider_unavailable' } }),
    { code: 'overloaded' },
  ],
  [
    "an upstream's words as text",
    502,
    error({ message: 'No', metadata: { provider_name: 'Chutes', raw: 'boom' } }),
    { provider: 'Chutes', raw: 'boom' },
  ],
  [
    "an upstream's words as JSON",
    502,
    error({ message: 'No', metadata: { raw: { a: 1 } } }),
    { provider: null, raw: '{"a":1}' },
  ],
  [
    'a list with one error (Gemini)',
    400,
    JSON.stringify([{ error: { code: 400, message: 'No', status: 'INVALID_ARGUMENT' } }]),
    { code: 'invalid-request', message: 'No' },
  ],
  ['an error in one word', 503, JSON.stringify({ error: 'Busy' }), { code: 'overloaded', message: 'Busy' }],
  [
    'only a message',
    404,
    JSON.stringify({ message: 'No', statusCode: 404 }),
    { code: 'not-found', message: 'No' },
  ],
  [
    'an object of something else',
    500,
    '{"ok":false}',
    { code: 'server', message: 'The provider failed', raw: '{"ok":false}' },
  ],
  ['an empty list', 500, '[]', { code: 'server', message: 'The provider failed' }],
  ['JSON that is no object', 500, '"boom"', { code: 'server', message: '"boom"' }],
  ['JSON that is cut off', 502, '{"error":{"mess', { code: 'server', message: '{"error":{"mess' }],
  ['nothing', 500, '', { code: 'server', message: 'HTTP status 500' }],
  ['only space', 502, ' \r\n ', { code: 'server', message: 'HTTP status 502' }],
  [
    'a page',
    502,
    '<!DOCTYPE html>\n<html><head><style>\nh1 { color: red }\n</style></head><body><h1>502</h1><p>Bad   gateway</p></body></html>',
    { code: 'server', message: '502 Bad gateway' },
  ],
  [
    'a page without words',
    503,
    '<html><body></body></html>',
    { code: 'overloaded', message: 'HTTP status 503' },
  ],
  ['a long text, of which the start is enough', 500, 'x'.repeat(5000), { message: 'x'.repeat(200) }],
]

for (const [name, status, body, expected] of table) {
  test(`${status}: ${name}`, () => {
    const failure = openaiChat.decodeError(status, new Headers(), body)
    assert.deepEqual({ ...failure, status, ...expected }, failure)
    assert.equal(failure.retryable, isRetryable(failure.code))
  })
}

/** Each row: the headers, and the milliseconds to wait. */
const waits: readonly [headers: Readonly<Record<string, string>>, wait: number | null][] = [
  [{}, null],
  [{ 'retry-after': '3' }, 3000],
  [{ 'Retry-After': ' 0 ' }, 0],
  [{ 'retry-after': '1.1' }, 1100],
  [{ 'retry-after-ms': '1500' }, 1500],
  [{ 'retry-after-ms': '1500', 'retry-after': '99' }, 1500],
  [{ 'retry-after-ms': 'soon', 'retry-after': '2' }, 2000],
  [{ 'retry-after-ms': '', 'retry-after': '2' }, 2000],
  [{ 'retry-after-ms': '-5' }, null],
  [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:10 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 10_000],
  [{ 'retry-after': 'Wed, 21 Oct 2026 07:27:00 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 0],
  [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:10 GMT' }, null],
  [{ 'retry-after': 'soon', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, null],
  [{ 'retry-after': '-5', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, null],
  [{ 'retry-after': '' }, null],
  [{ 'retry-after': 'Infinity' }, null],
  [{ 'retry-after': '9'.repeat(400) }, null],
  [{ 'retry-after-ms': 'Infinity' }, null],
  [{ 'retry-after-ms': '1e400' }, null],
]

for (const [headers, wait] of waits) {
  test(`${JSON.stringify(headers).slice(0, 120)} asks to wait ${wait}`, () => {
    assert.equal(openaiChat.decodeError(429, new Headers(headers), '').retryAfter, wait)
  })
}

test("the seeds' refusal says who refused and why", () => {
  const refused = seeds.find(({ response }) => response.status === 429)
  assert.ok(refused)
  const { status, headers, body } = refused.response
  const failure = openaiChat.decodeError(status, headers, textOfBytes(body))
  assert.equal(failure.code, 'rate-limited')
  assert.equal(failure.retryable, true)
  assert.equal(failure.provider, 'GMICloud')
  assert.match(failure.raw ?? '', /./)
})

test('an error that is nested without end, or in all places, is read in no time', () => {
  const deep = `${'{"errors":['.repeat(20_000)}"x"${']}'.repeat(20_000)}`
  const wide = JSON.stringify({ errors: Array.from({ length: 100_000 }, () => ({ detail: [] })) })
  for (const body of [deep, wide]) {
    const failure = openaiChat.decodeError(400, new Headers(), body)
    assert.deepEqual([failure.code, failure.message], ['invalid-request', 'The provider failed'])
    assert.ok((failure.raw ?? '').length <= 200)
  }
})

test('what only looks like a page is read in no time', () => {
  for (const part of ['<', '<style', '<style></', '< ', ' ']) {
    const failure = openaiChat.decodeError(500, new Headers(), part.repeat(2_000_000))
    assert.equal(failure.code, 'server')
  }
})

/** Each row: a body that came with status 200, and the failure. */
const inside: readonly [name: string, body: string, failure: Expected][] = [
  ['nothing', '', { code: 'malformed', retryable: true, message: 'The answer is not JSON: it is empty' }],
  ['a page', '<html></html>', { code: 'malformed', retryable: true }],
  ['JSON that is cut off', '{"choices":[{"mess', { code: 'malformed' }],
  ['no choices', '{"choices":[]}', { code: 'malformed' }],
  ['a number', '5', { code: 'malformed' }],
  ['a choice that says nothing', '{"choices":[{}]}', { code: 'truncated', retryable: true }],
  [
    'no content and no finish reason',
    '{"choices":[{"message":{"content":""},"finish_reason":null}],"usage":{"prompt_tokens":3,"cost":0.1}}',
    { code: 'truncated', cost: '0.1' },
  ],
  ['an error', error({ code: 429, message: 'No' }), { code: 'rate-limited' }],
  [
    'an error beside choices',
    JSON.stringify({
      error: { code: 502, message: 'No' },
      choices: [{ message: { content: 'Hi' } }],
      usage: { prompt_tokens: 3 },
    }),
    { code: 'server' },
  ],
  [
    'an error in the choice',
    JSON.stringify({ choices: [{ message: { content: 'Hi' }, error: { code: 502, message: 'No' } }] }),
    { code: 'server', message: 'No' },
  ],
  [
    'a finish reason that is an error',
    JSON.stringify({ choices: [{ message: { content: 'Hi' }, finish_reason: 'error' }] }),
    { code: 'server', retryable: true },
  ],
]

for (const [name, body, expected] of inside) {
  test(`200: ${name}`, () => {
    const failure = openaiChat.decodeResponse(body)
    assert.ok(failure.type === 'failure')
    assert.deepEqual({ ...failure, ...expected }, failure)
  })
}
