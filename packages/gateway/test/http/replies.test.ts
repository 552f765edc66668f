import assert from 'node:assert/strict'
import { test } from 'node:test'
import { head, pending, serve } from './sockets.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('the head of a stream goes out with its first bytes, and says that nothing may keep it back', async () => {
  await using serving = await serve(async (_incoming, reply) => {
    reply.begin(200, { 'content-type': 'text/event-stream' })
    reply.write(bytes('data: 1\n\n'))
    reply.end(bytes('data: 2\n\n'))
  })
  const client = serving.open()
  const first = new Promise<string>((resolve) => {
    client.socket.once('data', (chunk: Buffer) => resolve(chunk.toString()))
  })
  client.say(head('POST', '/', { connection: 'close' }))
  const packet = await first
  assert.match(packet, /^HTTP\/1\.1 200 [^]*x-accel-buffering: no[^]*data: 1\n\n/)
  assert.match(packet, /cache-control: no-cache/)
  assert.match(await client.end(), /data: 2\n\n\r\n0\r\n\r\n$/)
})

test('the head of a stream without bytes is not kept back', async () => {
  const done = pending()
  await using serving = await serve(async (_incoming, reply) => {
    reply.begin(200, { 'content-type': 'text/event-stream' })
    await done.promise
    reply.end()
  })
  const response = await fetch(serving.url)
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  done.resolve()
  assert.equal(await response.text(), '')
})

test('a plain answer of bytes goes out byte for byte, whatever its size', async () => {
  for (const size of [256, 100_000]) {
    const body = Uint8Array.from({ length: size }, (_, place) => place % 256)
    // Not all of its memory is the answer.
    const within = new Uint8Array(size + 2)
    within.set(body, 1)
    await using serving = await serve(async (_incoming, reply) => {
      reply.send(200, { 'content-type': 'application/octet-stream' }, within.subarray(1, size + 1))
    })
    const response = await fetch(serving.url)
    assert.equal(response.headers.get('content-length'), String(size))
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body)
  }
})

test('a client that leaves is told once: while it waits, and in the middle of a stream', async () => {
  for (const hasBegun of [false, true]) {
    let told = 0
    const [asked, left] = [pending(), pending<boolean>()]
    await using serving = await serve(async (_incoming, reply) => {
      reply.onLeft(() => {
        told += 1
        left.resolve(reply.hasLeft)
      })
      if (hasBegun) {
        reply.begin(200, {})
        reply.write(bytes('data: 1\n\n'))
      }
      asked.resolve()
      await left.promise
      // None of it does anything any more.
      assert.equal(reply.write(bytes('data: 2\n\n')), true)
      reply.send(200, {}, 'late')
      reply.end()
      reply.destroy()
      await new Promise<void>((resolve) => {
        reply.onLeft(resolve)
      })
    })
    const client = serving.open()
    client.say(head('POST', '/'))
    await asked.promise
    if (hasBegun) await client.hear(/data: 1/)
    client.leave()
    assert.equal(await left.promise, true)
    await serving.listener.close(0)
    assert.equal(told, 1)
  }
})

test('a client that has all of its answer has not left', async () => {
  let told = 0
  const ended = pending<boolean>()
  await using serving = await serve(async (_incoming, reply) => {
    reply.onLeft(() => {
      told += 1
    })
    reply.send(200, {}, 'done')
    ended.resolve(reply.hasLeft)
  })
  const client = serving.open()
  client.say(head('GET', '/'))
  await client.hear(/done$/)
  client.leave()
  assert.equal(await ended.promise, false)
  await serving.listener.close(0)
  assert.equal(told, 0)
})

test('one that waits behind another on its connection is told too when the client leaves', async () => {
  const left: string[] = []
  const [both, over] = [pending(), pending()]
  await using serving = await serve(async ({ path }, reply) => {
    reply.onLeft(() => {
      left.push(path)
      if (left.length === 2) over.resolve()
    })
    if (path === '/2') both.resolve()
    await over.promise
  })
  const client = serving.open()
  client.say(head('GET', '/1') + head('GET', '/2'))
  await both.promise
  client.leave()
  await over.promise
  assert.deepEqual(left, ['/1', '/2'])
})

test('a client that closes its half has left: nothing else tells an abort from it', async () => {
  const [asked, left] = [pending(), pending()]
  await using serving = await serve(async (_incoming, reply) => {
    reply.onLeft(left.resolve)
    asked.resolve()
    await left.promise
  })
  const client = serving.open()
  client.say(head('GET', '/'))
  await asked.promise
  client.socket.end()
  await left.promise
})

test('a reader that is slow holds what it reads from, and bounded memory', async () => {
  const limit = 1_048_576
  const chunk = Buffer.alloc(65_536, 'Z')
  const total = 400
  let [written, holds] = [0, 0]
  const [held, over] = [pending(), pending()]
  await using serving = await serve(
    async (_incoming, reply) => {
      reply.begin(200, {})
      const write = (): void => {
        while (written < total) {
          written += 1
          if (!reply.write(chunk)) {
            holds += 1
            held.resolve()
            return
          }
        }
        reply.end()
        over.resolve()
      }
      reply.onDrain(write)
      write()
      await over.promise
    },
    { bufferLimit: limit },
  )
  const client = serving.open()
  client.socket.pause()
  client.say(head('GET', '/', { connection: 'close' }))
  await held.promise
  const writtenWhileHeld = written
  // What the operating system takes is not ours to bound.
  assert.ok(writtenWhileHeld < total, 'a reader that does not read is written to without end')
  await new Promise((resolve) => {
    setTimeout(resolve, 50)
  })
  assert.equal(written, writtenWhileHeld)
  client.socket.resume()
  const text = await client.end()
  assert.ok(holds > 1)
  assert.equal(text.split('Z').length - 1, total * chunk.length)
})

test('a reader that reads nothing is cut off, in a stream, after it, and in a plain answer', async () => {
  const large = Buffer.alloc(20_000_000, 'x')
  for (const way of ['stream', 'stream that ends', 'stream with a long end', 'plain']) {
    let told = 0
    const [sent, closed] = [pending(), pending()]
    await using serving = await serve(
      async (_incoming, reply) => {
        reply.onLeft(() => {
          told += 1
          closed.resolve()
        })
        if (way === 'plain') reply.send(200, {}, large)
        else if (way === 'stream with a long end') {
          reply.begin(200, {})
          reply.end(large)
        } else {
          reply.begin(200, {})
          reply.write(large)
          if (way === 'stream that ends') reply.end()
        }
        sent.resolve()
      },
      { readTimeout: 100 },
    )
    const client = serving.open()
    client.socket.pause()
    client.say(head('GET', '/'))
    await sent.promise
    // An answer that is over has nobody left to tell.
    if (way === 'stream') await closed.promise
    await serving.listener.close(60_000)
    client.socket.resume()
    assert.ok((await client.end()).length < large.length, way)
    assert.equal(told, way === 'stream' ? 1 : 0)
  }
})

test('a body that is broken off does not look whole', async () => {
  await using serving = await serve(async (_incoming, reply) => {
    reply.begin(200, {})
    reply.write(bytes('half'))
    reply.destroy()
  })
  const chunked = serving.open()
  chunked.say(head('GET', '/'))
  const text = await chunked.end()
  assert.match(text, /half\r\n$/)
  await assert.rejects((await fetch(serving.url)).text(), TypeError)
  // Without chunks an end of the connection is the end of the body: it must be reset.
  const old = serving.open()
  const failed = new Promise((resolve) => old.socket.once('error', resolve))
  old.say('GET / HTTP/1.0\r\n\r\n')
  assert.match(String(await failed), /ECONNRESET/)
})

test('a mistake of whoever answers breaks the connection, and not the server', async () => {
  let mistakes = 0
  await using serving = await serve(async ({ path }, reply) => {
    if (path === '/ok') reply.send(200, {}, 'ok')
    else {
      mistakes += 1
      throw new Error('a mistake')
    }
  })
  await assert.rejects(fetch(serving.url), TypeError)
  assert.equal(mistakes, 1)
  assert.equal(await (await fetch(`${serving.url}/ok`)).text(), 'ok')
})
