import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Operation } from '../../src/api/operation.ts'
import { operations } from '../../src/api/operations.ts'
import { ask, type Place, startPlace } from './place.ts'

/** What each policy says to whom: a status, or that the caller is let in. */
const table: Readonly<Record<Operation['who'], Readonly<Record<string, number | 'in'>>>> = {
  anyone: {
    'no key': 'in',
    'a wrong key': 'in',
    'a malformed key': 'in',
    'a key': 'in',
    'an admin key': 'in',
  },
  local: { 'no key': 401, 'a wrong key': 401, 'a malformed key': 401, 'a key': 403, 'an admin key': 'in' },
  key: { 'no key': 401, 'a wrong key': 401, 'a malformed key': 401, 'a key': 'in', 'an admin key': 'in' },
  asker: { 'no key': 401, 'a wrong key': 401, 'a malformed key': 401, 'a key': 'in', 'an admin key': 403 },
  admin: { 'no key': 401, 'a wrong key': 401, 'a malformed key': 401, 'a key': 403, 'an admin key': 'in' },
}

suite('every operation lets in whom its policy says, and nobody else', () => {
  let place: Place
  before(async () => {
    place = await startPlace({ host: '0.0.0.0' })
  })
  after(async () => place[Symbol.asyncDispose]())

  for (const operation of operations) {
    for (const prefix of operation.prefixes) {
      const path = `${prefix}/${operation.pattern}`
        .replace('{model}', 'acme/small')
        .replace('{hash}', 'abcdefghijkl')
      for (const [who, expected] of Object.entries(table[operation.who])) {
        test(`${operation.method} ${path} with ${who}`, async () => {
          const keys: Readonly<Record<string, string | null>> = {
            'no key': null,
            'a wrong key': `${place.key.slice(0, -4)}AAAA`,
            'a malformed key': 'sk-other-0123456789',
            'a key': place.key,
            'an admin key': place.admin,
          }
          const { method } = operation
          const body = method === 'POST' || method === 'PATCH' ? '{}' : undefined
          const response = await ask(place, path, keys[who] ?? null, { method, body })
          const text = await response.text()
          if (expected === 'in') assert.ok(response.status !== 401 && response.status !== 403, text)
          else {
            assert.equal(response.status, expected, text)
            assert.match(text, /"message":"[^"]/)
          }
          assert.match(response.headers.get('x-request-id') ?? '', /^req-[\w-]{20}$/)
        })
      }
    }
  }
})

test('what needs no key, and what needs an admin, is on these lists and nowhere else', () => {
  assert.deepEqual(those('anyone'), ['GET ', 'GET health', 'GET ready', 'GET openapi.json'])
  assert.deepEqual(those('local'), ['GET metrics'])
  assert.deepEqual(those('admin'), [
    'GET keys',
    'POST keys',
    'GET keys/{hash}',
    'PATCH keys/{hash}',
    'DELETE keys/{hash}',
  ])
  // What asks models is paid for by a key, whatever its dialect.
  const asking = operations.filter(({ type }) => type !== 'data')
  assert.ok(asking.every(({ who }) => who === 'asker'))
})

test('a key is taken from where each kind of client puts it', async () => {
  await using place = await startPlace()
  const chat = '/api/v1/chat/completions'
  const gemini = '/v1beta/models/acme/small:generateContent'
  const table: readonly [path: string, headers: Record<string, string>, status: number][] = [
    [chat, { authorization: `bearer  ${place.key}` }, 200],
    [chat, { 'x-api-key': place.key }, 200],
    [gemini, { 'x-goog-api-key': place.key }, 200],
    [`${gemini}?key=${place.key}`, {}, 200],
    // Elsewhere a key in a URL is no key.
    [`${chat}?key=${place.key}`, {}, 401],
    [chat, { authorization: place.key }, 401],
    [chat, { authorization: `Basic ${place.key}` }, 401],
    [chat, { authorization: `Bearer ${place.key} ` }, 200],
    [chat, { authorization: `Bearer ${place.key},${place.key}` }, 401],
  ]
  for (const [path, headers, status] of table) {
    const response = await ask(place, path, null, { method: 'POST', body: '{}', headers })
    assert.equal(response.status, status, `${path} ${JSON.stringify(headers)}`)
  }
})

test('metrics are open on this machine only, and not through a proxy on it', async () => {
  await using place = await startPlace()
  assert.equal((await ask(place, '/metrics', null)).status, 200)
  const forwarded = await ask(place, '/metrics', null, { headers: { 'x-forwarded-for': '203.0.113.9' } })
  assert.equal(forwarded.status, 401)
})

test('with a listener of its own, what only admins may is nowhere else', async () => {
  await using open = await startPlace({ serves: 'public' })
  assert.equal((await ask(open, '/api/v1/keys', open.admin)).status, 404)
  assert.equal((await ask(open, '/metrics', open.admin)).status, 404)
  assert.equal((await ask(open, '/api/v1/key', open.key)).status, 200)
  await using own = await startPlace({ serves: 'admin' })
  assert.equal((await ask(own, '/api/v1/keys', own.admin)).status, 200)
  assert.equal((await ask(own, '/health', null)).status, 200)
  const asked = await ask(own, '/api/v1/chat/completions', own.key, { method: 'POST', body: '{}' })
  assert.equal(asked.status, 404)
})

test('a body is not read before its sender is known', async () => {
  let reads = 0
  await using place = await startPlace({
    generate: async (_dialect, incoming, reply) => {
      reads += 1
      await incoming.readBody(1000)
      reply.send(200, {}, '{}')
    },
  })
  const response = await ask(place, '/v1/messages', 'sk-ph-none', {
    method: 'POST',
    body: 'x'.repeat(100_000),
  })
  assert.equal(response.status, 401)
  const { type, error } = (await response.json()) as { type: string; error: { type: string } }
  assert.deepEqual([type, error.type], ['error', 'authentication_error'])
  assert.equal(reads, 0)
})

function those(who: Operation['who']): readonly string[] {
  return operations
    .filter((operation) => operation.who === who)
    .map(({ method, pattern }) => `${method} ${pattern}`)
}
