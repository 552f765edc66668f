/** Upstreams that are reached through a company's proxy. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answer,
  codeOf,
  endingOf,
  exchange,
  nodeServer,
  onRequest,
  receiver,
  requestTo,
  type Told,
  transportFor,
  until,
} from './exchanges.ts'
import { host, named, options, proxies, proxyServer, theirs, upstream } from './proxy-server.ts'

const ways: readonly (readonly [
  name: string,
  scheme: 'http://' | 'https://',
  user: string,
  credentials?: string,
])[] = [
  ['a proxy', 'http://', ''],
  ['a proxy that speaks TLS', 'https://', ''],
  ['a proxy that asks for a password', 'http://', 'al:p%40ss%25@', 'al:p@ss%'],
  ['a proxy of TLS that asks for a password', 'https://', 'al:p%40ss@', 'al:p@ss'],
]
for (const [name, scheme, user, credentials] of ways) {
  test(`through ${name}, three requests take one tunnel`, async (t) => {
    const url = await upstream(t, (socket) =>
      onRequest(socket, (request) => socket.write(answer(`${String(socket.servername)} ${request}`))),
    )
    const proxy = await proxyServer(t, {
      ...(scheme === 'https://' && { certificate: theirs }),
      ...(credentials !== undefined && { credentials }),
    })
    const transport = transportFor(t, options({ HTTPS_PROXY: named(proxy, scheme + user) }))
    for (let round = 0; round < 3; round += 1) {
      const told = await exchange(transport, requestTo(url))
      assert.equal(endingOf(told), 'end')
      assert.match(
        told.body,
        /^api\.example\.com POST \/v1\/chat\?key=secret HTTP\/1\.1\r\nhost: api\.example/,
      )
      assert.doesNotMatch(told.body, /proxy/i)
    }
    assert.deepEqual(proxy.asked, [`CONNECT ${new URL(url).host}`])
    assert.equal(proxy.connections, 1)
    await transport.close()
    await until(() => proxy.sockets.size === 0)
  })
}

test('a stream comes through a tunnel piece by piece, is held, and goes on', async (t) => {
  const url = await upstream(t, (socket) =>
    onRequest(socket, () => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      const chunk = 'x'.repeat(2 ** 16)
      for (let i = 0; i < 64; i += 1) socket.write(`10000\r\n${chunk}\r\n`)
      socket.write('0\r\n\r\n')
    }),
  )
  const proxy = await proxyServer(t)
  const transport = transportFor(t, options({ HTTPS_PROXY: named(proxy) }))
  let length = 0
  let isHeld = false
  await new Promise<void>((resolve, reject) => {
    const sending = transport.send(
      requestTo(url),
      receiver({
        data(chunk) {
          assert.equal(isHeld, false)
          const isFirst = length === 0
          length += chunk.length
          if (!isFirst) return
          isHeld = true
          sending.pause()
          setTimeout(() => {
            isHeld = false
            sending.resume()
          }, 40)
        },
        end: resolve,
        fail: reject,
      }),
    )
  })
  assert.equal(length, 2 ** 22)
})

test('a megabyte goes through a tunnel', async (t) => {
  const url = await upstream(t, (socket) =>
    onRequest(socket, (request) => socket.write(answer(String(request.length > 2 ** 20)))),
  )
  const transport = transportFor(t, options({ HTTPS_PROXY: named(await proxyServer(t)) }))
  assert.equal((await exchange(transport, requestTo(url, { body: 'y'.repeat(2 ** 20) }))).body, 'true')
})

test('an answer that breaks off in a tunnel is a reset', async (t) => {
  for (const close of ['end', 'destroy'] as const) {
    const url = await upstream(t, (socket) =>
      onRequest(socket, () =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi', () => socket[close]()),
      ),
    )
    const transport = transportFor(t, options({ HTTPS_PROXY: named(await proxyServer(t)) }))
    const told = await exchange(transport, requestTo(url))
    assert.deepEqual([codeOf(told), told.body], ['reset', 'hi'])
  }
})

test('who gives a request up closes its tunnel: while it is opened, and later', async (t) => {
  const url = await upstream(t, (socket) =>
    onRequest(socket, () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi')),
  )
  const slow = await proxyServer(t, { onConnect: () => {} })
  const early = transportFor(t, options({ HTTPS_PROXY: named(slow) })).send(requestTo(url), receiver({}))
  await until(() => slow.asked.length === 1)
  early.abort()
  await until(() => slow.sockets.size === 0)

  const proxy = await proxyServer(t)
  const transport = transportFor(t, options({ HTTPS_PROXY: named(proxy) }))
  await new Promise<void>((resolve, reject) => {
    const sending = transport.send(
      requestTo(url),
      receiver({
        data() {
          sending.abort()
          resolve()
        },
        fail: reject,
      }),
    )
  })
  await until(() => proxy.sockets.size === 0)
})

test('a tunnel that its proxy closed meanwhile is not used again', async (t) => {
  const url = await upstream(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  const proxy = await proxyServer(t)
  const transport = transportFor(t, options({ HTTPS_PROXY: named(proxy) }))
  await exchange(transport, requestTo(url))
  for (const socket of proxy.sockets) socket.destroy()
  await until(() => proxy.sockets.size === 0)
  assert.equal((await exchange(transport, requestTo(url))).body, 'hi')
  assert.equal(proxy.connections, 2)
})

test('a plain upstream is asked of the proxy by its whole URL', async (t) => {
  const url = await nodeServer(t, (request, response) =>
    response.end(`${request.url} ${request.headers.host}`),
  )
  const { port } = new URL(url)
  const proxy = await proxyServer(t, { credentials: 'al:p@ss' })
  const transport = transportFor(t, options({ HTTP_PROXY: named(proxy, 'http://al:p%40ss@') }))
  const told: Told[] = []
  for (let round = 0; round < 3; round += 1)
    told.push(await exchange(transport, requestTo(`http://${host}:${port}/v1?a=b`)))
  assert.deepEqual(
    told.map(({ body }) => body),
    Array.from({ length: 3 }, () => `/v1?a=b ${host}:${port}`),
  )
  assert.deepEqual(
    proxy.asked,
    Array.from({ length: 3 }, () => `POST http://${host}:${port}/v1?a=b`),
  )
  assert.equal(proxy.connections, 1)
})

test('each scheme has its own proxy, and without one is reached directly', async (t) => {
  const url = await nodeServer(t, (_request, response) => response.end('hi'))
  const proxy = await proxyServer(t)
  const { port } = new URL(url)
  const transport = transportFor(t, {
    proxies: proxies({ HTTPS_PROXY: named(proxy) }),
    lookup: (_name, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  assert.equal((await exchange(transport, requestTo(`http://${host}:${port}/`))).body, 'hi')
  assert.deepEqual(proxy.asked, [])
})

test('addresses of private networks are refused also where a proxy leads there', async (t) => {
  const proxy = await proxyServer(t)
  const environment = { HTTPS_PROXY: named(proxy), HTTP_PROXY: named(proxy) }
  for (const address of ['10.0.0.1', '169.254.169.254', '[fd00:ec2::254]', '127.0.0.1', '0x7f.1', '[::1]'])
    for (const scheme of ['http', 'https']) {
      const told = await exchange(transportFor(t, options(environment)), requestTo(`${scheme}://${address}/`))
      assert.match(endingOf(told), /^connect: .* address; allow it with allow_private: true on the provider$/)
    }
  assert.equal(proxy.connections, 0)
})
