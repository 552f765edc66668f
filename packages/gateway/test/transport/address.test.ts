/** What a provider's name may lead to. */
import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { test } from 'node:test'
import { type AddressKind, isLocal, kindOfAddress } from '../../src/transport/address.ts'
import { networkTransport } from '../../src/transport/network.ts'
import { answer, endingOf, exchange, onRequest, rawServer, requestTo } from './exchanges.ts'

const addresses: readonly (readonly [address: string, kind: AddressKind | null])[] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.255', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['64:ff9b::127.0.0.1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['10.0.0.0', 'private'],
  ['10.255.255.255', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['::ffff:10.0.0.3', 'private'],
  ['0:0:0:0:0:ffff:c0a8:101', 'private'],
  ['64:ff9b::a00:3', 'private'],
  ['2002:c0a8:0101::1', 'private'],
  ['fc00::1', 'private'],
  ['fd00:ec2::254', 'private'],
  ['169.254.169.254', 'link-local'],
  ['::ffff:169.254.169.254', 'link-local'],
  ['64:ff9b::a9fe:a9fe', 'link-local'],
  ['fe80::1', 'link-local'],
  ['100.64.0.1', 'shared'],
  ['100.127.255.255', 'shared'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['ff02::1', 'multicast'],
  ['0.0.0.0', 'reserved'],
  ['0.1.2.3', 'reserved'],
  ['192.0.0.1', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['203.0.113.9', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['::', 'reserved'],
  ['::7f00:1', 'reserved'],
  ['::ffff:0:127.0.0.1', 'reserved'],
  ['64:ff9b:1::1', 'reserved'],
  ['100::1', 'reserved'],
  ['2001::1', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['fec0::1', 'reserved'],
  ['4000::1', 'reserved'],
  ['fe80::1%eth0', 'reserved'],
  ['not an address', 'reserved'],
  ['1.1.1.1', null],
  ['9.255.255.255', null],
  ['11.0.0.0', null],
  ['100.63.255.255', null],
  ['100.128.0.0', null],
  ['126.255.255.255', null],
  ['128.0.0.0', null],
  ['172.15.255.255', null],
  ['172.32.0.0', null],
  ['223.255.255.255', null],
  ['2606:4700::6810:84e5', null],
  ['2a00:1450:4001:82f::200e', null],
  ['::ffff:1.1.1.1', null],
  ['64:ff9b::1.1.1.1', null],
  ['2002:101:101::', null],
]
for (const [address, kind] of addresses) {
  test(`${address} is ${kind ?? 'public'}`, () => assert.equal(kindOfAddress(address), kind))
}

const local: readonly (readonly [url: string, isLocal: boolean])[] = [
  ['http://localhost:11434/api', true],
  ['http://api.localhost', true],
  ['http://127.1:8080/v1', true],
  ['http://0.0.0.0:8000/v1', true],
  ['http://192.168.1.9/v1', true],
  ['http://169.254.169.254', true],
  ['http://[fe80::1]:8000', true],
  ['http://[::ffff:10.0.0.1]', true],
  ['https://1.1.1.1', false],
  ['https://api.groq.com', false],
  ['https://localhost.example.com', false],
  // Containers have such names; what they lead to is looked up.
  ['http://vllm:8000', false],
  ['no URL', false],
]
for (const [url, isHere] of local) {
  test(`${url} ${isHere ? 'is' : 'is not'} local as it is written`, () => assert.equal(isLocal(url), isHere))
}

/** However an address is written in a URL, it is the same address. */
const written: readonly (readonly [host: string, message: RegExp])[] = [
  ['127.0.0.1', /127\.0\.0\.1 is a loopback address/],
  ['2130706433', /127\.0\.0\.1 is a loopback address/],
  ['0177.0.0.1', /127\.0\.0\.1 is a loopback address/],
  ['0x7f.1', /127\.0\.0\.1 is a loopback address/],
  ['127.1', /127\.0\.0\.1 is a loopback address/],
  ['１２７.0.0.1', /127\.0\.0\.1 is a loopback address/],
  ['0', /0\.0\.0\.0 is a reserved address/],
  ['[::1]', /::1 is a loopback address/],
  ['[::ffff:127.0.0.1]', /::ffff:7f00:1 is a loopback address/],
  ['[::ffff:a9fe:a9fe]', /::ffff:a9fe:a9fe is a link-local address/],
  ['169.254.169.254', /169\.254\.169\.254 is a link-local address/],
]
for (const [host, message] of written) {
  test(`nothing is sent to ${host}`, async (t) => {
    const server = await rawServer(t, () => {})
    const transport = networkTransport({ allowsPrivate: false })
    const told = await exchange(transport, requestTo(`http://${host}:${server.port}/`))
    assert.match(endingOf(told), /^connect: .*; allow it with allow_private: true on the provider$/)
    assert.match(endingOf(told), message)
    assert.equal(server.connections, 0)
  })
}

const v4 = (address: string): LookupAddress => ({ address, family: 4 })

test('a name that leads to a private address is refused, also when only one of its addresses is', async () => {
  for (const found of [
    [v4('10.0.0.3')],
    [v4('1.1.1.1'), v4('10.0.0.3')],
    [v4('1.1.1.1'), { address: '::ffff:10.0.0.3', family: 6 }],
  ]) {
    const transport = networkTransport({ allowsPrivate: false, lookup: (_host, done) => done(null, found) })
    const told = await exchange(transport, requestTo('https://groq.internal/v1?key=secret'))
    assert.equal(
      endingOf(told),
      `connect: groq.internal resolves to ${found.at(-1)?.address}, a private address; allow it with allow_private: true on the provider`,
    )
  }
})

test('the system’s own names are looked at too', async () => {
  const told = await exchange(networkTransport({ allowsPrivate: false }), requestTo('http://localhost:1/'))
  assert.match(endingOf(told), /^connect: localhost resolves to (127\.0\.0\.1|::1), a loopback address/)
})

test('what was looked at is what is connected to: a name is asked for once for each connection', async (t) => {
  const server = await rawServer(t, (socket) => onRequest(socket, (request) => socket.write(answer(request))))
  let asked = 0
  const lookup = (_host: string, done: (error: null, addresses: readonly LookupAddress[]) => void): void => {
    asked += 1
    // Another answer each time, as one who means ill would give.
    done(null, [v4(asked === 1 ? '127.0.0.1' : '127.0.0.99')])
  }
  const transport = networkTransport({ allowsPrivate: true, lookup })
  t.after(() => transport.close())
  for (let round = 0; round < 2; round += 1) {
    const told = await exchange(transport, requestTo(`http://api.example.com:${server.port}/`))
    assert.match(told.body, /^host: api\.example\.com:\d+\r$/m)
  }
  assert.deepEqual([asked, server.connections], [1, 1])
})

test('of several addresses the first that answers is taken', async (t) => {
  const server = await rawServer(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  const found = [{ address: '::1', family: 6 }, v4('127.0.0.77'), v4('127.0.0.1')]
  const transport = networkTransport({ allowsPrivate: true, lookup: (_host, done) => done(null, found) })
  t.after(() => transport.close())
  for (let round = 0; round < 2; round += 1) {
    const told = await exchange(transport, requestTo(`http://api.example.com:${server.port}/`))
    assert.deepEqual([endingOf(told), told.body], ['end', 'hi'])
  }
})

test('requests for a name that wait at the same time ask for it once', async (t) => {
  const server = await rawServer(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  let asked = 0
  const transport = networkTransport({
    allowsPrivate: true,
    lookup: (_host, done) => {
      asked += 1
      setTimeout(() => done(null, [v4('127.0.0.1')]), 5)
    },
  })
  t.after(() => transport.close())
  const url = `http://api.example.com:${server.port}/`
  const told = await Promise.all(Array.from({ length: 20 }, () => exchange(transport, requestTo(url))))
  assert.deepEqual(new Set(told.map(({ body }) => body)), new Set(['hi']))
  assert.equal(asked, 1)
})

test('a name that is not known, or has no address, is a failure to connect', async () => {
  const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
  for (const [error, found, message] of [
    [unknown, [], 'connect: api.example.com: no such host is known (ENOTFOUND)'],
    [null, [], 'connect: api.example.com has no address'],
  ] as const) {
    const transport = networkTransport({ allowsPrivate: false, lookup: (_host, done) => done(error, found) })
    assert.equal(endingOf(await exchange(transport, requestTo('http://api.example.com/'))), message)
  }
})
