/** Bodies that a recorder kept packed, and the pieces of bodies. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Cassette } from '../src/cassette.ts'
import { readCassette } from '../src/formats/read.ts'

function har(response: object, entry: object = {}): string {
  const request = { method: 'GET', url: 'http://h/', headers: [] }
  const answer = { status: 200, statusText: 'OK', headers: [], content: {}, ...response }
  return JSON.stringify({ log: { version: '1.2', entries: [{ request, response: answer, ...entry }] } })
}

function read(text: string): Cassette {
  return readCassette(text, 'a.har')
}

const encodings: readonly [name: string, body: Uint8Array][] = [
  ['gzip', gzipSync('text')],
  ['deflate', deflateSync('text')],
  ['deflate', deflateRawSync('text')],
  ['br', brotliCompressSync('text')],
  ['zstd', zstdCompressSync('text')],
  ['gzip, br', brotliCompressSync(gzipSync('text'))],
  ['gzip', Buffer.from('text')],
  ['br', Buffer.from('text')],
]
for (const [name, body] of encodings) {
  test(`a body of ${name} (${Buffer.from(body).toString('hex')}) is unpacked`, () => {
    const headers = [
      { name: 'Content-Encoding', value: name },
      { name: 'Content-Length', value: '9' },
    ]
    const text = har({ headers, content: { encoding: 'base64', text: Buffer.from(body).toString('base64') } })
    const { response } = read(text).at(0)
    assert.deepEqual([response?.headers, response?.body], [[], 'text'])
  })
}

test('a packed body that is broken is kept with its headers, and said to be', () => {
  const broken = gzipSync('text').subarray(0, 20)
  const headers = [{ name: 'content-encoding', value: 'gzip' }]
  const text = har({ headers, content: { encoding: 'base64', text: broken.toString('base64') } })
  const cassette = read(text)
  assert.deepEqual(Buffer.from(cassette.at(0).response?.body ?? ''), broken)
  assert.deepEqual(cassette.at(0).response?.headers, [['content-encoding', 'gzip']])
  assert.equal(cassette.warnings.length, 1)
})

test('bodies that would unpack without end are kept packed', () => {
  const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024), { level: 9 }).toString('base64')
  const cassette = read(har({ content: { encoding: 'base64', text: bomb } }))
  assert.ok(cassette.sizeAt(0) < 1024 * 1024)
  assert.equal(cassette.warnings.length, 1)
})

for (const [length, chunks] of [
  [3, [{ length: 3, at: 1 }]],
  [4, null],
] as const) {
  test(`chunks of ${length} bytes are ${chunks === null ? 'none' : 'those'} of a body of 3`, () => {
    const cassette = read(har({ content: { text: 'abc' } }, { _chunks: [{ length, at: 1 }] }))
    assert.deepEqual(cassette.at(0).response?.chunks, chunks)
  })
}
