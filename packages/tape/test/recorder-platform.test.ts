/** What a caller can see of a response is what the platform's `fetch` shows, recorded and replayed. */
import assert from 'node:assert/strict'
import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Fetch, record } from '../src/index.ts'
import { cassetteNames, newCassette, serve } from './servers.ts'

const native = cassetteNames[1]

interface Shown {
  readonly sentence: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: Buffer
  readonly method?: string
}

const table: readonly Shown[] = [
  { sentence: 'a type with parameters', headers: { 'content-type': 'Application/JSON; Charset=UTF-8' } },
  { sentence: 'a type that is none', headers: { 'content-type': 'no type' } },
  { sentence: 'two types', headers: { 'content-type': ['text/plain', 'text/html'] } },
  { sentence: 'an encoding that fetch does not know', headers: { 'content-encoding': 'compress' } },
  {
    sentence: 'an encoding among others that fetch does not know',
    headers: { 'content-encoding': 'gzip, compress' },
    body: gzipSync('packed'),
  },
  {
    sentence: 'the head alone of what is packed',
    headers: { 'content-encoding': 'gzip', 'content-length': '123' },
    method: 'HEAD',
  },
  { sentence: 'a packed body', headers: { 'content-encoding': 'gzip' }, body: gzipSync('packed') },
]

async function seen(fetch: Fetch, url: string, method = 'GET'): Promise<object> {
  const response = await fetch(url, { method })
  const copy = response.clone()
  const { status, type, redirected } = response
  const headers = Object.fromEntries(response.headers)
  const bytes = Buffer.from(await copy.arrayBuffer()).toString('latin1')
  const blob = await response.blob()
  return { status, type, redirected, headers, copyType: copy.type, bytes, blobType: blob.type }
}

/** A replay does not say how the body was packed: it comes unpacked. */
function unpacked(found: object): object {
  if (!('headers' in found) || !('bytes' in found) || found.bytes !== 'packed') return found
  const {
    'content-encoding': _,
    'content-length': __,
    'transfer-encoding': ___,
    ...headers
  } = found.headers as Record<string, string>
  return { ...found, headers }
}

for (const { sentence, headers, body = Buffer.from('packed'), method } of table) {
  test(`${sentence}: as without a recorder`, async (t) => {
    const base = await serve(t, (_, response) => {
      response.sendDate = false
      response.writeHead(200, headers).end(body)
    })
    const plain = await seen(globalThis.fetch, base, method)
    const recorder = await record(newCassette(t, native))
    assert.deepEqual(await seen(recorder.fetch, base, method), plain)
    await recorder.stop()
    const replay = await record(recorder.file, { mode: 'replay' })
    const isPacked = sentence === 'a packed body'
    assert.deepEqual(await seen(replay.fetch, base, method), isPacked ? unpacked(plain) : plain)
  })
}

test('an encoding that fetch does not know reaches a client of node:http, who may', async (t) => {
  const base = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip, compress' }).end('packed')
  })
  const recorder = await record(newCassette(t, native))
  for (const one of [recorder, await record(recorder.file, { mode: 'new' })]) {
    one.install()
    const answer = await new Promise<string>((resolve, reject) => {
      get(base, (response) => {
        text(response).then((body) => resolve(`${response.headers['content-encoding']}: ${body}`), reject)
      }).on('error', reject)
    })
    assert.equal(answer, 'gzip, compress: packed')
    await one.stop()
  }
})

test('null is no init', async (t) => {
  const recorder = await record(newCassette(t, native), { fetch: async () => new Response('ok') })
  const fetch = recorder.fetch as (input: string, init: RequestInit | null) => Promise<Response>
  assert.equal(await (await fetch('http://localhost/', null)).text(), 'ok')
})

for (const speed of [-1, Number.NaN, Infinity]) {
  test(`${speed} is no speed`, async (t) => {
    await assert.rejects(record(newCassette(t, native), { speed }), RangeError)
  })
}
