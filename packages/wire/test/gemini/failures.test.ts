/** Why there is no answer of Gemini's: HTTP errors, errors in streams, streams that end too early. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { geminiDialect } from '../../src/gemini/dialect.ts'
import { type Answer, failure, type Failure, google } from '../../src/index.ts'

const { client, server } = geminiDialect

type Chunk = Record<string, unknown>

function chunk(parts: readonly unknown[], finishReason?: string): Chunk {
  return { candidates: [{ content: { parts, role: 'model' }, finishReason, index: 0 }] }
}

const events = (chunks: readonly Chunk[]): string =>
  chunks.map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join('')

function outcomeOf(wire: string, size = Infinity): Answer | Failure {
  const bytes = new TextEncoder().encode(wire)
  const decoder = client.decodeStream(google)
  const all = []
  for (let start = 0; start < bytes.length; start += size) {
    all.push(...decoder.push(bytes.subarray(start, start + size)))
  }
  const last = [...all, ...decoder.end()].at(-1)
  assert.ok(last?.type === 'finish' || last?.type === 'error')
  return last.type === 'finish' ? last.answer : last.failure
}

const error = (code: number, status: string, details: unknown[] = []): unknown => ({
  error: { code, message: 'no', status, details },
})

const failures: readonly [name: string, wire: string, code: string][] = [
  ['no finish reason', events([chunk([{ text: 'a' }])]), 'truncated'],
  ['an array that was cut off', '[{"candidates":[{"finishReason":"STOP"}]}', 'truncated'],
  ['an empty array', '[]', 'truncated'],
  ['a blocked prompt', events([{ promptFeedback: { blockReason: 'SAFETY' } }]), 'content-filter'],
  [
    'an error as an event',
    events([chunk([{ text: 'a' }]), error(503, 'UNAVAILABLE') as Chunk]),
    'overloaded',
  ],
  [
    'a bare error behind events',
    events([chunk([{ text: 'a' }])]) + JSON.stringify(error(503, 'UNAVAILABLE'), null, 2),
    'overloaded',
  ],
  ['an error in an array', JSON.stringify([error(429, 'RESOURCE_EXHAUSTED')]), 'rate-limited'],
  ['a call that the model bungled', events([chunk([], 'MALFORMED_FUNCTION_CALL')]), 'server'],
  ['a page', '<html>', 'malformed'],
]

for (const [name, wire, code] of failures) {
  test(`${name} is a failure`, () => {
    const failed = outcomeOf(wire)
    assert.equal(failed.type === 'failure' && failed.code, code)
    assert.deepEqual(outcomeOf(wire, 1), failed)
  })
}

for (const [body, code] of [
  [{ message: 'hi' }, 'malformed'],
  [{ usageMetadata: { promptTokenCount: 9 } }, 'truncated'],
] as const) {
  test(`a plain answer with nothing in it but ${Object.keys(body).join()} is ${code}`, () => {
    const read = client.decodeResponse(JSON.stringify(body))
    assert.equal(read.type === 'failure' && read.code, code)
  })
}

test('an error behind a delta is written as an event, or as an item of the array', () => {
  for (const [url, wanted] of [
    ['https://x/v1beta/models/m:streamGenerateContent?alt=sse', /\r\n\r\ndata: \{"error":\{.*\}\}\r\n\r\n$/s],
    ['https://x/v1beta/models/m:streamGenerateContent', /,\r\n\{"error":\{.*\}\}\]$/s],
  ] as const) {
    const encoder = server.encodeStream({ id: 'x', model: 'm', created: 5, url })
    const text = encoder.push({ type: 'text', text: 'Hi' })
    const last = encoder.push({ type: 'error', failure: failure('overloaded', 'Busy') })
    const written = new TextDecoder().decode(Uint8Array.of(...text, ...last))
    assert.match(written, wanted)
    const failed = outcomeOf(written)
    assert.ok(failed.type === 'failure')
    assert.deepEqual([failed.code, failed.partial?.content.length], ['overloaded', 1])
  }
})

test('an error says when to come back, and whose fault it is', () => {
  const none = { get: () => null }
  const retry = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' }]
  const limited = client.decodeError(429, none, JSON.stringify([error(429, 'RESOURCE_EXHAUSTED', retry)]))
  assert.deepEqual([limited.code, limited.retryAfter], ['rate-limited', 34_500])
  const key = client.decodeError(
    400,
    none,
    JSON.stringify(error(400, 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }])),
  )
  assert.equal(key.code, 'auth')
  const unpaid = client.decodeError(
    403,
    none,
    JSON.stringify(error(403, 'PERMISSION_DENIED', [null, { reason: 'BILLING_DISABLED' }])),
  )
  assert.equal(unpaid.code, 'payment')
  const written = server.encodeError(failure('rate-limited', 'slow down', { retryAfter: 1500 }))
  const again = client.decodeError(written.status, none, written.body)
  assert.deepEqual([again.code, again.retryAfter, again.message], ['rate-limited', 1500, 'slow down'])
})

for (const code of [
  'payment',
  'auth',
  'permission',
  'not-found',
  'overloaded',
  'timeout',
  'server',
  'too-large',
] as const) {
  test(`${code} is still ${code} when it was passed on`, () => {
    const { status, body } = server.encodeError(failure(code, 'no'))
    assert.equal(client.decodeError(status, { get: () => null }, body).code, code)
  })
}
