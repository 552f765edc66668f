/** Recorders behind code that cannot be handed a `fetch`: who answers whom, and what does not change. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http, { get, request } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import OpenAI from 'openai'
import undici from 'undici'
import { install } from '../src/install/install.ts'
import type { InstalledFetch } from '../src/scope.ts'
import { all, askAll, askNode, saying } from './clients.ts'
import { memoryTape, urlOf } from './memory-tape.ts'
import { serve, signalOnce } from './servers.ts'

function installed(t: TestContext, fetch: InstalledFetch): void {
  t.after(install(fetch))
}

test('every client is answered, and after it none', async () => {
  const [before, request] = [globalThis.fetch, http.request]
  const undo = install(saying('tape'))
  assert.deepEqual(await askAll(), all('tape'))
  undo()
  assert.equal(globalThis.fetch, before)
  assert.equal(http.request, request)
  await assert.rejects(askNode('http://nowhere.invalid/'), { code: /ENOTFOUND|EAI_AGAIN/ })
})

test('what was imported by its name is answered too', async (t) => {
  installed(t, saying('tape'))
  for (const send of [request, get]) {
    const { promise, resolve } = Promise.withResolvers<http.IncomingMessage>()
    send('http://nowhere.invalid/', resolve).end()
    assert.equal(await text(await promise), 'tape')
  }
})

test('of several the latest answers; they are undone in any order', async () => {
  const undoA = install(saying('a'))
  const undoB = install(saying('b'))
  const undoC = install(saying('c'))
  assert.deepEqual(await askAll(), all('c'))
  undoB()
  assert.deepEqual(await askAll(), all('c'))
  undoC()
  undoC()
  assert.deepEqual(await askAll(), all('a'))
  undoA()
  await assert.rejects(askNode('http://nowhere.invalid/'))
})

test('what others have put over it since stays, and goes to the network', async (t) => {
  const original = globalThis.fetch
  t.after(() => {
    globalThis.fetch = original
  })
  const base = await serve(t, (_, response) => response.end('network'))
  const undo = install(saying('tape'))
  const ours = globalThis.fetch
  const theirs: typeof fetch = (input, init) => ours(input, init)
  globalThis.fetch = theirs
  undo()
  assert.equal(globalThis.fetch, theirs)
  assert.equal(await (await fetch(base)).text(), 'network')
})

test("a recorder's own way to the network is not put on tape again", async (t) => {
  const base = await serve(t, (_, response) => response.end('network'))
  const asked: string[] = []
  installed(t, async (input, init, network) => {
    asked.push(urlOf(input))
    return network(input, init)
  })
  assert.deepEqual(await askAll(base), all('network'))
  assert.equal(asked.length, 4)
})

test('64 calls at once get their own answers', async (t) => {
  installed(t, async (input) => {
    await setTimeout(Math.random() * 5)
    return new Response(urlOf(input))
  })
  const urls = Array.from({ length: 64 }, (_, index) => `http://nowhere.invalid/${index}`)
  for (const send of [askNode, async (url: string) => (await undici.request(url)).body.text()])
    assert.deepEqual(await Promise.all(urls.map((url) => send(url))), urls)
})

test('an error of the recorder is what the program gets', async (t) => {
  const miss = new Error('not on tape')
  installed(t, async () => {
    throw miss
  })
  const url = 'http://nowhere.invalid/'
  await assert.rejects(fetch(url), miss)
  await assert.rejects(askNode(url), miss)
  await assert.rejects(undici.request(url), miss)
  await assert.rejects(undici.fetch(url), { name: 'TypeError', cause: miss })
})

test('a program that leaves takes its call with it', { timeout: 10_000 }, async (t) => {
  for (const leave of ['before the head', 'in the body'] as const) {
    const left = signalOnce()
    const began = signalOnce()
    const undo = install((_, init) => {
      init?.signal?.addEventListener('abort', left.say)
      began.say()
      const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('a')) })
      return leave === 'in the body' ? Promise.resolve(new Response(body)) : new Promise(() => {})
    })
    t.after(undo)
    const sent = http.get('http://nowhere.invalid/')
    sent.on('error', () => {})
    if (leave === 'in the body') {
      sent.on('response', (response) => response.on('error', () => {}).once('data', () => sent.destroy()))
    } else {
      await began.said
      sent.destroy()
    }
    await left.said
    undo()
  }
})

test('a program that leaves undici or by a signal takes its call with it', { timeout: 10_000 }, async (t) => {
  const sends = [
    (signal: AbortSignal) => undici.request('http://nowhere.invalid/', { signal }),
    (signal: AbortSignal) => askNode('http://nowhere.invalid/', { signal }),
  ]
  for (const send of sends) {
    const left = signalOnce()
    const began = signalOnce()
    const undo = install((_, init) => {
      init?.signal?.addEventListener('abort', left.say)
      began.say()
      return new Promise(() => {})
    })
    t.after(undo)
    const controller = new AbortController()
    const rejected = assert.rejects(send(controller.signal), { name: 'AbortError' })
    await began.said
    controller.abort()
    await rejected
    await left.said
    undo()
  }
})

test('a program that waits no longer is told so', { timeout: 10_000 }, async (t) => {
  installed(t, () => new Promise(() => {}))
  const sent = http.get('http://nowhere.invalid/', { timeout: 20 })
  sent.once('timeout', () => sent.destroy(new Error('too slow')))
  await assert.rejects(new Promise((_, reject) => sent.once('error', reject)), /too slow/)
})

test('a body is not read faster than the program reads it', async (t) => {
  let pulled = 0
  const endless = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(16_384))
      },
    },
    { highWaterMark: 0 },
  )
  installed(t, async () => new Response(endless))
  const { promise, resolve } = Promise.withResolvers<http.IncomingMessage>()
  http.get('http://nowhere.invalid/', resolve)
  const response = await promise
  await setTimeout(50)
  const waiting = pulled
  assert.ok(waiting < 20, `${waiting} pieces of 16 kB before any was read`)
  await setTimeout(50)
  assert.equal(pulled, waiting)
  response.once('data', () => {})
  await setTimeout(50)
  assert.ok(pulled > waiting)
  response.destroy()
})

test('a body of megabytes comes whole', async (t) => {
  const bytes = Buffer.alloc(5_000_000, 'playhead')
  installed(t, async (_, init) => new Response(init?.body ?? bytes))
  const { promise, resolve } = Promise.withResolvers<http.IncomingMessage>()
  const sent = http.request('http://nowhere.invalid/', { method: 'POST' }, resolve)
  sent.end(bytes)
  assert.equal((await text(await promise)).length, bytes.length)
})

test('the openai SDK, as it is', async (t) => {
  installed(t, async (input, init) => {
    assert.equal(urlOf(input), 'https://api.openai.com/v1/chat/completions')
    assert.ok(typeof init?.body === 'string' && init.body.includes('"hello"'))
    const delta = { choices: [{ index: 0, delta: { content: 'hi' } }] }
    const body = `data: ${JSON.stringify(delta)}\n\ndata: [DONE]\n\n`
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  })
  const client = new OpenAI({ apiKey: 'none' })
  const stream = await client.chat.completions.create({
    model: 'gpt-5',
    messages: [{ role: 'user', content: 'hello' }],
    stream: true,
  })
  const said: unknown[] = []
  for await (const chunk of stream) said.push(chunk.choices[0]?.delta.content)
  assert.deepEqual(said, ['hi'])
})

/** A certificate that nobody signed but itself. */
function certificate(t: TestContext): { key: string; cert: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-tls-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const how = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1']
  if (spawnSync('openssl', ['version']).error !== undefined) return undefined
  execFileSync('openssl', [...how, '-keyout', key, '-out', cert, ...name], { stdio: 'pipe' })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

test('https goes to the network with the certificates that the program names', async (t) => {
  const pair = certificate(t)
  if (pair === undefined) return t.skip('no openssl here')
  const server = https.createServer(pair, (_, response) => response.end('secure'))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://localhost:${(server.address() as AddressInfo).port}/a?b=c`
  const ask = (options: https.RequestOptions): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    https.get(url, options, (response) => resolve(text(response))).on('error', reject)
    return promise
  }
  const tape = memoryTape()
  const undo = install(tape.record)
  t.after(undo)
  assert.equal(await ask({ ca: pair.cert }), 'secure')
  assert.equal(await ask({ agent: new https.Agent({ ca: pair.cert }) }), 'secure')
  await assert.rejects(ask({}), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  undo()
  assert.deepEqual(tape.asked, Array(3).fill(`GET ${url}`))
})

test('a connection that becomes another one is left alone', async (t) => {
  const server = http.createServer()
  server.on('upgrade', (_, socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  )
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  installed(t, saying('tape'))
  const { promise, resolve } = Promise.withResolvers<http.IncomingMessage>()
  const headers = { connection: 'upgrade', upgrade: 'x' }
  http
    .get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', headers })
    .on('upgrade', resolve)
  assert.equal((await promise).statusCode, 101)
})

test('addresses are told as they are', async (t) => {
  const asked: string[] = []
  installed(t, async (input) => {
    asked.push(urlOf(input))
    return new Response('')
  })
  const sends: readonly (() => http.ClientRequest)[] = [
    () => http.get({ host: 'a.invalid', path: '/b?c=d' }),
    () => http.get({ hostname: 'a.invalid', port: 8080 }),
    () => http.get(new URL('http://a.invalid//b')),
    () => http.get('http://[::1]:81/'),
    () => http.get('http://a.invalid/', { headers: { host: 'virtual.invalid' } }),
    () => https.get({ host: 'a.invalid', port: 443, path: '/x' }),
    () => https.get('https://a.invalid/y', {}),
  ]
  for (const send of sends)
    await new Promise((resolve) => send().on('response', (response) => response.resume().on('end', resolve)))
  assert.deepEqual(asked, [
    'http://a.invalid/b?c=d',
    'http://a.invalid:8080/',
    'http://a.invalid//b',
    'http://[::1]:81/',
    'http://a.invalid/',
    'https://a.invalid/x',
    'https://a.invalid/y',
  ])
})

test('it loads nothing before it is installed, and keeps no process alive', () => {
  const source = `
    const { install } = await import(${JSON.stringify(import.meta.resolve('../src/install/install.ts'))})
    const loaded = process.moduleLoadList.includes('NativeModule https')
    install(async () => new Response('tape'))
    process.getBuiltinModule('node:http').get('http://nowhere.invalid/', { agent: new (process.getBuiltinModule('node:http').Agent)({ keepAlive: true }) }, (response) => response.resume())
    process.on('exit', () => console.log(loaded))
  `
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    timeout: 5000,
  })
  assert.equal(status, 0)
  assert.equal(String(stdout), 'false\n')
})
