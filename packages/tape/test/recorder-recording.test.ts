/** What a recorder writes of real answers, and that it replays them byte for byte. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { readGoVcr, record, writeGoVcr } from '../src/index.ts'
import { type Answered, answeredIn } from './cassettes.ts'
import { cassetteNames, newCassette, serve, signalOnce } from './servers.ts'

const text = 'data: é 漢 😀\r\n\r\n\u0000\u2028'
const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))

const answers: readonly [sentence: string, listener: RequestListener][] = [
  ['text of every kind', (_, response) => response.end(text)],
  ['bytes that are no text', (_, response) => response.end(bytes)],
  ['an empty body', (_, response) => response.end()],
  ['a byte order mark', (_, response) => response.end('\ufeffa')],
  ['blank lines at the end', (_, response) => response.end('\n\n a \n\n\n')],
  ['no content', (_, response) => response.writeHead(204).end()],
  ['not modified', (_, response) => response.writeHead(304, { etag: '"a"' }).end()],
  ['a status of its own', (_, response) => response.writeHead(299, 'Quite "fine": yes').end('a')],
  ['a status without a text', (_, response) => response.writeHead(500, '').end('a')],
  ['a failure', (_, response) => response.writeHead(503, { 'retry-after': '1' }).end('{"error":{}}')],
  ['gzip', compressed('gzip', gzipSync(text))],
  ['brotli', compressed('br', brotliCompressSync(text))],
  ['deflate', compressed('deflate', deflateSync(bytes))],
]

function compressed(encoding: string, body: Buffer): RequestListener {
  return (_, response) =>
    response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length }).end(body)
}

interface Seen {
  readonly headers: Readonly<Record<string, string>>
  readonly [property: string]: unknown
}

/** As much of a response as a caller sees. What describes an encoded body is no longer true of a replayed one. */
async function seen(response: Response): Promise<Seen> {
  const headers = Object.fromEntries(response.headers)
  if (headers['content-encoding'] !== undefined) {
    for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) delete headers[name]
  }
  const { status, statusText, ok, url, redirected } = response
  const hasBody = response.body !== null
  return {
    status,
    statusText,
    ok,
    url,
    redirected,
    headers,
    hasBody,
    body: Buffer.from(await response.bytes()),
  }
}

function askBy(method: string): (fetch: typeof globalThis.fetch, base: string) => Promise<Seen> {
  return (fetch, base) => fetch(`${base}/a?b=c`, { method }).then(seen)
}

function withoutDate(seen: Seen): Seen {
  return { ...seen, headers: { ...seen.headers, date: '' } }
}

function suite(name: string): void {
  /** Records what `ask` does with a server, and gives the file and what `ask` gave. */
  async function recorded<Result>(
    t: TestContext,
    listener: RequestListener,
    ask: (fetch: typeof globalThis.fetch, base: string) => Promise<Result>,
  ): Promise<{ file: string; base: string; live: Result; interactions: readonly Answered[] }> {
    const file = newCassette(t, name)
    const base = await serve(t, listener)
    const recorder = await record(file)
    const live = await ask(recorder.fetch, base)
    await recorder.stop()
    return { file, base, live, interactions: await answeredIn(file) }
  }

  test('an answer reaches the caller while it is still being sent', { timeout: 10_000 }, async (t) => {
    const first = signalOnce()
    const { live, interactions } = await recorded(
      t,
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: first\n\n')
        // Without the caller's word, there is no end.
        void first.said.then(() => response.end('data: last\n\n'))
      },
      async (fetch, base) => {
        const reader = (await fetch(base)).body?.getReader() ?? assert.fail()
        const chunk = await reader.read()
        first.say()
        await reader.read()
        await reader.read()
        return Buffer.from(chunk.value ?? []).toString()
      },
    )
    assert.equal(live, 'data: first\n\n')
    assert.equal(interactions[0]?.response.body, 'data: first\n\ndata: last\n\n')
  })

  test('headers that retries and bills need are kept, in the case that Go writes', async (t) => {
    const { interactions } = await recorded(
      t,
      (_, response) => {
        response.writeHead(429, 'Too Many Requests', {
          'retry-after': '7',
          'RETRY-AFTER-MS': '7000',
          'x-ratelimit-remaining-tokens': '0',
          'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:00Z',
          'X-Request-Id': 'req_1',
          'openai-processing-ms': '12',
          etag: '"abc"',
          link: ['<a>; rel=next', '<b>; rel=last'],
        })
        response.end('{}')
      },
      (fetch, base) =>
        fetch(base, { headers: { 'content-type': 'application/json', 'x-stainless-lang': 'js' } }).then(
          (response) => response.text(),
        ),
    )
    const headers = new Map(interactions[0]?.response.headers)
    for (const [name, value] of [
      ['Retry-After', '7'],
      ['Retry-After-Ms', '7000'],
      ['X-Ratelimit-Remaining-Tokens', '0'],
      ['Anthropic-Ratelimit-Tokens-Reset', '2026-01-01T00:00:00Z'],
      ['X-Request-Id', 'req_1'],
      ['Openai-Processing-Ms', '12'],
      ['Etag', '"abc"'],
      ['Link', '<a>; rel=next, <b>; rel=last'],
    ] as const) {
      assert.equal(headers.get(name), value, name)
    }
    assert.deepEqual(interactions[0]?.request.headers, [
      ['Content-Type', 'application/json'],
      ['X-Stainless-Lang', 'js'],
    ])
  })

  for (const method of ['GET', 'POST', 'HEAD']) {
    for (const [sentence, listener] of answers) {
      test(`${method}, replayed as it was recorded: ${sentence}`, async (t) => {
        const ask = askBy(method)
        const { file, base, live } = await recorded(t, listener, ask)
        const direct = await ask(globalThis.fetch, base)
        assert.deepEqual(withoutDate(live), withoutDate(direct))
        const replay = await record(file, { mode: 'replay' })
        assert.deepEqual(await ask(replay.fetch, base), live)
        assert.deepEqual(replay.unused, [])
      })
    }
  }

  test('a compressed answer is recorded as it was read', async (t) => {
    const { interactions } = await recorded(t, compressed('gzip', gzipSync(text)), (fetch, base) =>
      fetch(base).then((response) => response.text()),
    )
    const names = interactions[0]?.response.headers.map(([name]) => name) ?? []
    assert.deepEqual(
      names.filter((name) => /encoding|length/i.test(name)),
      [],
    )
    assert.equal(interactions[0]?.response.body, text)
  })

  test('our own files, read and written again, are the same', async (t) => {
    const { file, interactions } = await recorded(
      t,
      (request, response) => {
        if (request.url === '/bytes') response.end(bytes)
        else response.writeHead(404, 'Not: "here"', { 'x-a': "it's", 'x-empty': '' }).end(text)
      },
      async (fetch, base) => {
        for (const path of ['/', '/bytes', '/?a=b&c', '/é']) {
          await (await fetch(base + path, { method: 'POST', body: `{"a":\n"${path}"}` })).text()
        }
      },
    )
    assert.equal(interactions.length, 4)
    const written = readFileSync(file, 'utf8')
    if (name === 'cassette.yaml') assert.equal(writeGoVcr(readGoVcr(written, file)), written)
    const all = interactions.flatMap(({ request, response }) => [...request.headers, ...response.headers])
    for (const [header] of all) assert.match(header, /^[A-Z][a-z0-9]*(-[A-Z0-9][a-z0-9]*)*$/)
  })

  test('equal requests stand in the order they were sent, whenever they are answered', async (t) => {
    const [first, arrived] = [signalOnce(), signalOnce()]
    let count = 0
    const { interactions } = await recorded(
      t,
      (_, response) => {
        count += 1
        const body = String(count)
        if (count === 2) return void response.end(body)
        arrived.say()
        void first.said.then(() => response.end(body))
      },
      async (fetch, base) => {
        const slow = fetch(base).then((response) => response.text())
        await arrived.said
        await fetch(base).then((response) => response.text())
        first.say()
        return slow
      },
    )
    assert.deepEqual(
      interactions.map(({ response }) => response.body),
      ['1', '2'],
    )
  })

  test('the time to the head of an answer is recorded and replayed', async (t) => {
    const { file, base, interactions } = await recorded(
      t,
      (_, response) => void setTimeout(() => response.end('a'), 30),
      (fetch, base) => fetch(base).then((response) => response.text()),
    )
    const { duration = 0 } = interactions[0]?.response ?? {}
    assert.ok(duration >= 28, `${duration} ms`)
    const replay = await record(file, { mode: 'replay' })
    await replay.fetch(base)
    assert.equal(replay.clock.now(), duration)
    const started = performance.now()
    const paced = await record(file, { mode: 'replay', speed: 1 })
    await paced.fetch(base)
    assert.ok(performance.now() - started >= duration - 2)
  })
}

for (const name of cassetteNames) describe(name, () => suite(name))
