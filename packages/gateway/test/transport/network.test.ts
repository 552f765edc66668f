/** What the network's transport sends, and how it understands servers of Node. */
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { OutgoingRequest } from '../../src/transport/transport.ts'
import { endingOf, exchange, nodeServer, rawServer, requestTo, transportFor } from './exchanges.ts'

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const bodies: readonly (readonly [
  name: string,
  body: OutgoingRequest['body'],
  length: string | undefined,
])[] = [
  ['a text', '{"a":"ü€😀"}', '17'],
  ['bytes', Buffer.from('{"a":"ü"}'), '10'],
  ['no bytes', '', '0'],
  ['none', null, '0'],
  ['a large text', JSON.stringify('ü'.repeat(400_000)), '800002'],
  ['many bytes', Buffer.alloc(1_000_000, 'x'), '1000000'],
]
for (const [name, body, length] of bodies) {
  test(`a server reads what is sent: ${name}`, async (t) => {
    const url = await nodeServer(t, (request, response) => {
      const { method, url, headers } = request
      void bodyOf(request).then((body) => response.end(JSON.stringify({ method, url, headers, body })))
    })
    const headers = {
      authorization: 'Bearer k',
      'x-title': 'Ünï',
      host: 'other',
      'content-length': '1',
      te: 'x',
    }
    const told = await exchange(
      transportFor(t),
      requestTo(`${url}/v1/a%20b?key=1&x=ü#part`, { headers, body }),
    )
    assert.deepEqual(JSON.parse(Buffer.from(told.body, 'latin1').toString()), {
      method: 'POST',
      url: '/v1/a%20b?key=1&x=%C3%BC',
      headers: {
        host: url.slice('http://'.length),
        authorization: 'Bearer k',
        'x-title': 'Ünï',
        'accept-encoding': 'identity',
        'content-length': length,
      },
      body: body === null ? '' : Buffer.from(body).toString(),
    })
  })
}

test('a GET has no body and no length', async (t) => {
  const url = await nodeServer(t, (request, response) =>
    response.end(JSON.stringify([request.method, request.headers])),
  )
  const told = await exchange(transportFor(t), requestTo(url, { method: 'GET', body: null, headers: {} }))
  const host = url.slice('http://'.length)
  assert.deepEqual(JSON.parse(told.body), ['GET', { host, 'accept-encoding': 'identity' }])
})

const unsendable: readonly (readonly [name: string, changes: Partial<OutgoingRequest>])[] = [
  ['a line break in a header', { headers: { 'x-a': 'b\r\nx-c: d' } }],
  ['a lone line feed in a header', { headers: { 'x-a': 'b\nx-c: d' } }],
  ['a zero byte in a header', { headers: { 'x-a': 'b\0' } }],
  ['letters that no header can have', { headers: { 'x-a': '€' } }],
  ['a line break in a header’s name', { headers: { 'x-a: b\r\nx-c': 'd' } }],
  ['a header without a name', { headers: { '': 'd' } }],
  ['a line break in the URL', { url: 'http://127.0.0.1:1/a\r\nx-c: d' }],
  ['a tab in the URL', { url: 'http://127.0.0.1:1/a\tb' }],
  ['a space in the URL', { url: 'http://127.0.0.1:1/a HTTP/1.1' }],
  ['no URL', { url: '/v1/chat/completions' }],
  ['another protocol', { url: 'ftp://127.0.0.1/secret-path' }],
  ['a file', { url: 'file:///etc/passwd' }],
  ['a user in the URL', { url: 'http://user:secret-path@127.0.0.1:1/' }],
]
for (const [name, changes] of unsendable) {
  test(`nothing is sent with ${name}`, async (t) => {
    const server = await rawServer(t, () => {})
    const url = changes.url ?? server.url
    const told = await exchange(
      transportFor(t),
      requestTo(
        url.replace(':1/', `:${server.port}/`),
        changes.headers === undefined ? {} : { headers: changes.headers },
      ),
    )
    assert.match(endingOf(told), /^(malformed|connect): /)
    assert.doesNotMatch(endingOf(told), /secret-path/)
    assert.equal(server.connections, 0)
  })
}

const manners: readonly (readonly [
  name: string,
  listener: (response: ServerResponse) => void,
  body: string,
])[] = [
  ['at once', (response) => response.end('hello'), 'hello'],
  [
    'in chunks',
    (response) => {
      response.write('hel')
      setTimeout(() => response.end('lo'), 5)
    },
    'hello',
  ],
  ['with a length', (response) => response.setHeader('content-length', 5).end('hello'), 'hello'],
  ['with nothing', (response) => response.writeHead(204).end(), ''],
  [
    'after a hint',
    (response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.end('hello')
    },
    'hello',
  ],
  [
    'with trailers',
    (response) => {
      response.setHeader('trailer', 'x-sum')
      response.write('hello')
      response.addTrailers({ 'x-sum': '1' })
      response.end()
    },
    'hello',
  ],
  ['with a megabyte', (response) => response.end('x'.repeat(2 ** 20)), 'x'.repeat(2 ** 20)],
  [
    'with a redirect',
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('over there'),
    'over there',
  ],
]
for (const [name, listener, body] of manners) {
  test(`a server of Node that answers ${name} is understood, twice on one connection`, async (t) => {
    const ports = new Set<number | undefined>()
    const url = await nodeServer(t, (request, response) => {
      ports.add(request.socket.remotePort)
      listener(response)
    })
    const transport = transportFor(t)
    for (const round of [1, 2]) {
      const told = await exchange(transport, requestTo(url))
      assert.deepEqual([endingOf(told), told.body], ['end', body], `round ${round}`)
    }
    assert.equal(ports.size, 1)
  })
}
