/** Which connections the network's transport uses again, and which never. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answer,
  codeOf,
  endingOf,
  exchange,
  onRequest,
  rawServer,
  receiver,
  requestTo,
  transportFor,
  until,
} from './exchanges.ts'

test('a thousand requests one after the other take one connection', async (t) => {
  const server = await rawServer(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  const transport = transportFor(t)
  for (let i = 0; i < 1000; i += 1)
    assert.equal((await exchange(transport, requestTo(server.url))).body, 'hi')
  assert.equal(server.connections, 1)
})

test('two hundred requests at once all get their own answers, and so do the next two hundred', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, (request) => {
      setTimeout(() => socket.write(answer(request.slice(-4))), Number(request.slice(-4)) % 7)
    }),
  )
  const transport = transportFor(t)
  const bodies = Array.from({ length: 200 }, (_, index) => String(index).padStart(4, '0'))
  for (const round of [1, 2]) {
    const told = await Promise.all(bodies.map((body) => exchange(transport, requestTo(server.url, { body }))))
    assert.deepEqual(
      told.map((one) => one.body),
      bodies,
      `round ${round}`,
    )
  }
  assert.ok(server.connections <= 200)
})

test('no more connections wait than are allowed', async (t) => {
  const server = await rawServer(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  const transport = transportFor(t, { mostIdle: 3 })
  await Promise.all(Array.from({ length: 10 }, () => exchange(transport, requestTo(server.url))))
  await until(() => server.sockets.size === 3)
})

test('a connection that waited long enough is closed', async (t) => {
  const server = await rawServer(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  const transport = transportFor(t, { idleTimeout: 20 })
  await exchange(transport, requestTo(server.url))
  await until(() => server.sockets.size === 0)
  assert.equal((await exchange(transport, requestTo(server.url))).body, 'hi')
  assert.equal(server.connections, 2)
})

test('a connection that waited too long is not used, also before it is closed', async (t) => {
  const server = await rawServer(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  const transport = transportFor(t, { idleTimeout: 20 })
  await exchange(transport, requestTo(server.url))
  await new Promise((resolve) => setTimeout(resolve, 25))
  await exchange(transport, requestTo(server.url))
  assert.equal(server.connections, 2)
})

const onceOnly: readonly (readonly [name: string, bytes: string])[] = [
  ['that is said to be closed', answer('hi', 'connection: close\r\n')],
  ['that the server keeps too short a while', answer('hi', 'keep-alive: timeout=2\r\n')],
  [
    'that had more on it than the answer',
    `${answer('hi')}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison`,
  ],
  [
    'whose answer had its length in two ways',
    'HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
  ],
]
for (const [name, bytes] of onceOnly) {
  test(`a connection ${name} is not used again`, async (t) => {
    const server = await rawServer(t, (socket) => onRequest(socket, () => socket.write(bytes)))
    const transport = transportFor(t)
    for (const round of [1, 2]) {
      const told = await exchange(transport, requestTo(server.url))
      assert.deepEqual([endingOf(told), told.body, server.connections], ['end', 'hi', round])
    }
  })
}

test('an answer that nobody asked for is nobody’s', async (t) => {
  const server = await rawServer(t, (socket, number) =>
    onRequest(socket, () => {
      socket.write(answer(`from ${number}`))
      setTimeout(() => socket.write(answer('poison')), 5)
    }),
  )
  const transport = transportFor(t)
  assert.equal((await exchange(transport, requestTo(server.url))).body, 'from 0')
  await until(() => server.sockets.size === 0)
  assert.equal((await exchange(transport, requestTo(server.url))).body, 'from 1')
})

test('an answer that comes before its request is all sent is told, and the connection not used again', async (t) => {
  const server = await rawServer(t, (socket) => {
    socket.once('data', () => {
      socket.pause()
      socket.write(answer('too large'))
    })
  })
  const transport = transportFor(t)
  const body = Buffer.alloc(20_000_000, 'x')
  for (const round of [1, 2]) {
    const told = await exchange(transport, requestTo(server.url, { body }))
    assert.deepEqual([told.body, server.connections], ['too large', round])
  }
})

test('a kept connection that the server closes is exchanged for another without a word', async (t) => {
  for (const close of ['end', 'resetAndDestroy'] as const) {
    const server = await rawServer(t, (socket, number) => {
      let requests = 0
      onRequest(socket, () => {
        requests += 1
        // The first connection breaks when the next request is on its way.
        if (number === 0 && requests === 2) socket[close]()
        else socket.write(answer(`from ${number}`))
      })
    })
    const transport = transportFor(t)
    assert.equal((await exchange(transport, requestTo(server.url))).body, 'from 0')
    assert.equal((await exchange(transport, requestTo(server.url))).body, 'from 1', close)
  }
})

test('a request goes out again once, not more often, and not after a byte of an answer', async (t) => {
  let requests = 0
  const server = await rawServer(t, (socket, number) => {
    let isFirst = true
    onRequest(socket, () => {
      requests += 1
      if (isFirst && number === 0) socket.write(answer('hi'))
      else socket.destroy()
      isFirst = false
    })
  })
  const transport = transportFor(t)
  await exchange(transport, requestTo(server.url))
  assert.equal(codeOf(await exchange(transport, requestTo(server.url))), 'reset')
  assert.equal(requests, 3)
  assert.equal(codeOf(await exchange(transport, requestTo(server.url))), 'reset')
  assert.equal(requests, 4)
})

test('a request is not sent again after the first byte of an answer', async (t) => {
  let requests = 0
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () => {
      requests += 1
      if (requests === 1) socket.write(answer('hi'))
      else socket.end('H')
    }),
  )
  const transport = transportFor(t)
  await exchange(transport, requestTo(server.url))
  assert.equal(codeOf(await exchange(transport, requestTo(server.url))), 'reset')
  assert.equal(requests, 2)
})

test('a connection whose last exchange was paused is used again', async (t) => {
  const server = await rawServer(t, (socket) => onRequest(socket, () => socket.write(answer('hi'))))
  const transport = transportFor(t)
  await new Promise<void>((resolve) => {
    const sending = transport.send(
      requestTo(server.url),
      receiver({ head: () => sending.pause(), end: resolve }),
    )
  })
  assert.equal((await exchange(transport, requestTo(server.url))).body, 'hi')
  assert.equal(server.connections, 1)
})

test('a closed transport lets go of what waits, and of what is under way when it is done', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, (request) => {
      const isSlow = request.includes('slow')
      setTimeout(() => socket.write(answer('hi')), isSlow ? 30 : 0)
    }),
  )
  const transport = transportFor(t)
  const slow = exchange(transport, requestTo(server.url, { body: 'slow' }))
  await exchange(transport, requestTo(server.url))
  assert.equal(server.sockets.size, 2)
  await transport.close()
  await until(() => server.sockets.size === 1)
  assert.equal((await slow).body, 'hi')
  await until(() => server.sockets.size === 0)
})
