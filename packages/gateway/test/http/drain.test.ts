import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { head, pending, serve } from './sockets.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('a shutdown closes idle connections, takes no new ones and lets answers end', async () => {
  const [asked, go] = [pending(), pending()]
  await using serving = await serve(async ({ path }, reply) => {
    if (path === '/quick') {
      reply.send(200, {}, 'quick')
      return
    }
    reply.begin(200, {})
    reply.write(bytes('first '))
    asked.resolve()
    await go.promise
    reply.end(bytes('last'))
  })
  const [idle, busy] = [serving.open(), serving.open()]
  idle.say(head('GET', '/quick'))
  await idle.hear(/quick$/)
  busy.say(head('GET', '/'))
  await asked.promise
  const closed = serving.listener.close(60_000)
  await idle.end()
  const late = connect(serving.listener.port, '127.0.0.1')
  const [refused] = (await new Promise((resolve) => late.once('error', (error) => resolve([error])))) as [
    Error,
  ]
  assert.match(String(refused), /ECONNREFUSED/)
  go.resolve()
  assert.match(await busy.end(), /first [^]*last\r\n0\r\n\r\n$/)
  await closed
})

test('an answer that begins during a shutdown says that the connection closes', async () => {
  const [asked, go] = [pending(), pending()]
  await using serving = await serve(async (_incoming, reply) => {
    asked.resolve()
    await go.promise
    reply.send(200, {}, 'whole')
  })
  const client = serving.open()
  client.say(head('GET', '/'))
  await asked.promise
  const closed = serving.listener.close(60_000)
  go.resolve()
  assert.match(await client.end(), /connection: close[^]*whole$/)
  await closed
})

test('at the deadline streams can still say why they end, and what does not end is cut off', async () => {
  const over = pending()
  const open = pending()
  let isSecond = false
  await using serving = await serve(async ({ path }, reply) => {
    reply.begin(200, {})
    reply.write(bytes('first '))
    if (isSecond) open.resolve()
    isSecond = true
    await over.promise
    if (path === '/polite') reply.end(bytes('shutting down'))
  })
  const [polite, stubborn] = [serving.open(), serving.open()]
  polite.say(head('GET', '/polite'))
  stubborn.say(head('GET', '/stubborn'))
  await open.promise
  await serving.listener.close(10, over.resolve)
  assert.match(await polite.end(), /shutting down\r\n0\r\n\r\n$/)
  assert.match(await stubborn.end(), /first \r\n$/)
})

test('an answer that is written but not yet read is not cut by a shutdown', async () => {
  const large = Buffer.alloc(20_000_000, 'x')
  const written = pending()
  await using serving = await serve(async (_incoming, reply) => {
    reply.send(200, {}, large)
    written.resolve()
  })
  const client = serving.open()
  client.socket.pause()
  client.say(head('GET', '/'))
  await written.promise
  const closed = serving.listener.close(60_000)
  client.socket.resume()
  const text = await client.end()
  assert.equal(text.length - text.indexOf('\r\n\r\n') - 4, large.length)
  await closed
})

test('a port that is taken is an error', async () => {
  await using serving = await serve(async () => {})
  const { listen } = await import('../../src/http/node-server.ts')
  const server = {
    bodyLimit: 1,
    requestTimeout: 1000,
    bufferLimit: 1,
    readTimeout: 1,
    drain: 1,
    keepAlive: 1,
  }
  await assert.rejects(
    listen({ host: '127.0.0.1', port: serving.listener.port, server }, async () => {}),
    {
      code: 'EADDRINUSE',
    },
  )
})
