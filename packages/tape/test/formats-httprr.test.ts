/** httprr: what Go writes down of HTTP/1.1, cut at every place and at any length. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Cassette } from '../src/cassette.ts'
import { cassetteStem, isCassetteName } from '../src/cassette-files.ts'
import { TapeError } from '../src/error.ts'
import { readCassette } from '../src/formats/read.ts'

const asked = 'POST https://h/v1?a=b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'

function recording(response: string | Buffer, request = asked): Buffer {
  const bytes = Buffer.from(response)
  return Buffer.concat([Buffer.from(`${request.length} ${bytes.length}\n${request}`), bytes])
}

function httprr(...recordings: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('httprr trace v1\n'), ...recordings])
}

function bodyOf(response: string | Buffer): string | Uint8Array | undefined {
  return readCassette(httprr(recording(response)), 'a').at(0).response?.body
}

test('requests and responses are read as they were sent, one behind the other', () => {
  const cassette = readCassette(
    httprr(
      recording('HTTP/2.0 200 OK\r\nA: b\r\nA:  c:d \r\n\r\ndata: x\n\n'),
      recording('HTTP/1.1 404 Not Found\r\n\r\n', 'GET http://h/ HTTP/1.1\r\n\r\n'),
    ),
    'a',
  )
  assert.equal(cassette.format, 'httprr')
  assert.deepEqual(Array.from(cassette), [
    {
      id: 0,
      request: {
        method: 'POST',
        url: 'https://h/v1?a=b',
        headers: [
          ['Host', 'h'],
          ['Content-Length', '2'],
        ],
        body: 'hi',
      },
      response: {
        status: 200,
        statusText: 'OK',
        headers: [
          ['A', 'b'],
          ['A', 'c:d'],
        ],
        body: 'data: x\n\n',
        duration: 0,
        chunks: null,
      },
      ending: { type: 'end', at: 0 },
      startedAt: null,
    },
    {
      id: 1,
      request: { method: 'GET', url: 'http://h/', headers: [], body: '' },
      response: { status: 404, statusText: 'Not Found', headers: [], body: '', duration: 0, chunks: null },
      ending: { type: 'end', at: 0 },
      startedAt: null,
    },
  ])
})

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const bodies: readonly (readonly [sentence: string, response: string | Buffer, body: string | Uint8Array])[] =
  [
    ['to its end', 'HTTP/1.1 200 OK\r\n\r\na\r\n\r\nb', 'a\r\n\r\nb'],
    ['as long as its header says', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef', 'abc'],
    ['in chunks', `${chunked}3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n`, 'abc0123456789'],
    ['in no chunk', `${chunked}0\r\n\r\n`, ''],
    [
      'packed',
      Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'), gzipSync('x')]),
      'x',
    ],
    [
      'of bytes',
      Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), Buffer.of(0xff, 0)]),
      Uint8Array.of(0xff, 0),
    ],
    ['behind lines that end with a line feed only', 'HTTP/1.1 200 OK\nA: b\n\nx', 'x'],
  ]
for (const [sentence, response, body] of bodies) {
  test(`a body is read ${sentence}`, () => assert.deepEqual(bodyOf(response), body))
}

test('a file may be packed, or hold nothing yet', () => {
  const file = httprr(recording('HTTP/1.1 200 OK\r\n\r\nx'))
  assert.equal(readCassette(gzipSync(file), 'a').at(0).response?.body, 'x')
  assert.equal(readCassette(file.toString(), 'a').at(0).response?.body, 'x')
  assert.equal(readCassette('httprr trace v1\n', 'a').length, 0)
})

const refused: readonly (readonly [sentence: string, content: Buffer, line: number])[] = [
  ['no lengths', httprr(Buffer.from('x y\n')), 2],
  ['more than there is', httprr(Buffer.from('5 99\nhello')), 2],
  ['no URL', httprr(recording('HTTP/1.1 200 OK\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n')), 2],
  ['no status', httprr(recording('HTTP/1.1 OK\r\n\r\n')), 2],
  ['no header', httprr(recording('HTTP/1.1 200 OK\r\nx\r\n\r\n')), 2],
  ['no chunk', httprr(recording(`${chunked}x\r\n\r\n`)), 2],
  ['a chunk without its end', httprr(recording(`${chunked}5\r\nabc`)), 2],
  ['a second one that is broken', httprr(recording('HTTP/1.1 200 OK\r\n\r\n'), Buffer.from('1 1\n')), 9],
]
for (const [sentence, content, line] of refused) {
  test(`a recording of ${sentence} is refused with its line`, () =>
    assert.throws(() => readCassette(content, 'a'), {
      message: new RegExp(`^a:${line}: what starts here is no request to a URL and its response`),
    }))
}

test('cut at any byte, it is read for what it holds, or refused with one line', () => {
  const file = httprr(recording(`${chunked}3\r\nabc\r\n0\r\n\r\n`), recording('HTTP/1.1 200 OK\r\n\r\nx'))
  for (let length = 15; length <= file.length; length += 1) {
    try {
      const cassette: Cassette = readCassette(file.subarray(0, length), 'a')
      assert.ok(cassette.length <= 2)
    } catch (error) {
      assert.ok(error instanceof TapeError && !error.message.includes('\n'))
    }
  }
})

test('millions of chunks, of headers and of lines are read in a time like their number', () => {
  const start = performance.now()
  const million = 1_000_000
  assert.equal(bodyOf(`${chunked}${'1\r\na\r\n'.repeat(million)}0\r\n\r\n`)?.length, million)
  const headers = readCassette(httprr(recording(`HTTP/1.1 200 OK\r\n${'a:b\r\n'.repeat(million)}\r\n`)), 'a')
  assert.equal(headers.at(0).response?.headers.length, million)
  assert.throws(() => readCassette(httprr(Buffer.from('\n'.repeat(10 * million))), 'a'), TapeError)
  assert.throws(() => readCassette(httprr(Buffer.from('1'.repeat(10 * million))), 'a'), TapeError)
  assert.ok(performance.now() - start < 15_000)
})

test('a folder has them by their ending', () => {
  assert.deepEqual(['a.httprr', 'a.httprr.gz', 'a.go'].map(isCassetteName), [true, true, false])
  assert.equal(cassetteStem('b/a.httprr'), 'b/a')
})
