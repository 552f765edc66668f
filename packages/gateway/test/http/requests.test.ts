import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { count, head, pending, serve } from './sockets.ts'

test('method, path, query and headers are told as they came', async () => {
  const seen: unknown[] = []
  await using serving = await serve(async ({ method, path, query, headers }, reply) => {
    seen.push([method, path, query.get('a'), headers['x-twice'], headers['authorization']])
    reply.send(200, {}, '')
  })
  const table: readonly [target: string, path: string, a: string | null][] = [
    ['/x/y?a=1&a=2', '/x/y', '1'],
    ['/x?', '/x', null],
    ['/x?a=%C3%A9+b', '/x', 'é b'],
    // What proxies are sent.
    ['http://elsewhere:80/x?a=1', '/x', '1'],
    ['http://elsewhere', '/', null],
    ['http://elsewhere?a=1', '', '1'],
    ['//x', '//x', null],
    ['*', '*', null],
  ]
  for (const [target] of table) {
    const client = serving.open()
    client.say(
      `OPTIONS ${target} HTTP/1.1\r\nhost: a\r\nX-Twice: 1\r\nx-twice: 2\r\nauthorization: a\r\nAuthorization: b\r\nconnection: close\r\n\r\n`,
    )
    assert.match(await client.end(), /^HTTP\/1\.1 200 /)
  }
  assert.deepEqual(
    seen,
    table.map(([, path, a]) => ['OPTIONS', path, a, '1, 2', 'a, b']),
  )
})

test('a body is the same however it arrives', async () => {
  await using serving = await serve(async (incoming, reply) => {
    reply.send(200, {}, await incoming.readBody(100_000))
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }), { maxLength: 8 }),
      fc.boolean(),
      async (pieces, isChunked) => {
        const client = serving.open()
        const all = pieces.join('')
        const length: Record<string, string> = isChunked
          ? { 'transfer-encoding': 'chunked' }
          : { 'content-length': String(all.length) }
        client.say(head('POST', '/', { ...length, connection: 'close' }))
        for (const piece of pieces) {
          client.say(isChunked ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece)
          await new Promise(setImmediate)
        }
        if (isChunked) client.say('0\r\n\r\n')
        const answer = await client.end()
        assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), all)
      },
    ),
    { numRuns: 60 },
  )
})

test('requests that come in one piece are answered in their order, on one connection', async () => {
  await using serving = await serve(async (incoming, reply) => {
    const { length } = await incoming.readBody(1000)
    // The first takes the longest.
    for (let turn = 0; turn < 10 - Number(incoming.path.slice(1)) * 3; turn += 1)
      await new Promise(setImmediate)
    reply.send(200, {}, `${incoming.path}:${length};`)
  })
  const client = serving.open()
  client.say(post('/0', 'a') + post('/1', 'bb') + post('/2', 'ccc'))
  const text = await client.hear(/\/2:3;/)
  assert.deepEqual(text.match(/\/\d:\d;/g), ['/0:1;', '/1:2;', '/2:3;'])
  client.say(post('/3', ''))
  await client.hear(/\/3:0;/)
  client.leave()
})

test('more than the limit is refused: when it is announced, and when it comes', async () => {
  await using serving = await serve(count)
  const announced = serving.open()
  announced.say(head('POST', '/', { 'content-length': '1000001' }))
  assert.match(await announced.hear(/bytes$/), /^HTTP\/1\.1 413 [^]*connection: close/)
  announced.leave()
  const chunked = serving.open()
  chunked.say(head('POST', '/', { 'transfer-encoding': 'chunked' }))
  const piece = `10000\r\n${'x'.repeat(0x1_00_00)}\r\n`
  for (let at = 0; at < 16; at += 1) chunked.say(piece)
  assert.match(await chunked.end(), /^HTTP\/1\.1 413 /)
  const exact = serving.open()
  exact.say(head('POST', '/', { 'content-length': '1000000', connection: 'close' }) + 'x'.repeat(1_000_000))
  assert.match(await exact.end(), /\/ 1000000$/)
})

test('one that sends without end is told why, and cut off', async () => {
  await using serving = await serve(count)
  const client = serving.open()
  client.say(head('POST', '/', { 'content-length': '999999999' }))
  const chunk = Buffer.alloc(65_536)
  const send = (): void => {
    while (client.socket.writable && client.socket.write(chunk));
  }
  client.socket.on('drain', send)
  send()
  assert.match(await client.end(), /^HTTP\/1\.1 413 /)
  assert.ok(client.socket.bytesWritten < 50_000_000)
})

test('a client that waits for leave to send gets it when its body is wanted, and not before', async () => {
  await using serving = await serve(async (incoming, reply) => {
    if (incoming.path === '/refused') reply.send(401, {}, 'no')
    else await count(incoming, reply)
  })
  const expecting = { expect: '100-continue', 'content-length': '3' }
  const refused = serving.open()
  refused.say(head('POST', '/refused', expecting))
  assert.match(await refused.end(), /^HTTP\/1\.1 401 /)
  const wanted = serving.open()
  wanted.say(head('POST', '/wanted', { ...expecting, connection: 'close' }))
  await wanted.hear(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  wanted.say('abc')
  assert.match(await wanted.end(), /\/wanted 3$/)
})

test('headers that are too large are refused with a reason', async () => {
  await using serving = await serve(count)
  const client = serving.open()
  client.say(`GET / HTTP/1.1\r\nhost: a\r\nx-large: ${'x'.repeat(20_000)}`)
  for (let at = 0; at < 20; at += 1) {
    client.say('x'.repeat(20_000))
    await new Promise(setImmediate)
  }
  assert.match(await client.end(), /^HTTP\/1\.1 431 [^]*headers are larger than 16 kB/)
})

test('those who send their headers, or their body, too slowly are cut off', async () => {
  await using serving = await serve(count, { requestTimeout: 200 })
  const slowHead = serving.open()
  slowHead.say('POST / HTTP/1.1\r\nhost: a\r\n')
  const slowBody = serving.open()
  slowBody.say(`${head('POST', '/', { 'content-length': '100' })}x`)
  // A byte now and then does not help.
  const dripping = setInterval(() => {
    for (const client of [slowHead, slowBody]) if (client.socket.writable) client.say('x')
  }, 20)
  const answers = await Promise.all([slowHead.end(), slowBody.end()])
  clearInterval(dripping)
  assert.match(answers[0], /^HTTP\/1\.1 408 [^]*did not arrive in time/)
  assert.match(answers[1], /^HTTP\/1\.1 408 [^]*did not arrive in time$/)
})

test('a sender that is slow is no reason for others to wait', async () => {
  await using serving = await serve(count)
  const slow = Array.from({ length: 50 }, () => serving.open())
  for (const client of slow) client.say(head('POST', '/', { 'content-length': '10' }))
  const response = await fetch(serving.url, { method: 'POST', body: 'abc' })
  assert.equal(await response.text(), '/ 3')
  for (const client of slow) client.leave()
})

test('a body that breaks off is told to whoever waits for it', async () => {
  const told = pending<unknown>()
  await using serving = await serve(async (incoming, reply) => {
    await incoming.readBody(1000).catch((error: unknown) => told.resolve(error))
    reply.send(200, {}, '')
  })
  const client = serving.open()
  client.say(`${head('POST', '/', { 'content-length': '10' })}abc`)
  await new Promise((resolve) => client.socket.once('ready', resolve))
  client.leave()
  assert.match(String(await told.promise), /broke off/)
})

test('a body is waited for no longer when its connection is reset', async () => {
  const [asked, told] = [pending(), pending<unknown>()]
  await using serving = await serve(async (incoming) => {
    const body = incoming.readBody(1000)
    asked.resolve()
    await body.catch((error: unknown) => told.resolve(error))
  })
  const client = serving.open()
  client.say(`${head('POST', '/', { 'content-length': '10' })}abc`)
  await asked.promise
  client.socket.resetAndDestroy()
  assert.match(String(await told.promise), /broke off/)
})

test('whoever is refused while they still send can read why', async () => {
  await using serving = await serve(async (_incoming, reply) => reply.send(401, {}, 'no key'))
  const large = `GET / HTTP/1.1\r\nhost: a\r\nx-large: ${'x'.repeat(20_000)}`
  const table: readonly [start: string, answer: RegExp][] = [
    [head('POST', '/', { 'content-length': '900000' }), /^HTTP\/1\.1 401 [^]*no key$/],
    [large, /^HTTP\/1\.1 431 [^]*larger than 16 kB/],
  ]
  for (const [start, answer] of table) {
    const client = serving.open()
    client.socket.pause()
    client.say(start)
    // They read only when all is sent: an answer on a connection that is reset would be lost.
    for (let at = 0; at < 8; at += 1) {
      client.say('x'.repeat(100_000))
      await new Promise((resolve) => {
        setTimeout(resolve, 10)
      })
    }
    client.socket.resume()
    await client.hear(answer)
    client.leave()
  }
})

test('a body that is asked for when its sender is gone is not waited for', async () => {
  const told = pending<unknown>()
  await using serving = await serve(async (incoming, reply) => {
    await new Promise<void>((resolve) => {
      reply.onLeft(resolve)
    })
    await incoming.readBody(1000).catch((error: unknown) => told.resolve(error))
  })
  const client = serving.open()
  client.say(`${head('POST', '/', { 'content-length': '10' })}abc`)
  await new Promise((resolve) => client.socket.once('ready', resolve))
  client.leave()
  assert.match(String(await told.promise), /broke off/)
})

test('a body that is wrongly put in chunks is refused', async () => {
  await using serving = await serve(count)
  const client = serving.open()
  client.say(`${head('POST', '/', { 'transfer-encoding': 'chunked' })}zz\r\n`)
  assert.match(await client.end(), /^HTTP\/1\.1 400 [^]*not valid HTTP$/)
})

test('a body with two lengths is no request: what stands behind it is none either', async () => {
  let asked = 0
  await using serving = await serve(async (incoming, reply) => {
    asked += 1
    await count(incoming, reply)
  })
  for (const headers of [
    'content-length: 4\r\ntransfer-encoding: chunked\r\n',
    'content-length: 4\r\ncontent-length: 5\r\n',
  ]) {
    const client = serving.open()
    client.say(
      `POST / HTTP/1.1\r\nhost: a\r\n${headers}\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n`,
    )
    assert.match(await client.end(), /^HTTP\/1\.1 400 /)
  }
  assert.equal(asked, 0)
})

function post(path: string, body: string): string {
  return head('POST', path, { 'content-length': String(body.length) }) + body
}
