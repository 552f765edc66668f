/** What the network's transport tells when an upstream breaks, stalls or is given up, and what it holds back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
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
  transportFor,
  until,
} from './exchanges.ts'

const wholes: readonly (readonly [name: string, bytes: string])[] = [
  ['counted', answer('hello, world')],
  ['chunked', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n'],
]
for (const [name, bytes] of wholes) {
  for (const close of ['end', 'resetAndDestroy'] as const) {
    test(`a ${name} answer that breaks off at any byte is a reset, never an end (${close})`, async (t) => {
      let length = 0
      const server = await rawServer(t, (socket) =>
        onRequest(socket, () => {
          socket.write(bytes.slice(0, length), () => setImmediate(() => socket[close]()))
        }),
      )
      const transport = transportFor(t)
      for (; length < bytes.length; length += 1) {
        const told = await exchange(transport, requestTo(server.url))
        assert.match(
          endingOf(told),
          /^reset: 127\.0\.0\.1:\d+ closed the connection/,
          `after ${length} bytes`,
        )
        assert.ok('hello, world'.startsWith(told.body))
      }
    })
  }
}

test('a body until the end of the connection ends with it, unless it breaks', async (t) => {
  const server = await rawServer(t, (socket, number) =>
    onRequest(socket, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nhello')
      setTimeout(() => (number === 0 ? socket.end() : socket.resetAndDestroy()), 5)
    }),
  )
  const transport = transportFor(t)
  const whole = await exchange(transport, requestTo(server.url))
  assert.deepEqual([endingOf(whole), whole.body], ['end', 'hello'])
  const cut = await exchange(transport, requestTo(server.url))
  assert.deepEqual([codeOf(cut), cut.body], ['reset', 'hello'])
})

test('what is no HTTP is malformed, and what came of the body before is told', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () =>
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\nx\r\n'),
    ),
  )
  const told = await exchange(transportFor(t), requestTo(`${server.url}?key=secret`))
  assert.equal(
    endingOf(told),
    `malformed: 127.0.0.1:${server.port}: its answer breaks HTTP: its chunked body is broken`,
  )
  assert.equal(told.body, 'hi')
  await until(() => server.sockets.size === 0)
})

test('nobody listening is a failure to connect', async (t) => {
  const told = await exchange(transportFor(t), requestTo('http://127.0.0.1:1/?key=secret'))
  assert.equal(endingOf(told), 'connect: 127.0.0.1:1: nobody listens there (ECONNREFUSED)')
})

test('a server that never answers is given up after the time for the head', async (t) => {
  const server = await rawServer(t, (socket) => socket.resume())
  const told = await exchange(transportFor(t), requestTo(server.url, { headTimeout: 30 }))
  assert.equal(endingOf(told), `head-timeout: 127.0.0.1:${server.port} sent no head within 0.03 s`)
  await until(() => server.sockets.size === 0)
})

test('half a head does not put the time off, and neither do interim answers', async (t) => {
  const server = await rawServer(t, (socket, number) =>
    onRequest(socket, () => {
      if (number === 0) socket.write('HTTP/1.1 200 OK\r\n')
      const piece = number === 0 ? 'x-a: b\r\n' : 'HTTP/1.1 103 Early Hints\r\n\r\n'
      const timer = setInterval(() => socket.write(piece), 5)
      socket.on('close', () => clearInterval(timer))
    }),
  )
  const transport = transportFor(t)
  for (let round = 0; round < 2; round += 1) {
    assert.equal(
      codeOf(await exchange(transport, requestTo(server.url, { headTimeout: 40 }))),
      'head-timeout',
    )
  }
})

test('after the head, time is the caller’s', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh')
      setTimeout(() => socket.write('i'), 80)
    }),
  )
  const told = await exchange(transportFor(t), requestTo(server.url, { connectTimeout: 40, headTimeout: 40 }))
  assert.deepEqual([endingOf(told), told.body], ['end', 'hi'])
})

test('a host that is looked up without end is given up after the time for the connection', async (t) => {
  const transport = transportFor(t, { lookup: () => {} })
  const told = await exchange(transport, requestTo('http://api.example.com/v1', { connectTimeout: 30 }))
  assert.equal(endingOf(told), 'connect-timeout: api.example.com was not connected within 0.03 s')
})

const moments = ['at once', 'while it waits', 'in the head', 'in the data', 'in the end'] as const
for (const moment of moments) {
  test(`a request that is given up ${moment} is told nothing more, and lets its connection go`, async (t) => {
    const server = await rawServer(t, (socket) =>
      onRequest(socket, () => {
        if (moment === 'while it waits') return
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n')
        setTimeout(() => socket.write('2\r\nho\r\n0\r\n\r\n'), 5)
      }),
    )
    const said: string[] = []
    const say = (what: string): void => {
      said.push(what)
      if (moment.endsWith(what)) sending.abort()
    }
    const sending = transportFor(t).send(requestTo(server.url), {
      head: () => say('head'),
      data: () => say('data'),
      end: () => say('end'),
      fail: () => say('fail'),
    })
    if (moment === 'at once') sending.abort()
    else await until(() => server.connections === 1)
    if (moment === 'while it waits') sending.abort()
    if (moment === 'in the end') {
      await until(() => said.includes('end'))
      assert.equal(server.sockets.size, 1)
    } else await until(() => server.sockets.size === 0)
    await new Promise((resolve) => setTimeout(resolve, 15))
    sending.abort()
    const expected = {
      'at once': [],
      'while it waits': [],
      'in the head': ['head'],
      'in the data': ['head', 'data'],
    }
    assert.deepEqual(said, moment === 'in the end' ? ['head', 'data', 'data', 'end'] : expected[moment])
  })
}

test('a paused receiver holds the server back, and loses nothing', async (t) => {
  const size = 64 * 2 ** 20
  let written = 0
  const url = await nodeServer(t, (_request, response) => {
    response.setHeader('content-length', size)
    const piece = Buffer.alloc(2 ** 18, 'x')
    const write = (): void => {
      while (written < size) {
        written += piece.length
        if (!response.write(piece)) {
          response.once('drain', write)
          return
        }
      }
      response.end()
    }
    write()
  })
  let received = 0
  let isOver = false
  const sending = transportFor(t).send(
    requestTo(url),
    receiver({
      data(chunk) {
        received += chunk.length
        if (received < 2 ** 20) sending.pause()
      },
      end() {
        isOver = true
      },
    }),
  )
  await until(() => received > 0)
  let before = -1
  // The server stands still once all that lies between is full.
  while (before !== written) {
    before = written
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.ok(written < size / 2, `${written} bytes were written to a receiver that reads nothing`)
  assert.ok(received <= 65_536, `${received} bytes came`)
  const timer = setInterval(() => sending.resume(), 1)
  t.after(() => clearInterval(timer))
  await until(() => isOver)
  assert.equal(received, size)
})
