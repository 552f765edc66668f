/** What other tools write, made as they make it: each body that a server sent comes back, however the tool keeps it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { readCassette } from '../src/formats/read.ts'
import type { Interaction } from '../src/interaction.ts'

const none = 'no encoding'
const packers: readonly (readonly [encoding: string, pack: (bytes: Uint8Array) => Uint8Array])[] = [
  [none, (bytes) => bytes],
  ['gzip', (bytes) => gzipSync(bytes)],
  ['deflate', (bytes) => deflateSync(bytes)],
  ['br', (bytes) => brotliCompressSync(bytes)],
  ['zstd', (bytes) => zstdCompressSync(bytes)],
]

const bodies: readonly Uint8Array[] = [
  'text',
  '',
  '["ab","cd"]',
  '["41"]',
  '["hello"]',
  '["1f8b"]',
  '[]',
  'deadbeef',
  '{"a":1.5}',
  Uint8Array.of(0xff, 0, 0x80),
  Uint8Array.of(0x82, 0xb1, 0x82, 0xf1),
  gzipSync('a file'),
].map((body) => (typeof body === 'string' ? new TextEncoder().encode(body) : body))

interface Sent {
  readonly encoding: string
  /** As it came over the wire. */
  readonly wire: Uint8Array
  readonly body: Uint8Array
}

function isUtf8(bytes: Uint8Array): boolean {
  return Buffer.from(Buffer.from(bytes).toString()).equals(bytes)
}

function textOrBase64(bytes: Uint8Array): object {
  return isUtf8(bytes)
    ? { text: Buffer.from(bytes).toString() }
    : { text: Buffer.from(bytes).toString('base64'), encoding: 'base64' }
}

/** The type keeps a file that is gzip itself from being taken for a packed body. */
function headersOf({ encoding }: Sent): readonly (readonly [string, string])[] {
  const type = ['content-type', 'application/x-tar'] as const
  return encoding === none ? [type] : [type, ['content-encoding', encoding]]
}

function har(sent: Sent, content: object, request: object = {}): string {
  const headers = headersOf(sent).map(([name, value]) => ({ name, value }))
  const asked = { method: 'GET', url: 'http://h/', headers: [], ...request }
  const response = { status: 200, statusText: 'OK', headers, content }
  return JSON.stringify({ log: { version: '1.2', entries: [{ request: asked, response }] } })
}

function nock({ encoding, wire }: Sent): object {
  const bytes = Buffer.from(wire)
  if (encoding !== none) {
    const half = bytes.length >> 1
    return { response: [bytes.subarray(0, half), bytes.subarray(half)].map((chunk) => chunk.toString('hex')) }
  }
  if (!isUtf8(wire)) return { response: bytes.toString('hex'), responseIsBinary: true }
  try {
    const response: unknown = JSON.parse(bytes.toString())
    return { response, responseIsBinary: false }
  } catch {
    return { response: bytes.toString(), responseIsBinary: false }
  }
}

const tools: readonly (readonly [tool: string, write: (sent: Sent) => string])[] = [
  [
    'nock',
    (sent) =>
      JSON.stringify([
        { scope: 'http://h:80', path: '/', status: 200, rawHeaders: headersOf(sent).flat(), ...nock(sent) },
      ]),
  ],
  ['Polly over fetch, or a browser', (sent) => har(sent, textOrBase64(sent.body))],
  [
    'Polly over node:http',
    (sent) => {
      if (sent.encoding === none) return har(sent, textOrBase64(sent.body))
      const pieces = [sent.wire.subarray(0, 3), sent.wire.subarray(3)]
      const text = JSON.stringify(pieces.map((piece) => Buffer.from(piece).toString('base64')))
      return har(sent, { text, encoding: 'base64' })
    },
  ],
  [
    'Polly of old',
    (sent) =>
      sent.encoding === none
        ? har(sent, textOrBase64(sent.body))
        : har(sent, { text: JSON.stringify([Buffer.from(sent.wire).toString('hex')]) }),
  ],
  [
    'undici',
    (sent) => {
      const request = { method: 'GET', url: 'http://h/', headers: {}, body: '' }
      const body = Buffer.from(sent.wire).toString('base64')
      const response = { statusCode: 200, headers: Object.fromEntries(headersOf(sent)), body, trailers: {} }
      return JSON.stringify([{ hash: 'x', snapshot: { request, responses: [response], callCount: 0 } }])
    },
  ],
]

for (const [tool, write] of tools) {
  for (const [encoding, pack] of packers) {
    test(`${tool}: every body that came in ${encoding}`, () => {
      for (const body of bodies) {
        const wire = pack(body)
        // Nothing in Brotli is one byte, which is a text as well.
        if (encoding === 'br' && wire.length === 1) continue
        // Packed twice, and unpacked once or not at all, it starts the same.
        if (encoding === 'gzip' && body[0] === 0x1f) continue
        const { response } = readCassette(write({ encoding, wire, body }), 'a').at(0)
        const said = Buffer.from(body).toString('latin1')
        assert.deepEqual(Buffer.from(response?.body ?? 'none'), Buffer.from(body), said)
        assert.deepEqual(response?.headers, [['content-type', 'application/x-tar']], said)
      }
    })
  }
}

function asked(text: string): Interaction['request'] {
  return readCassette(text, 'a').at(0).request
}

function snapshot(body: string, length: string): string {
  const request = { method: 'POST', url: 'http://h/', headers: { 'content-length': length }, body }
  return JSON.stringify([{ hash: 'x', snapshot: { request, responses: [{ statusCode: 200 }] } }])
}

function nocked(body: unknown, type?: string): string {
  const reqheaders = type === undefined ? {} : { reqheaders: { 'content-type': type } }
  return JSON.stringify([{ scope: 'http://h', method: 'POST', path: '/', body, status: 200, ...reqheaders }])
}

const bytes = Uint8Array.of(0xde, 0xad, 0xbe, 0xef)
const requests: readonly (readonly [sentence: string, text: string, body: string | Uint8Array])[] = [
  ['nock has bytes in hexadecimal', nocked('deadbeef'), bytes],
  ['nock has text that looks like it', nocked('deadbeef', 'text/plain'), 'deadbeef'],
  ['nock has hexadecimal of a text', nocked('616263'), '616263'],
  ['nock has no body', nocked(''), ''],
  ['undici has bytes as the text of their numbers', snapshot('222,173,190,239', '4'), bytes],
  ['undici has a text of numbers', snapshot('222,173', '7'), '222,173'],
  ['undici has numbers that are no bytes', snapshot('999,999', '2'), '999,999'],
  ['undici has an empty stream', snapshot('[object ReadableStream]', '0'), ''],
]
for (const [sentence, text, body] of requests) {
  test(`a request where ${sentence}`, () =>
    assert.deepEqual(Buffer.from(asked(text).body), Buffer.from(body)))
}

test('undici answers a request again as it was answered the second time', () => {
  const request = { method: 'GET', url: 'http://h/', headers: {}, body: '' }
  const responses = [1, 2].map((n) => ({ statusCode: 200, headers: {}, body: btoa(`${n}`) }))
  const text = JSON.stringify([{ hash: 'x', snapshot: { request, responses } }])
  assert.deepEqual(
    Array.from(readCassette(text, 'a'), ({ response }) => response?.body),
    ['1', '2'],
  )
})

const form = [{ name: 'a', value: '1 2' }]
const lost: readonly (readonly [sentence: string, text: string, warnings: number])[] = [
  ['Polly was given bytes', posted({ mimeType: 'application/octet-stream', params: [] }), 1],
  [
    'only the fields of a multipart are there',
    posted({ mimeType: 'multipart/form-data; boundary=x', params: form }),
    1,
  ],
  [
    'the fields of a form are there',
    posted({ mimeType: 'application/x-www-form-urlencoded', params: form }),
    0,
  ],
  ['undici was given a stream', snapshot('[object AsyncGenerator]', '5'), 1],
]
for (const [sentence, text, warnings] of lost) {
  test(`${warnings === 0 ? 'no' : 'a'} warning that a request's body is lost where ${sentence}`, () =>
    assert.equal(readCassette(text, 'a').warnings.length, warnings))
}

function posted(postData: object): string {
  const sent = { encoding: none, wire: Buffer.alloc(0), body: Buffer.alloc(0) }
  return har(sent, {}, { method: 'POST', postData })
}

test('bytes that are no text are not unpacked where no header says that they are packed', () => {
  const packed = gzipSync('x')
  for (const [type, body] of [
    ['application/json', 'x'],
    ['**REDACTED**', 'x'],
    ['application/x-tar', packed],
  ] as const) {
    const content = { text: packed.toString('base64'), encoding: 'base64' }
    const response = { status: 200, headers: [{ name: 'content-type', value: type }], content }
    const entries = [{ request: { method: 'GET', url: 'u', headers: [] }, response }]
    const { response: read } = readCassette(JSON.stringify({ log: { entries } }), 'a').at(0)
    assert.deepEqual(Buffer.from(read?.body ?? ''), Buffer.from(body))
  }
})
