/** Bytes that are no request, or nearly one: whatever comes, nothing of the inside gets out, and the server lives. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import * as fc from 'fast-check'
import { ask, type Place, startPlace } from './place.ts'

let place: Place
before(async () => {
  place = await startPlace()
})
after(async () => place[Symbol.asyncDispose]())

/** All that comes back on a connection that is sent this, then ended. */
function say(bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(place.origin).port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
    socket.end(bytes)
  })
}

async function assertSound(answer: string): Promise<void> {
  assert.doesNotMatch(answer, /^HTTP\/1\.1 5/)
  assert.doesNotMatch(answer, /node:|\.ts\b|at \w+ \(|Internal error/)
  assert.deepEqual(
    place.log.filter(({ level }) => level === 'error'),
    [],
  )
}

const method = fc.constantFrom(
  'GET',
  'POST',
  'HEAD',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'BREW',
)
const path = fc.oneof(
  fc.constantFrom(
    '/',
    '/api/v1/models',
    '/v1/chat/completions',
    '/v1/keys',
    '/v1/generation?id=x',
    '*',
    '/%ff',
    '/v1/model/%00',
  ),
  fc.webPath(),
  fc.string(),
)
const header = fc.oneof(
  fc.constantFrom(
    'host: a',
    'host: a',
    'content-length: 3',
    'content-length: -1',
    'content-length: 99999999999999999999',
    'transfer-encoding: chunked',
    'transfer-encoding: gzip, chunked',
    'expect: 100-continue',
    'expect: 200-ok',
    'connection: upgrade',
    'upgrade: websocket',
    'authorization: Bearer KEY',
    'authorization: Bearer ADMIN',
    'x-api-key: sk-ph-',
    'content-type: application/json',
    '__proto__: 1',
    'set-cookie: a=b',
  ),
  fc.tuple(fc.string(), fc.string()).map(([name, value]) => `${name}: ${value}`),
)
const body = fc.oneof(
  fc.constantFrom('', '{}', 'abc', '3\r\nabc\r\n0\r\n\r\n', 'zz\r\n'),
  fc.string(),
  fc.json(),
)

test('requests that are nearly right are answered or refused, never with an inside', async () => {
  const request = fc
    .tuple(method, path, fc.array(header, { maxLength: 6 }), body, fc.constantFrom('1.1', '1.0', '2.0'))
    .map(([method, path, headers, body, version]) =>
      `${method} ${path} HTTP/${version}\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n${body}`
        .replaceAll('KEY', place.key)
        .replaceAll('ADMIN', place.admin),
    )
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (requests) => {
      await assertSound(await say(Buffer.from(requests.join(''), 'utf8')))
    }),
    { numRuns: 300 },
  )
  assert.equal((await ask(place, '/health', null)).status, 200)
})

test('bytes at random are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      await assertSound(await say(bytes))
    }),
    { numRuns: 150 },
  )
  assert.equal((await ask(place, '/health', null)).status, 200)
})

test('whatever stands where a key should is refused, or no key at all', async () => {
  const latin = fc.string({
    unit: fc.integer({ min: 33, max: 255 }).map((code) => String.fromCodePoint(code)),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        latin,
        latin.map((text) => `sk-ph-${text}`),
        fc.constant(`${place.key}x`),
      ),
      async (text) => {
        const answer = await say(
          Buffer.from(`GET /v1/key HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${text}\r\n\r\n`, 'latin1'),
        )
        assert.match(answer, /^HTTP\/1\.1 40[01] /)
        await assertSound(answer)
      },
    ),
    { numRuns: 150 },
  )
})
