/** The network's transport by TLS: whom it trusts, and whom it says it talks to. */
import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { type TestContext, test } from 'node:test'
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls'
import { networkTransport } from '../../src/transport/network.ts'
import { selfSigned } from './certificate.ts'
import { answer, codeOf, endingOf, exchange, listen, onRequest, rawServer, requestTo } from './exchanges.ts'

const host = 'api.example.com'
const ours = selfSigned(host)

async function secureServer(
  t: TestContext,
  onSocket: (socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<string> {
  const sockets = new Set<TLSSocket>()
  const server = createServer({ ...ours, ...options }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  const port = await listen(t, server, () => {
    for (const socket of sockets) socket.destroy()
  })
  return `https://${host}:${port}/v1`
}

const addresses: readonly LookupAddress[] = [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
]
const lookup = (_host: string, done: (error: null, found: readonly LookupAddress[]) => void): void =>
  done(null, addresses)

const trusting = { allowsPrivate: true, ca: ours.cert, lookup }

test('a server that is trusted is asked by its name, on one connection', async (t) => {
  let connections = 0
  const url = await secureServer(
    t,
    (socket) => {
      connections += 1
      onRequest(socket, () =>
        socket.write(answer(`${String(socket.servername)} ${String(socket.alpnProtocol)}`)),
      )
    },
    { ALPNProtocols: ['h2', 'http/1.1'] },
  )
  const transport = networkTransport(trusting)
  t.after(() => transport.close())
  for (let round = 0; round < 3; round += 1) {
    const told = await exchange(transport, requestTo(url))
    assert.deepEqual([endingOf(told), told.body], ['end', `${host} http/1.1`])
  }
  assert.equal(connections, 1)
})

test('the next connection goes on with the session of the one before', async (t) => {
  const reused: boolean[] = []
  const url = await secureServer(t, (socket) => {
    reused.push(socket.isSessionReused())
    onRequest(socket, () => socket.write(answer('hi', 'connection: close\r\n')))
  })
  const transport = networkTransport({ ...trusting, lookup: (_host, done) => done(null, addresses.slice(1)) })
  for (let round = 0; round < 2; round += 1)
    assert.equal((await exchange(transport, requestTo(url))).body, 'hi')
  assert.deepEqual(reused, [false, true])
})

test('a megabyte comes whole, and a large request arrives', async (t) => {
  const url = await secureServer(t, (socket) =>
    onRequest(socket, (request) =>
      socket.write(answer(`${request.length > 2 ** 20} ${'x'.repeat(2 ** 20)}`)),
    ),
  )
  const transport = networkTransport(trusting)
  t.after(() => transport.close())
  const told = await exchange(transport, requestTo(url, { body: 'y'.repeat(2 ** 20) }))
  assert.equal(told.body, `true ${'x'.repeat(2 ** 20)}`)
})

test('an answer that breaks off is a reset', async (t) => {
  for (const close of ['end', 'destroy'] as const) {
    const url = await secureServer(t, (socket) =>
      onRequest(socket, () =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi', () => socket[close]()),
      ),
    )
    const told = await exchange(networkTransport(trusting), requestTo(url))
    assert.deepEqual([codeOf(told), told.body], ['reset', 'hi'])
  }
})

const refused: readonly (readonly [
  name: string,
  server: TlsOptions,
  options: { readonly ca?: string },
  message: RegExp,
])[] = [
  ['nobody vouches for', {}, {}, /its certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/],
  ['another vouches for', selfSigned(host), trusting, /certificate/],
  [
    'has a certificate for another host',
    selfSigned('evil.example.com'),
    { ca: '' },
    /its certificate is for another host/,
  ],
  ['only speaks an old TLS', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, trusting, /TLS/i],
]
for (const [name, options, { ca }, message] of refused) {
  test(`a server that ${name} is not told anything`, async (t) => {
    let requests = 0
    const url = await secureServer(t, (socket) => onRequest(socket, () => (requests += 1)), options)
    const trusted = ca === '' ? String(options.cert) : ca
    const transport = networkTransport({
      allowsPrivate: true,
      lookup,
      ...(trusted !== undefined && { ca: trusted }),
    })
    const told = await exchange(transport, requestTo(`${url}?key=secret`))
    assert.equal(codeOf(told), 'connect')
    assert.match(endingOf(told), message)
    assert.doesNotMatch(endingOf(told), /secret/)
    assert.equal(requests, 0)
  })
}

test('a server that speaks no TLS is a failure to connect', async (t) => {
  const server = await rawServer(t, (socket) => socket.on('data', () => socket.write(answer('hi'))))
  const told = await exchange(networkTransport(trusting), requestTo(`https://${host}:${server.port}/`))
  assert.equal(codeOf(told), 'connect')
  assert.match(endingOf(told), /TLS/)
})

test('a handshake that never ends is given up after the time for the connection', async (t) => {
  const server = await rawServer(t, (socket) => socket.resume())
  const told = await exchange(
    networkTransport(trusting),
    requestTo(`https://${host}:${server.port}/`, { connectTimeout: 40 }),
  )
  assert.equal(codeOf(told), 'connect-timeout')
})
