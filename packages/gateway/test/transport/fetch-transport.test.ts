/** Any fetch as a transport: the platform's, a recorder's, a test's. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { TapeError } from '@playhead/tape'
import { fetchTransport } from '../../src/transport/fetch-transport.ts'
import { TransportError } from '../../src/transport/transport.ts'
import {
  answer,
  codeOf,
  endingOf,
  exchange,
  nodeServer,
  onRequest,
  rawServer,
  receiver,
  requestTo,
  until,
} from './exchanges.ts'

test('a fetch is handed the request, and its answer is told; a redirect is one', async () => {
  const seen: unknown[] = []
  const transport = fetchTransport(async (input, { method, headers, body, redirect } = {}) => {
    seen.push([input, method, headers, body, redirect])
    return new Response('over there', {
      status: 302,
      headers: [
        ['location', '/x'],
        ['set-cookie', 'a'],
        ['set-cookie', 'b'],
      ],
    })
  })
  const told = await exchange(transport, requestTo('http://api.example.com/v1'))
  assert.deepEqual(seen, [
    ['http://api.example.com/v1', 'POST', { 'content-type': 'application/json' }, '{}', 'manual'],
  ])
  assert.equal(told.head?.status, 302)
  assert.deepEqual(
    told.head?.headers.filter(([name]) => name !== 'content-type'),
    [
      ['location', '/x'],
      ['set-cookie', 'a'],
      ['set-cookie', 'b'],
    ],
  )
  assert.deepEqual([endingOf(told), told.body], ['end', 'over there'])
})

test('an answer without a body ends at once', async () => {
  const told = await exchange(
    fetchTransport(async () => new Response(null, { status: 204 })),
    requestTo('http://a/'),
  )
  assert.deepEqual([endingOf(told), told.body, told.head?.status], ['end', '', 204])
})

test('a coding that the platform undid is not told', async (t) => {
  const url = await nodeServer(t, (_request, response) =>
    response.setHeader('content-encoding', 'gzip').end(gzipSync('hello')),
  )
  const { body, head } = await exchange(fetchTransport(fetch), requestTo(url))
  assert.equal(body, 'hello')
  assert.equal(
    head?.headers.some(([name]) => name === 'content-encoding'),
    false,
  )
})

const file = 'a.yaml'
const failures: readonly (readonly [name: string, error: unknown, ending: RegExp])[] = [
  [
    'a miss of a tape',
    new TapeError('miss', 'nothing was recorded', { file }),
    /^miss: nothing was recorded$/,
  ],
  ['a recording that ends early', new TapeError('cut', 'it ends', { file }), /^reset: it ends$/],
  [
    'a failure of another transport',
    new TransportError('head-timeout', 'too late'),
    /^head-timeout: too late$/,
  ],
  [
    'the same as a cause',
    new TypeError('fetch failed', { cause: new TransportError('connect', 'no') }),
    /^connect: no$/,
  ],
  [
    'a host that is not known',
    new TypeError('fetch failed', { cause: Object.assign(new Error('not found'), { code: 'ENOTFOUND' }) }),
    /^connect: api\.example\.com: not found$/,
  ],
  [
    'anything else',
    new TypeError('fetch failed', { cause: new Error('other side closed') }),
    /^reset: api\.example\.com: other side closed$/,
  ],
  ['no error', 'gone', /^reset: api\.example\.com: gone$/],
]
for (const [name, error, ending] of failures) {
  test(`a fetch that fails is a failure: ${name}`, async () => {
    const transport = fetchTransport(() => Promise.reject(error))
    assert.match(
      endingOf(await exchange(transport, requestTo('http://api.example.com/v1?key=secret'))),
      ending,
    )
  })
}

test('nobody listening, a broken answer and no answer are told apart', async (t) => {
  const transport = fetchTransport(fetch)
  const gone = createServer()
  const port = await new Promise<number>((resolve) => {
    gone.listen(0, '127.0.0.1', () => resolve((gone.address() as AddressInfo).port))
  })
  await new Promise((resolve) => gone.close(resolve))
  assert.equal(codeOf(await exchange(transport, requestTo(`http://127.0.0.1:${port}/`))), 'connect')
  const cutting = await rawServer(t, (socket) =>
    onRequest(socket, () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi')),
  )
  const cut = await exchange(transport, requestTo(cutting.url))
  assert.deepEqual([codeOf(cut), cut.body], ['reset', 'hi'])
  const silent = await rawServer(t, (socket) => socket.resume())
  const late = await exchange(transport, requestTo(silent.url, { connectTimeout: 15, headTimeout: 15 }))
  assert.match(endingOf(late), /^head-timeout: 127\.0\.0\.1:\d+ sent no head within 0\.03 s$/)
  await until(() => silent.sockets.size === 0)
})

test('a request that is given up is told nothing more, and lets its connection go', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi')),
  )
  const said: string[] = []
  const sending = fetchTransport(fetch).send(requestTo(server.url), {
    head: () => said.push('head'),
    data: () => {
      said.push('data')
      sending.abort()
    },
    end: () => said.push('end'),
    fail: () => said.push('fail'),
  })
  await until(() => said.includes('data') && server.sockets.size === 0)
  await new Promise(setImmediate)
  assert.deepEqual(said, ['head', 'data'])
})

test('a paused receiver is given nothing until it goes on', async () => {
  let pulled = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1
      controller.enqueue(Buffer.from('x'))
      if (pulled === 100) controller.close()
    },
  })
  let [received, isOver] = [0, false]
  const sending = fetchTransport(async () => new Response(body)).send(
    requestTo('http://a/'),
    receiver({
      data(chunk) {
        received += chunk.length
        if (received === 1) sending.pause()
      },
      end: () => void (isOver = true),
    }),
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(received, 1)
  assert.ok(pulled < 5)
  sending.resume()
  await until(() => isOver)
  assert.equal(received, 100)
})

test('an answer of a server comes as from the network', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, (request) => socket.write(answer(request.slice(-4)))),
  )
  const told = await exchange(fetchTransport(fetch), requestTo(server.url, { body: Buffer.from('abcd') }))
  assert.equal(told.body, 'abcd')
})
