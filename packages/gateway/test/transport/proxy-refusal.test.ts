/** Proxies that let nothing through, and what people are told. */
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { selfSigned } from './certificate.ts'
import {
  answer,
  codeOf,
  endingOf,
  exchange,
  onRequest,
  rawServer,
  requestTo,
  transportFor,
  until,
} from './exchanges.ts'
import { host, named, options, ours, proxyHost, proxyServer, upstream } from './proxy-server.ts'

/** What a proxy does with a CONNECT, and what people are told then. */
const refusals: readonly (readonly [
  name: string,
  onConnect: (socket: Socket, request: IncomingMessage) => void,
  told: RegExp,
])[] = [
  [
    'says no, in its words',
    (socket) =>
      socket.write(
        'HTTP/1.1 403 Blocked by us\r\ncontent-type: text/plain\r\ncontent-length: 20\r\n\r\nNo AI on\n this wire.',
      ),
    /the proxy refused: 403 Blocked by us: No AI on this wire\.$/,
  ],
  [
    'says no by a page',
    (socket) =>
      socket.end(
        'HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n<html><head><title>t</title></head><style>p{}</style><p>No such <b>host</b></p></html>',
      ),
    /the proxy refused: 502 Bad Gateway: No such host$/,
  ],
  [
    'says no, and never ends',
    (socket) => socket.write('HTTP/1.1 503 \r\ntransfer-encoding: chunked\r\n\r\n'),
    /the proxy refused: 503$/,
  ],
  [
    'says back what it was sent',
    (socket, { headers }) =>
      socket.end(`HTTP/1.1 400 No\r\n\r\n${headers['proxy-authorization']}, al:p@ss and p@ss and p%40ss`),
    /the proxy refused: 400 No: Basic …, … and … and …$/,
  ],
  [
    'wants another password',
    (socket) => socket.end('HTTP/1.1 407 Who\r\nproxy-authenticate: Basic realm="us"\r\n\r\n'),
    /the proxy does not take the user and the password of its URL \(407\)$/,
  ],
  [
    'only speaks Kerberos',
    (socket) =>
      socket.end(
        'HTTP/1.1 407 Who\r\nproxy-authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\ncontent-length: 0\r\n\r\n',
      ),
    /the proxy asks who is there by Negotiate, NTLM, and only Basic is spoken \(407\)$/,
  ],
  [
    'speaks no HTTP',
    (socket) => socket.write('220 mail.example.com ESMTP\r\n'),
    /the answer of the proxy breaks HTTP: it does not begin with a status$/,
  ],
  [
    'says more than it was asked',
    (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'),
    /the answer of the proxy breaks HTTP: more than its head came$/,
  ],
  ['closes the connection', (socket) => socket.end(), /the proxy closed the connection before it answered$/],
  [
    'resets the connection',
    (socket) => socket.resetAndDestroy(),
    /the proxy cannot be reached: .*\(ECONNRESET\)$/,
  ],
]
for (const [name, onConnect, message] of refusals) {
  test(`a proxy that ${name}`, async (t) => {
    const proxy = await proxyServer(t, { onConnect })
    const transport = transportFor(t, options({ https_proxy: named(proxy, 'http://al:p%40ss@') }))
    const told = await exchange(transport, requestTo(`https://${host}/v1?key=secret`))
    assert.equal(codeOf(told), 'connect')
    assert.match(endingOf(told), message)
    assert.match(
      endingOf(told),
      new RegExp(`^connect: ${host} \\(by the proxy ${proxyHost}:${proxy.port}\\): `),
    )
    assert.doesNotMatch(endingOf(told), /secret|p@ss|p%40ss|YWw6/)
    await until(() => proxy.sockets.size === 0)
  })
}

test('a proxy that asks for a password is told of where none is set', async (t) => {
  const proxy = await proxyServer(t, { credentials: 'al:p@ss' })
  const environment = { HTTPS_PROXY: named(proxy), HTTP_PROXY: named(proxy) }
  for (const url of [`https://${host}/`, `http://${host}/`]) {
    const told = await exchange(transportFor(t, options(environment)), requestTo(url))
    assert.equal(codeOf(told), 'connect')
    assert.match(endingOf(told), /asks for a user and a password: write them into its URL, .* \(407\)$/)
  }
})

test('a proxy that cannot be reached is told of', async (t) => {
  const server = await rawServer(t, (socket) => socket.end())
  const closed = `http://${proxyHost}:1`
  const mute = `https://${proxyHost}:${server.port}`
  for (const [proxy, message] of [
    [closed, /the proxy cannot be reached: nobody listens there \(ECONNREFUSED\)$/],
    [mute, /the proxy cannot be reached: /],
  ] as const) {
    const transport = transportFor(t, options({ HTTPS_PROXY: proxy, HTTP_PROXY: proxy }))
    for (const url of [`https://${host}/`, `http://${host}/`]) {
      const told = await exchange(transport, requestTo(url))
      assert.equal(codeOf(told), 'connect')
      assert.match(endingOf(told), message)
    }
  }
})

test('a proxy of TLS must be whom its URL names', async (t) => {
  const proxy = await proxyServer(t, { certificate: ours })
  const transport = transportFor(t, options({ HTTPS_PROXY: named(proxy, 'https://') }))
  const told = await exchange(transport, requestTo(`https://${host}/`))
  assert.match(
    endingOf(told),
    /^connect: .*: the proxy cannot be reached: its certificate is for another host/,
  )
  assert.deepEqual(proxy.asked, [])
})

const pretenders: readonly (readonly [asked: string, answers: string])[] = [
  ['evil.example.com', host],
  ['192.175.48.1', host],
  // Whom Node would take it to be, were it not told.
  ['192.175.48.1', proxyHost],
]
for (const [asked, answers] of pretenders) {
  test(`${answers} is not taken for ${asked}, whoever leads there`, async (t) => {
    const certificate = selfSigned(answers)
    let requests = 0
    const url = await upstream(t, (socket) => onRequest(socket, () => (requests += 1)), certificate)
    const settings = options({ HTTPS_PROXY: named(await proxyServer(t)) })
    const told = await exchange(
      transportFor(t, { ...settings, ca: certificate.cert }),
      requestTo(url.replace(host, asked)),
    )
    assert.equal(codeOf(told), 'connect')
    assert.match(endingOf(told), /\): its certificate is for another host/)
    assert.equal(requests, 0)
  })
}

test('the time to connect holds for the proxy, the tunnel and the handshake together', async (t) => {
  const url = await upstream(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  const slow = await proxyServer(t, { delay: 5000 })
  const mute = await rawServer(t, (socket) => socket.resume())
  const silent = await proxyServer(t, {
    onConnect: (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'),
  })
  for (const { port, sockets } of [slow, mute, silent]) {
    const transport = transportFor(t, options({ HTTPS_PROXY: `http://${proxyHost}:${port}` }))
    const told = await exchange(transport, requestTo(url, { connectTimeout: 60 }))
    assert.equal(
      endingOf(told),
      `connect-timeout: ${new URL(url).host} (by the proxy ${proxyHost}:${port}) was not connected within 0.06 s`,
    )
    await until(() => sockets.size === 0)
  }
})
