/** What comes compressed is told as it was. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  brotliCompressSync,
  constants,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import {
  codeOf,
  endingOf,
  exchange,
  listen,
  onRequest,
  rawServer,
  receiver,
  requestTo,
  transportFor,
  until,
} from './exchanges.ts'

const plain = Buffer.from('{"text":"hello, world"}')
const codings: readonly (readonly [coding: string, bytes: Buffer])[] = [
  ['gzip', gzipSync(plain)],
  ['x-gzip', gzipSync(plain)],
  ['GZIP', gzipSync(plain)],
  ['deflate', deflateSync(plain)],
  ['deflate', deflateRawSync(plain)],
  ['br', brotliCompressSync(plain)],
  ['zstd', zstdCompressSync(plain)],
  ['gzip, br', brotliCompressSync(gzipSync(plain))],
  ['identity', plain],
  ['identity, gzip', gzipSync(plain)],
]
for (const [coding, bytes] of codings) {
  test(`${coding} (${bytes.length} bytes) is undone, also byte by byte, and the connection used again`, async (t) => {
    let connections = 0
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-encoding': coding, 'content-type': 'application/json' })
      const size = request.url === '/bytes' ? 1 : bytes.length
      const write = (at: number): void => {
        response.write(bytes.subarray(at, at + size))
        if (at + size < bytes.length) setImmediate(write, at + size)
        else response.end()
      }
      write(0)
    }).on('connection', () => (connections += 1))
    const port = await listen(t, server, () => server.closeAllConnections())
    const transport = transportFor(t)
    for (const path of ['', 'bytes', '']) {
      const { body, head, last } = await exchange(transport, requestTo(`http://127.0.0.1:${port}/${path}`))
      assert.deepEqual([last, body], ['end', plain.toString()])
      const names = head?.headers.map(([name]) => name) ?? []
      assert.ok(names.includes('content-type'))
      assert.equal(names.includes('content-encoding'), coding === 'identity')
    }
    assert.equal(connections, 1)
  })
}

test('a coding that nobody knows is passed on, and named', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: rot13\r\ncontent-length: 2\r\n\r\nuv'),
    ),
  )
  const { body, head } = await exchange(transportFor(t), requestTo(server.url))
  assert.equal(body, 'uv')
  assert.deepEqual(head?.headers[0], ['content-encoding', 'rot13'])
})

test('a coding without a body is an empty body', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n'),
    ),
  )
  const told = await exchange(transportFor(t), requestTo(server.url))
  assert.deepEqual([endingOf(told), told.body], ['end', ''])
})

test('what is not in the coding that it names, or ends within it, is malformed', async (t) => {
  const cut = gzipSync(plain).subarray(0, 20)
  for (const bytes of [Buffer.from('hello, world'), cut]) {
    const server = await rawServer(t, (socket) =>
      onRequest(socket, () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`)
        socket.write(bytes)
      }),
    )
    const told = await exchange(transportFor(t), requestTo(server.url))
    assert.match(endingOf(told), /^malformed: .*it is not in the coding that it names$/)
  }
})

test('events come as they were flushed, not when the stream ends', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n')
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
      gzip.pipe(socket)
      gzip.write('data: 1\n\n')
    }),
  )
  let text = ''
  const sending = transportFor(t).send(
    requestTo(server.url),
    receiver({ data: (chunk) => void (text += Buffer.from(chunk).toString()) }),
  )
  await until(() => text === 'data: 1\n\n')
  sending.abort()
  await until(() => server.sockets.size === 0)
})

test('a compressed answer that breaks off is a reset, after what came of it', async (t) => {
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n\r\n')
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
      gzip.on('data', (bytes: Buffer) => socket.write(bytes))
      gzip.write('data: 1\n\n', () => socket.end())
    }),
  )
  const told = await exchange(transportFor(t), requestTo(server.url))
  assert.deepEqual([codeOf(told), told.body], ['reset', 'data: 1\n\n'])
})

test('a little that grows without end is refused', async (t) => {
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20))
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`)
      socket.write(bomb)
    }),
  )
  const told = await exchange(transportFor(t), requestTo(server.url))
  assert.match(endingOf(told), /^malformed: .*it grows to more than 200 times its size$/)
  assert.ok(told.body.length < 16 * 2 ** 20)
})

test('a paused receiver is given nothing of what a compressed body grows to', async (t) => {
  const text = Buffer.from(randomBytes(2 ** 20).toString('hex'))
  const bytes = gzipSync(text)
  const server = await rawServer(t, (socket) =>
    onRequest(socket, () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`)
      socket.write(bytes)
    }),
  )
  let received = 0
  let ended = 0
  const sending = transportFor(t).send(
    requestTo(server.url),
    receiver({
      data(chunk) {
        received += chunk.length
        sending.pause()
      },
      end: () => void (ended += 1),
    }),
  )
  await until(() => received > 0)
  const before = received
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(received, before)
  const timer = setInterval(() => sending.resume(), 1)
  t.after(() => clearInterval(timer))
  await until(() => ended === 1)
  assert.equal(received, text.length)
})
