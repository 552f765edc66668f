import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure, WireError } from '@playhead/wire'
import { operations } from '../../src/api/operations.ts'
import { HttpError } from '../../src/http-error.ts'
import { type Store, StoreError } from '../../src/store/store.ts'
import { ask, type Place, startPlace } from './place.ts'

interface ErrorBody {
  readonly type?: string
  readonly error: {
    readonly code?: unknown
    readonly message: string
    readonly type?: string
    readonly status?: string
    readonly metadata?: unknown
    readonly availability?: unknown
  }
}

async function errorOf(response: Response): Promise<ErrorBody> {
  return (await response.json()) as ErrorBody
}

async function placeThatThrows(error: unknown): Promise<Place> {
  return startPlace({
    generate: async () => {
      throw error
    },
  })
}

test('an error is told in the dialect of its path, with what stands beside it', async () => {
  const details = { availability: { code: 'no_endpoints' }, metadata: { limit: '1' } }
  await using place = await placeThatThrows(
    new HttpError(429, 'rate-limited', 'Too much', { details, retryAfter: 1500 }),
  )
  const table: readonly [path: string, words: (body: ErrorBody) => unknown[], expected: unknown[]][] = [
    ['/api/v1/chat/completions', ({ error }) => [error.code], [429]],
    ['/api/v1/responses', ({ error }) => [error.type], ['rate_limit_exceeded']],
    ['/api/v1/messages', ({ type, error }) => [type, error.type], ['error', 'rate_limit_error']],
    ['/v1beta/models/m:generateContent', ({ error }) => [error.status], ['RESOURCE_EXHAUSTED']],
  ]
  for (const [path, words, expected] of table) {
    const response = await ask(place, path, place.key, { method: 'POST', body: '{}' })
    const body = await errorOf(response)
    assert.deepEqual([response.status, response.headers.get('retry-after')], [429, '2'], path)
    assert.deepEqual(words(body), expected, path)
    assert.equal(body.error.message, 'Too much')
    assert.deepEqual(body.error.availability, details.availability)
    assert.equal((body.error.metadata as { limit?: string }).limit, '1')
  }
})

test('what is unexpected is told to the log, and to the client only that it happened', async () => {
  await using place = await placeThatThrows(new Error('select * from secrets at /srv/app/db.ts'))
  const response = await ask(place, '/v1/messages', place.key, {
    method: 'POST',
    body: '{}',
    headers: { 'x-request-id': 'the-one' },
  })
  const text = await response.text()
  assert.equal(response.status, 500)
  assert.equal(response.headers.get('x-request-id'), 'the-one')
  assert.deepEqual(JSON.parse(text), {
    type: 'error',
    error: { type: 'api_error', message: 'Internal error' },
  })
  const [entry] = place.log
  assert.deepEqual([entry?.level, entry?.requestId], ['error', 'the-one'])
  assert.match(String(entry?.['problem']), /select \* from secrets/)
})

test('what a request says wrongly is its own error, and a store that is away is a reason to try again', async () => {
  const table: readonly [error: unknown, status: number, message: RegExp][] = [
    [
      new WireError('unsupported', 'Unknown part "x"', { path: '/messages/3' }),
      400,
      /^\/messages\/3: Unknown part "x"$/,
    ],
    [new StoreError('ECONNREFUSED 10.0.0.7:5432'), 503, /^The ledger cannot be reached; try again$/],
    [failure('server', 'not an Error'), 500, /^Internal error$/],
  ]
  for (const [error, status, message] of table) {
    await using place = await placeThatThrows(error)
    const response = await ask(place, '/v1/chat/completions', place.key, { method: 'POST', body: '{}' })
    assert.equal(response.status, status)
    assert.match((await errorOf(response)).error.message, message)
    assert.equal(response.headers.get('retry-after'), status === 503 ? '1' : null)
  }
})

test('an answer that has begun is broken off: nothing is put behind it', async () => {
  await using place = await startPlace({
    generate: async (_dialect, _incoming, reply) => {
      reply.begin(200, { 'content-type': 'text/event-stream' })
      reply.write(new TextEncoder().encode('data: 1\n\n'))
      throw new Error('a mistake')
    },
  })
  const response = await ask(place, '/v1/chat/completions', place.key, { method: 'POST', body: '{}' })
  assert.equal(response.status, 200)
  await assert.rejects(response.text(), TypeError)
})

test('what is not there is 404, what is not done there 405 with what is', async () => {
  await using place = await startPlace()
  const table: readonly [method: string, path: string, status: number, allow: string | null][] = [
    ['GET', '/api/v1/nothing', 404, null],
    ['GET', '/api/v1', 404, null],
    ['GET', '//health', 404, null],
    ['GET', '/health/', 404, null],
    ['GET', '/constructor', 404, null],
    ['GET', '/api/v1/chat/completions', 405, 'POST'],
    ['DELETE', '/api/v1/models', 405, 'GET, HEAD'],
    ['OPTIONS', '/api/v1/keys', 405, 'GET, POST, HEAD'],
    ['PUT', '/api/v1/keys/abc', 405, 'GET, PATCH, DELETE, HEAD'],
    ['POST', '/v1/models/a/b/endpoints', 405, 'GET, HEAD'],
    ['GET', '/v1/keys/%zz', 400, null],
  ]
  for (const [method, path, status, allow] of table) {
    const response = await ask(place, path, place.admin, { method })
    const { error } = await errorOf(response)
    assert.deepEqual([response.status, response.headers.get('allow')], [status, allow], `${method} ${path}`)
    assert.equal(error.code, status)
  }
})

test('HEAD is GET without a body', async () => {
  await using place = await startPlace()
  const response = await ask(place, '/api/v1/models', place.key, { method: 'HEAD' })
  assert.equal(response.status, 200)
  assert.ok(Number(response.headers.get('content-length')) > 100)
  assert.equal(await response.text(), '')
})

test('a request id of the client is kept where it is one, else there is a new one', async () => {
  await using place = await startPlace()
  const table: readonly [said: string, isKept: boolean][] = [
    ['a-b_c.d:9', true],
    ['x'.repeat(128), true],
    ['x'.repeat(129), false],
    ['a b', false],
    ['a"b', false],
    ['é', false],
  ]
  for (const [said, isKept] of table) {
    const { headers } = await ask(place, '/health', null, { headers: { 'x-request-id': said } })
    const id = headers.get('x-request-id') ?? ''
    assert.equal(id === said, isKept, said)
    if (!isKept) assert.match(id, /^req-[\w-]{20}$/)
  }
})

test('the gateway is ready while its store answers, and says what is missing', async () => {
  await using place = await startPlace()
  assert.deepEqual(await (await ask(place, '/ready', null)).json(), {
    status: 'ok',
    store: 'ok',
    models: 'ok',
  })
  await using cut = await startPlace({
    storeOf: (store): Store => ({ ...store, findKey: () => Promise.reject(new StoreError('away')) }),
  })
  const response = await ask(cut, '/ready', null)
  assert.equal(response.status, 503)
  assert.deepEqual(await response.json(), { status: 'not ready', store: 'unreachable', models: 'ok' })
  assert.equal((await ask(cut, '/health', null)).status, 200)
  assert.equal((await ask(cut, '/v1/key', cut.key)).status, 503)
})

test('the OpenAPI document has every operation, and no other', async () => {
  await using place = await startPlace()
  const document = (await (await ask(place, '/openapi.json', null)).json()) as {
    readonly openapi: string
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>>
  }
  assert.equal(document.openapi, '3.1.0')
  const told = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== 'servers')
      .map((method) => `${method.toUpperCase()} ${path}`),
  )
  const there = operations.map(({ method, pattern }) => `${method} /${pattern}`)
  assert.deepEqual(told.toSorted(), there.toSorted())
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).flatMap(({ operationId }) => operationId ?? []),
  )
  assert.equal(new Set(ids).size, operations.length)
  const asking = JSON.stringify(document.paths['/messages'])
  assert.match(asking, /"x-generation-id"/)
})

test('requests are counted by what they asked for, never by their own text', async () => {
  await using place = await startPlace()
  await ask(place, '/api/v1/models', place.key)
  await ask(place, '/v1/models', 'sk-wrong')
  await ask(place, '/some/thing/else', null)
  const response = await ask(place, '/metrics', null)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  for (const line of [
    'playhead_requests_total{route="models",status="200"} 1',
    'playhead_requests_total{route="models",status="401"} 1',
    'playhead_requests_total{route="unknown",status="404"} 1',
    'playhead_request_seconds_count{route="models"} 2',
  ])
    assert.ok(text.includes(`${line}\n`), line)
  assert.ok(!text.includes('some/thing'))
})

test('a request is answered in process as by a socket', async () => {
  await using place = await startPlace()
  const models = await place.fetch(request('/v1/models', place.key))
  const { data } = (await models.json()) as { data: unknown[] }
  assert.equal(data.length, 3)
  const asked = await place.fetch(request('/v1/chat/completions', place.key, { method: 'POST', body: 'abc' }))
  const { bytes, requestId } = (await asked.json()) as { bytes: number; requestId: string }
  assert.equal(bytes, 3)
  assert.equal(asked.headers.get('x-request-id'), requestId)
  const refused = await place.fetch(request('/v1/keys', place.key))
  assert.equal(refused.status, 403)
})

function request(path: string, key: string, init: RequestInit = {}): Request {
  return new Request(`http://gateway${path}`, { ...init, headers: { authorization: `Bearer ${key}` } })
}
