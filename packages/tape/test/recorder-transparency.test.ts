/** Recording never changes the call: what is sent, what comes back, and when. */
import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import { type Fetch, openCassette, record, type Recorder } from '../src/index.ts'
import { answeredIn } from './cassettes.ts'
import { cassetteNames, newCassette, serve, serveRaw, signalOnce } from './servers.ts'

/** A fetch that answers with these chunks and counts how many were asked for. */
function chunked(chunks: Iterable<Uint8Array, undefined>): {
  fetch: Fetch
  pulled: () => number
  cancelled: () => unknown
} {
  let count = 0
  let reason: unknown
  const iterator = chunks[Symbol.iterator]()
  const fetch: Fetch = async () =>
    new Response(
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            const { done, value } = iterator.next()
            if (done === true) return controller.close()
            count += 1
            controller.enqueue(value)
          },
          cancel(cause) {
            reason = cause
          },
        },
        { highWaterMark: 0 },
      ),
    )
  return { fetch, pulled: () => count, cancelled: () => reason }
}

async function chunksOf(response: Response): Promise<string[]> {
  const chunks: string[] = []
  for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk).toString('latin1'))
  return chunks
}

/** What arrived at a server. */
interface Arrived {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

function arriving(list: Arrived[]): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      list.push({ method, url, headers, body: Buffer.concat(chunks).toString('latin1') })
      response.end('ok')
    })
  }
}

function form(): FormData {
  const data = new FormData()
  data.set('a', 'é')
  data.set('file', new Blob(['x'], { type: 'text/plain' }), 'a.txt')
  return data
}

function stream(): ReadableStream<Uint8Array> {
  return new Blob(['a', 'b']).stream()
}

const requests: readonly [sentence: string, ask: (base: string) => Parameters<Fetch>][] = [
  ['a URL alone', (base) => [base]],
  ['a URL object with a query and a fragment', (base) => [new URL(`${base}/a%20b?c=d&c=é#f`)]],
  ['a text', (base) => [base, { method: 'POST', body: '{"a":"é"}' }]],
  ['a text with half a character', (base) => [base, { method: 'POST', body: 'a\ud800' }]],
  ['a method in small letters', (base) => [base, { method: 'post', body: 'a' }]],
  ['no body, said as null', (base) => [base, { method: 'DELETE', body: null }]],
  ['an empty text', (base) => [base, { method: 'PUT', body: '' }]],
  [
    'headers',
    (base) => [
      base,
      {
        headers: [
          ['a', '1'],
          ['a', '2'],
          ['content-type', 'x/y'],
        ],
      },
    ],
  ],
  ['bytes', (base) => [base, { method: 'POST', body: Uint8Array.of(0, 255, 128) }]],
  [
    'part of a buffer',
    (base) => [base, { method: 'POST', body: new Uint8Array([1, 2, 3, 4]).subarray(1, 3) }],
  ],
  ['a form', (base) => [base, { method: 'POST', body: form() }]],
  ['parameters', (base) => [base, { method: 'POST', body: new URLSearchParams({ a: 'é b' }) }]],
  ['a blob', (base) => [base, { method: 'POST', body: new Blob(['a'], { type: 'text/csv' }) }]],
  ['a stream', (base) => [base, { method: 'POST', body: stream(), duplex: 'half' } as RequestInit]],
  ['a Request', (base) => [new Request(base, { method: 'POST', body: 'a', headers: { b: 'c' } })]],
  ['a Request without a body', (base) => [new Request(base, { headers: { b: 'c' } })]],
  [
    'a Request, overruled',
    (base) => [new Request(base, { method: 'POST', body: 'a' }), { body: 'b', method: 'PUT' }],
  ],
]

/** Bytes that were read first are sent with their length, and a form's boundary is random. */
function comparable(arrived: Arrived | undefined): object {
  const { headers, body, ...rest } = arrived ?? assert.fail()
  const { 'content-length': _, 'transfer-encoding': __, connection, ...others } = headers
  const boundary = /boundary=(.*)/.exec(headers['content-type'] ?? '')?.[1] ?? ' '
  const type = headers['content-type']?.replace(boundary, '')
  return {
    ...rest,
    connection,
    headers: { ...others, 'content-type': type },
    body: body.replaceAll(boundary, ''),
  }
}

function suite(name: string): void {
  async function recorderOver(t: TestContext, fetch?: Fetch): Promise<Recorder> {
    return record(newCassette(t, name), { mode: 'new', ...(fetch !== undefined && { fetch }) })
  }

  test('chunks come as they came, also pieces of a character', async (t) => {
    const pieces = ['data: ', '\u00f0\u009f', '\u0098\u0080', '\n', '\n', 'x'].map((piece) =>
      Buffer.from(piece, 'latin1'),
    )
    const recorder = await recorderOver(t, chunked(pieces).fetch)
    const response = await recorder.fetch('http://localhost/')
    assert.deepEqual(
      await chunksOf(response),
      pieces.map((piece) => piece.toString('latin1')),
    )
    await recorder.stop()
    assert.equal((await answeredIn(recorder.file))[0]?.response.body, 'data: 😀\n\nx')
  })

  test('an empty chunk is no end', async (t) => {
    const pieces = ['a', '', '', 'b', ''].map((piece) => Buffer.from(piece))
    const recorder = await recorderOver(t, chunked(pieces).fetch)
    assert.deepEqual(await chunksOf(await recorder.fetch('http://localhost/')), ['a', 'b'])
  })

  test('a caller may overwrite what it got: the tape keeps what came', async (t) => {
    const recorder = await recorderOver(t, chunked([Buffer.from('secret plan'), Buffer.from(' b')]).fetch)
    for await (const chunk of (await recorder.fetch('http://localhost/')).body ?? []) chunk.fill(0)
    await recorder.stop()
    assert.equal((await answeredIn(recorder.file))[0]?.response.body, 'secret plan b')
  })

  test('a caller may read into a buffer of its own', async (t) => {
    const recorder = await recorderOver(t, chunked(['abc', 'defgh'].map((piece) => Buffer.from(piece))).fetch)
    const { body } = await recorder.fetch('http://localhost/')
    const reader = body?.getReader({ mode: 'byob' }) ?? assert.fail()
    let text = ''
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(2))
      if (done) break
      text += Buffer.from(value).toString()
    }
    assert.equal(text, 'abcdefgh')
  })

  test('an answer without an end is not read ahead', async (t) => {
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield Buffer.alloc(1024)
      },
    }
    const { fetch, pulled, cancelled } = chunked(endless)
    const recorder = await recorderOver(t, fetch)
    const reader = (await recorder.fetch('http://localhost/')).body?.getReader() ?? assert.fail()
    await reader.read()
    await reader.read()
    await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal(pulled(), 2)
    await reader.cancel('enough')
    assert.equal(cancelled(), 'enough')
  })

  test('an abort reaches the server, and the caller gets its reason', { timeout: 10_000 }, async (t) => {
    const closed = signalOnce()
    const base = await serve(t, (request, response) => {
      response.on('close', closed.say)
      if (request.url !== '/never') response.writeHead(200).write('a')
    })
    const recorder = await recorderOver(t)
    const controller = new AbortController()
    const reason = new Error('enough')
    const response = await recorder.fetch(base, { signal: controller.signal })
    const reader = response.body?.getReader() ?? assert.fail()
    await reader.read()
    controller.abort(reason)
    await assert.rejects(reader.read(), reason)
    await closed.said
    const early = new AbortController()
    const waiting = assert.rejects(recorder.fetch(`${base}/never`, { signal: early.signal }), reason)
    early.abort(reason)
    await waiting
    await assert.rejects(recorder.fetch(base, { signal: controller.signal }), reason)
  })

  test('leaving a body early reaches the server', { timeout: 10_000 }, async (t) => {
    const closed = signalOnce()
    const base = await serve(t, (_, response) => {
      response.on('close', closed.say)
      response.writeHead(200).write('a')
    })
    const recorder = await recorderOver(t)
    for await (const _ of (await recorder.fetch(base)).body ?? []) break
    await closed.said
  })

  for (const [sentence, ask] of requests) {
    test(`sent as without a recorder, and found again: ${sentence}`, async (t) => {
      const arrived: Arrived[] = []
      const base = await serve(t, arriving(arrived))
      const recorder = await recorderOver(t)
      await (await globalThis.fetch(...ask(base))).text()
      await (await recorder.fetch(...ask(base))).text()
      const [direct, recorded] = arrived
      assert.deepEqual(comparable(recorded), comparable(direct))
      await recorder.stop()
      const { method } = (await answeredIn(recorder.file))[0]?.request ?? {}
      assert.equal(method, direct?.method)
      if (sentence === 'a form') return // Its boundary is another one each time.
      const replay = await record(recorder.file, { mode: 'replay' })
      assert.equal(await (await replay.fetch(...ask(base))).text(), 'ok')
      assert.equal(arrived.length, 2)
    })
  }

  test('what a platform takes besides the standard reaches it', async (t) => {
    const seen: unknown[] = []
    const fetch: Fetch = async (input, init) => {
      seen.push(input instanceof Request ? input.redirect : init?.redirect, init?.keepalive)
      return new Response('ok')
    }
    const recorder = await recorderOver(t, fetch)
    const url = 'http://localhost/'
    await recorder.fetch(url, { redirect: 'manual', keepalive: true })
    await recorder.fetch(url, {
      redirect: 'manual',
      keepalive: true,
      method: 'POST',
      body: new Uint8Array(1),
    })
    await recorder.fetch(new Request(url, { redirect: 'manual' }))
    await recorder.fetch(new Request(url, { redirect: 'manual', method: 'POST', body: 'a' }))
    assert.deepEqual(seen, ['manual', true, 'manual', true, 'manual', undefined, 'manual', undefined])
  })

  test('a redirect is followed, and the response says so', async (t) => {
    const base = await serve(t, (request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end()
      else response.end('b')
    })
    const recorder = await recorderOver(t)
    const response = await recorder.fetch(`${base}/a`)
    const copy = response.clone()
    for (const one of [response, copy]) {
      assert.deepEqual([one.url, one.redirected, one.status, await one.text()], [`${base}/b`, true, 200, 'b'])
    }
  })

  for (const [sentence, head, status, statusText] of [
    ['a status that no standard knows', '999 Request denied', 999, 'Request denied'],
    ['a status text that is not ASCII', '200 Schön ✓', 200, 'Schön ✓'],
  ] as const) {
    test(`${sentence} is recorded and replayed`, async (t) => {
      const base = await serveRaw(t, `HTTP/1.1 ${head}\r\nContent-Length: 2\r\nX-A: caf\u00e9\r\n\r\nhi`)
      const recorder = await recorderOver(t)
      const live = await recorder.fetch(base)
      assert.deepEqual(
        [live.status, live.statusText, live.ok, await live.text()],
        [status, statusText, status === 200, 'hi'],
      )
      await recorder.stop()
      const replay = await (await record(recorder.file, { mode: 'replay' })).fetch(base)
      assert.deepEqual([replay.status, replay.statusText, await replay.text()], [status, statusText, 'hi'])
    })
  }

  test('what fetch refuses, a recorder refuses in the same words', async (t) => {
    const recorder = await recorderOver(t)
    const bad: readonly Parameters<Fetch>[] = [
      ['/no-base'],
      ['http://user:password@localhost/'],
      ['http://localhost/', { method: 'BAD METHOD' }],
      ['http://localhost/', { method: 'GET', body: 'a' }],
      ['http://localhost/', { headers: { 'a b': 'c' } }],
    ]
    for (const args of bad) {
      await assert.rejects(globalThis.fetch(...args), TypeError)
      await assert.rejects(recorder.fetch(...args), TypeError, JSON.stringify(args))
    }
    await recorder.stop()
    assert.equal(await openCassette(recorder.file), undefined)
  })
}

for (const name of cassetteNames) describe(name, () => suite(name))
