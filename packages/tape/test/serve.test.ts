/** Servers that record and replay, as any program sees them. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import undici from 'undici'
import { openCassette } from '../src/open.ts'
import type { RecordOptions } from '../src/options.ts'
import { parseUpstream, recordingShelves, replayingShelves } from '../src/serve/shelves.ts'
import { startServer, type ServedExchange } from '../src/serve/server.ts'
import { newCassette, type Scope, serve, signalOnce } from './servers.ts'

const pieces = ['data: {"a":1}\n\n', 'data: ü', '\n\n', 'data: [DONE]\n\n']

/** An upstream that streams what it is asked for, and says what it got. */
function upstream(t: Scope, seen: http.IncomingMessage[] = []): Promise<string> {
  return serve(t, (request, response) => {
    seen.push(request)
    void buffer(request).then(async (body) => {
      if (request.url === '/moved') return response.writeHead(307, { location: '/elsewhere' }).end()
      if (request.url === '/packed')
        return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'))
      if (request.url === '/broken') {
        response.writeHead(200).write('half')
        return setTimeout(() => response.destroy(), 20)
      }
      response.writeHead(request.url === '/busy' ? 429 : 200, 'Well', [
        'content-type',
        'text/event-stream',
        'set-cookie',
        'a=b',
        'set-cookie',
        'c=d',
        'x-size',
        `${body.length}`,
      ])
      for (const piece of pieces) {
        response.write(piece)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return response.end()
    })
  })
}

async function recording(
  t: Scope & { after(release: () => Promise<void> | void): void },
  to: string,
  ...upstreams: readonly string[]
): Promise<Awaited<ReturnType<typeof startServer>>> {
  const server = await startServer(recordingShelves(upstreams.map(parseUpstream), to, { mode: 'new' }))
  t.after(() => server.close(0).catch(() => {}))
  return server
}

async function replaying(
  t: Scope,
  from: string,
  options: RecordOptions = {},
): Promise<Awaited<ReturnType<typeof startServer>> & { readonly exchanges: readonly ServedExchange[] }> {
  const exchanges: ServedExchange[] = []
  const onExchange = (exchange: ServedExchange): void => void exchanges.push(exchange)
  const server = await startServer(replayingShelves(from, { repeat: true, ...options }), { onExchange })
  t.after(() => void server.close(0))
  return { ...server, exchanges }
}

/** What each client gets for a POST of a body. */
const clients: Readonly<Record<string, (url: string, body: string) => Promise<Buffer>>> = {
  fetch: async (url, body) => Buffer.from(await (await fetch(url, { method: 'POST', body })).arrayBuffer()),
  undici: async (url, body) =>
    Buffer.from(await (await undici.request(url, { method: 'POST', body })).body.arrayBuffer()),
  'node:http': (url, body) =>
    new Promise((resolve, reject) => {
      http
        .request(url, { method: 'POST' }, (response) => resolve(buffer(response)))
        .on('error', reject)
        .end(body)
    }),
  curl: async (url, body) =>
    (await promisify(execFile)('curl', ['-sN', '--data-binary', body, url], { encoding: 'buffer' })).stdout,
}

const askSame = (url: string): Promise<string> =>
  fetch(url, { method: 'POST', body: 'same' }).then((one) => one.text())

describe('recorded and replayed byte for byte', () => {
  for (const [name, ask] of Object.entries(clients)) {
    test(name, async (t) => {
      const to = newCassette(t, 'a.tape.jsonl')
      const recorder = await recording(t, to, await upstream(t))
      const bodies = ['a', 'b'].map((body) => `${name} asks ${body}`)
      const recorded = await Promise.all(bodies.map((body) => ask(`${recorder.url}/v1/x?y=1`, body)))
      await recorder.close()
      for (const one of recorded) assert.equal(String(one), pieces.join(''))
      const player = await replaying(t, to)
      for (const body of [...bodies, ...bodies.toReversed()])
        assert.deepEqual(await ask(`${player.url}/v1/x?y=1`, body), recorded[0])
    })
  }

  test('chunks stand on the tape as they came, and status and headers pass', async (t) => {
    const to = newCassette(t, 'a.tape.jsonl')
    const recorder = await recording(t, to, await upstream(t))
    const response = await fetch(`${recorder.url}/busy`)
    assert.deepEqual([response.status, response.statusText], [429, 'Well'])
    assert.deepEqual(response.headers.getSetCookie(), ['a=b', 'c=d'])
    await response.text()
    await recorder.close()
    using cassette = await openCassette(to)
    assert.equal(cassette?.at(0).response?.chunks?.length, pieces.length)
  })

  test('redirections are the client’s to follow, packed bodies are unpacked', async (t) => {
    const to = newCassette(t, 'a.tape.jsonl')
    const recorder = await recording(t, to, await upstream(t))
    for (let round = 0; round < 2; round += 1) {
      const server = round === 0 ? recorder : await replaying(t, to)
      const moved = await fetch(`${server.url}/moved`, { redirect: 'manual' })
      assert.deepEqual([moved.status, moved.headers.get('location')], [307, '/elsewhere'])
      assert.equal(await (await fetch(`${server.url}/packed`)).text(), 'packed')
      if (round === 0) await recorder.close()
    }
  })

  test('64 clients at once', async (t) => {
    const to = newCassette(t, 'a.tape.jsonl')
    const seen: http.IncomingMessage[] = []
    const recorder = await recording(t, to, await upstream(t, seen))
    await Promise.all(Array.from({ length: 64 }, () => askSame(recorder.url)))
    await recorder.close()
    assert.equal(seen.length, 64)
    const player = await replaying(t, to, { repeat: false })
    const answers = await Promise.all(Array.from({ length: 64 }, () => askSame(player.url)))
    assert.ok(answers.every((one) => one === pieces.join('')))
    const more = await fetch(player.url, { method: 'POST', body: 'same' })
    assert.equal(more.status, 404)
  })
})

describe('where requests go', () => {
  test('the longest prefix says, and is taken off', async (t) => {
    const [a, b]: [http.IncomingMessage[], http.IncomingMessage[]] = [[], []]
    const to = newCassette(t, 'a.tape.jsonl')
    const recorder = await recording(t, to, `/a=${await upstream(t, a)}/base`, `/a/b=${await upstream(t, b)}`)
    await (await fetch(`${recorder.url}/a/x?q=1`)).text()
    await (await fetch(`${recorder.url}/a/b/y`)).text()
    assert.deepEqual([a[0]?.url, b[0]?.url], ['/base/x?q=1', '/y'])
    const nowhere = await fetch(`${recorder.url}/ab`)
    assert.equal(nowhere.status, 404)
    assert.match(await nowhere.text(), /no upstream is given for this path; there are \/a, \/a\/b/)
  })

  test('headers pass but for those of the connection and ours; hosts are the upstream’s', async (t) => {
    const seen: http.IncomingMessage[] = []
    const to = join(newCassette(t, 'tapes'), '/')
    const address = await upstream(t, seen)
    const recorder = await recording(t, to, address)
    const headers = { 'x-playhead-tape': 'one', 'x-mine': 'yes', connection: 'x-gone', 'x-gone': 'yes' }
    await clients['node:http']?.(recorder.url, '')
    await new Promise((resolve) => http.get(recorder.url, { headers }, (answer) => resolve(text(answer))))
    const got = seen[1]?.headers ?? {}
    assert.deepEqual([got['x-mine'], got['x-gone'], got['x-playhead-tape']], ['yes', undefined, undefined])
    assert.equal(got.host, new URL(address).host)
  })

  for (const wrong of ['openrouter.ai', 'ftp://x', '/a', 'a=https://x', 'https://u:p@x', 'https://']) {
    test(`${wrong} is no upstream`, () => {
      assert.throws(
        () => parseUpstream(wrong),
        (error: Error) => error instanceof RangeError && !error.message.includes('u:p'),
      )
    })
  }
})

const askOn = (url: string, name: string | undefined): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    body: `${name}`,
    headers: name === undefined ? {} : { 'x-playhead-tape': name },
  })

describe('which tape', () => {
  test('the one that the client names, each its own; a test and its replay side by side', async (t) => {
    const to = newCassette(t, 'tapes')
    mkdirSync(to)
    const recorder = await recording(t, to, await upstream(t))
    const names = ['suite/one', 'two', 'three.yaml', undefined]
    await Promise.all(names.map(async (name) => (await askOn(recorder.url, name)).text()))
    await recorder.close()
    const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).toSorted()
    assert.deepEqual(files, [
      'default.tape.jsonl',
      'suite',
      'suite/one.tape.jsonl',
      'three.yaml',
      'two.tape.jsonl',
    ])
    const player = await replaying(t, to)
    for (const name of names) assert.equal(await (await askOn(player.url, name)).text(), pieces.join(''))
    const other = await fetch(player.url, {
      method: 'POST',
      body: 'two',
      headers: { 'x-playhead-tape': 'suite/one' },
    })
    assert.equal(other.status, 404)
    assert.match(await other.text(), /no recorded interaction answers/)
  })

  test('a folder of other things too: what is nobody’s is passed over, what is packed is read', async (t) => {
    const folder = newCassette(t, 'tapes')
    mkdirSync(join(folder, 'node_modules'), { recursive: true })
    const cassette = newCassette(t, 'one.yaml')
    const recorder = await recording(t, cassette, await upstream(t))
    await (await askOn(recorder.url, undefined)).text()
    await recorder.close()
    writeFileSync(join(folder, 'z.yaml.gz'), gzipSync(readFileSync(cassette)))
    writeFileSync(join(folder, 'data.jsonl'), '{"a":1}\n')
    writeFileSync(join(folder, 'package.json'), '{"name":"x"}')
    writeFileSync(join(folder, 'node_modules/broken.tape.jsonl'), '{"type":"tape","version":99}')
    const player = await replaying(t, folder)
    assert.equal(await (await askOn(player.url, undefined)).text(), pieces.join(''))
    const other = await fetch(player.url, { method: 'POST', body: 'another' })
    assert.equal(other.status, 404)
    assert.doesNotMatch(await other.text(), /mode "new"/)
    writeFileSync(join(folder, 'bad.tape.jsonl'), '{"type":"tape","version":99}')
    assert.equal((await askOn(player.url, undefined)).status, 500)
    const named = { 'x-playhead-tape': 'z' }
    const packed = await fetch(player.url, { method: 'POST', body: 'undefined', headers: named })
    assert.equal(await packed.text(), pieces.join(''))
  })

  for (const name of ['../x', '/etc/x', 'a/../../x', '..', '../tapes-2/x', 'x\\..\\..\\y']) {
    test(`${name} does not lead out`, async (t) => {
      const to = newCassette(t, 'tapes')
      mkdirSync(to)
      const recorder = await recording(t, to, await upstream(t))
      const response = await fetch(recorder.url, { headers: { 'x-playhead-tape': name } })
      await response.text()
      await recorder.close()
      assert.deepEqual(readdirSync(dirname(to)), ['tapes'])
      if (!name.includes('\\')) {
        assert.equal(response.status, 404)
        assert.deepEqual(readdirSync(to), [])
      }
      assert.ok(!existsSync('/etc/x.tape.jsonl'))
    })
  }

  test('a base URL that is another than the recorded one', async (t) => {
    const to = newCassette(t, 'a.tape.jsonl')
    const recorder = await recording(t, to, `/api=${await upstream(t)}/api`)
    await (await fetch(`${recorder.url}/api/v1/chat`, { method: 'POST', body: 'x' })).text()
    await recorder.close()
    const player = await replaying(t, to)
    for (const path of ['/api/v1/chat', '/v1/chat', '/chat', '/openai/api/v1/chat']) {
      const response = await fetch(player.url + path, { method: 'POST', body: 'x' })
      assert.equal(await response.text(), pieces.join(''), path)
    }
    for (const path of ['/other', '//chat.example/other', '/'])
      assert.equal((await fetch(player.url + path, { method: 'POST', body: 'x' })).status, 404, path)
    assert.match(player.exchanges.at(-1)?.problem ?? '', /nothing was recorded for \/[^;]*; there is \//)
  })
})

const askBroken = async (url: string): Promise<string> => (await fetch(`${url}/broken`)).text()

describe('what breaks', () => {
  test('an upstream that breaks off breaks off, recorded and replayed', async (t) => {
    const to = newCassette(t, 'a.tape.jsonl')
    const recorder = await recording(t, to, await upstream(t))
    await assert.rejects(askBroken(recorder.url))
    await recorder.close()
    using cassette = await openCassette(to)
    assert.equal(cassette?.at(0).ending.type, 'error')
    assert.equal(cassette.at(0).response?.body, 'half')
    const player = await replaying(t, to)
    await assert.rejects(askBroken(player.url))
  })

  test('a client that leaves is gone upstream too, and stands on the tape as such', async (t) => {
    const left = signalOnce()
    const endless = await serve(t, (_request, response) => {
      response.write('a piece')
      response.on('close', left.say)
    })
    const to = newCassette(t, 'a.tape.jsonl')
    const recorder = await recording(t, to, endless)
    const controller = new AbortController()
    const response = await fetch(recorder.url, { signal: controller.signal })
    await response.body?.getReader().read()
    controller.abort()
    await left.said
    await recorder.close()
    using cassette = await openCassette(to)
    assert.equal(cassette?.at(0).ending.type, 'abort')
    assert.equal(cassette.at(0).response?.body, 'a piece')
  })

  test('what is under way when it is closed is saved as far as it came', async (t) => {
    const endless = await serve(t, (_request, response) => void response.write('a piece'))
    const to = newCassette(t, 'a.tape.jsonl')
    const recorder = await recording(t, to, endless)
    const response = await fetch(recorder.url)
    await response.body?.getReader().read()
    await recorder.close(20)
    using cassette = await openCassette(to)
    assert.equal(cassette?.at(0).response?.body, 'a piece')
    assert.deepEqual(readdirSync(dirname(to)), ['a.tape.jsonl'])
  })

  test('a tape that is none is said, and the server goes on', async (t) => {
    const to = newCassette(t, 'tapes')
    mkdirSync(to)
    writeFileSync(join(to, 'bad.yaml'), 'a: [')
    const recorder = await recording(t, to, await upstream(t))
    const bad = await fetch(recorder.url, { headers: { 'x-playhead-tape': 'bad.yaml' } })
    assert.deepEqual([bad.status, bad.headers.get('x-should-retry')], [500, 'false'])
    assert.equal((await fetch(recorder.url, { headers: { 'x-playhead-tape': 'good' } })).status, 200)
    assert.equal(readFileSync(join(to, 'bad.yaml'), 'utf8'), 'a: [')
  })

  test('no tunnels, no other protocols, no nonsense', async (t) => {
    const player = await replaying(t, newCassette(t, 'none.tape.jsonl'))
    const { port } = new URL(player.url)
    const say = async (words: string): Promise<string> => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(words)
      return text(socket)
    }
    assert.match(await say('CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 501 /)
    assert.match(
      await say('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
      /^HTTP\/1\.1 501 /,
    )
    assert.match(await say('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /)
    assert.match(
      await say('GET http://a.example/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
      /^HTTP\/1\.1 404 /,
    )
  })
})
