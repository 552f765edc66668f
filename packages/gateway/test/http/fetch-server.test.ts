import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchHandler } from '../../src/http/fetch-server.ts'
import { pending } from './sockets.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('a request in process is what it is by a socket', async () => {
  const handle = fetchHandler(async ({ method, path, query, headers }, reply) => {
    reply.send(201, { 'x-a': 'b' }, `${method} ${path} ${query.get('q')} ${headers['x-h']}`)
  })
  const response = await handle(new Request('http://gateway/a/b?q=1', { headers: { 'X-H': 'h' } }))
  assert.deepEqual([response.status, response.headers.get('x-a')], [201, 'b'])
  assert.equal(await response.text(), 'GET /a/b 1 h')
})

test('a body is read to its limit', async () => {
  const handle = fetchHandler(async (incoming, reply) => {
    const read = await incoming.readBody(3).catch((error: unknown) => String(error))
    reply.send(200, {}, typeof read === 'string' ? read : `${read.length}`)
  })
  const table: readonly [body: BodyInit | null, expected: RegExp][] = [
    [null, /^0$/],
    ['abc', /^3$/],
    ['abcd', /larger than 3 bytes/],
    [streamOf('a', 'bc'), /^3$/],
    [streamOf('ab', 'cd'), /larger than 3 bytes/],
  ]
  for (const [body, expected] of table) {
    const request = new Request('http://gateway/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    assert.match(await (await handle(request)).text(), expected)
  }
})

test('a stream comes as it is written, and waits for its reader', async () => {
  const chunk = Buffer.alloc(262_144, 'x')
  let [written, holds] = [0, 0]
  const handle = fetchHandler(async (_incoming, reply) => {
    const over = pending()
    reply.begin(200, { 'content-type': 'text/event-stream' })
    const write = (): void => {
      while (written < 40) {
        written += 1
        if (!reply.write(chunk)) {
          holds += 1
          return
        }
      }
      reply.end()
      over.resolve()
    }
    reply.onDrain(write)
    write()
    await over.promise
  })
  const response = await handle(new Request('http://gateway/'))
  assert.ok(written < 10, `${written} chunks were written to nobody`)
  assert.equal((await response.bytes()).length, 40 * chunk.length)
  assert.ok(holds > 3)
})

test('an abort, and a body that is not wanted any more, is a client that left', async () => {
  for (const way of ['before', 'while it waits', 'in the stream', 'cancel']) {
    const [asked, left] = [pending(), pending()]
    const handle = fetchHandler(async (_incoming, reply) => {
      if (way === 'in the stream' || way === 'cancel') {
        reply.begin(200, {})
        reply.write(bytes('data: 1\n\n'))
      }
      reply.onLeft(left.resolve)
      asked.resolve()
      await left.promise
      assert.equal(reply.hasLeft, true)
      reply.end()
    })
    const controller = new AbortController()
    const reason = new Error('enough')
    if (way === 'before') controller.abort(reason)
    const response = handle(new Request('http://gateway/', { signal: controller.signal }))
    response.catch(() => {})
    await asked.promise
    if (way === 'cancel') await (await response).body?.cancel()
    else controller.abort(reason)
    await left.promise
    if (way === 'in the stream') await assert.rejects((await response).text(), reason)
    else if (way !== 'cancel') await assert.rejects(response, reason)
  }
})

test('a body that is broken off is an error, and so is no answer at all', async () => {
  const cut = fetchHandler(async (_incoming, reply) => {
    reply.begin(200, {})
    reply.write(bytes('half'))
    reply.destroy()
  })
  await assert.rejects((await cut(new Request('http://gateway/'))).text(), /broke the answer off/)
  await assert.rejects(fetchHandler(async () => {})(new Request('http://gateway/')), /broke the answer off/)
  const wrong = fetchHandler(async () => {
    throw new Error('inside')
  })
  await assert.rejects(wrong(new Request('http://gateway/')), /broke the answer off/)
})

function streamOf(...pieces: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(bytes(piece))
      controller.close()
    },
  })
}
