/** Responses are read the same however they are cut, and what breaks the rules is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ResponseParser } from '../../src/transport/response-parser.ts'

interface Read {
  readonly status: number | null
  readonly headers: unknown
  readonly body: string
  readonly outcome: string
  readonly hasMore: boolean
  readonly keptFor: number | null
}

/** Reads pieces; the memory of each is overwritten as soon as it was read. */
function read(pieces: readonly Uint8Array[]): Read {
  const parser = new ResponseParser()
  parser.begin()
  let head: { status: number; headers: unknown } | null = null
  const body: Uint8Array[] = []
  let [isOver, hasMore]: [boolean, boolean] = [false, false]
  for (const piece of pieces.filter(({ length }) => length > 0)) {
    if (isOver || parser.problem !== null) {
      hasMore ||= isOver
      break
    }
    const memory = Buffer.from(piece)
    parser.push(memory)
    memory.fill('?')
    head = parser.head ?? head
    if (parser.body !== null) body.push(parser.body)
    isOver = parser.isOver
    hasMore = parser.hasMore
  }
  const { problem, keptFor } = parser
  if (problem === null && !isOver) parser.end()
  const outcome = problem ?? (isOver ? 'whole' : parser.isOver ? 'whole at the end' : 'cut')
  return {
    status: head?.status ?? null,
    headers: head?.headers ?? null,
    body: Buffer.concat(body).toString('latin1'),
    outcome,
    hasMore,
    keptFor: head === null ? null : keptFor,
  }
}

const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n'
const chunked = `${head}transfer-encoding: chunked\r\n\r\n`

/** Whole answers: the bytes, the body, how it ends, for how long the connection is kept. */
const answers: readonly (readonly [
  name: string,
  bytes: string,
  body: string,
  outcome: string,
  kept: number | null,
])[] = [
  ['a counted body', `${head}content-length: 5\r\n\r\nhello`, 'hello', 'whole', null],
  ['a counted body of nothing', `${head}content-length: 0\r\n\r\n`, '', 'whole', null],
  [
    'a length that is said twice',
    `${head}content-length: 2\r\ncontent-length: 2, 2\r\n\r\nhi`,
    'hi',
    'whole',
    null,
  ],
  ['a chunked body', `${chunked}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, 'hello world', 'whole', null],
  [
    'sizes in large letters, with zeros',
    `${chunked}00A\r\n0123456789\r\n0\r\n\r\n`,
    '0123456789',
    'whole',
    null,
  ],
  ['chunks with extensions', `${chunked}2;a=b;c="d"\r\nhi\r\n0;e\r\n\r\n`, 'hi', 'whole', null],
  ['a size with spaces behind', `${chunked}2 \t\r\nhi\r\n0\r\n\r\n`, 'hi', 'whole', null],
  ['trailers', `${chunked}2\r\nhi\r\n0\r\nx-sum: 1\r\nx-more: 2\r\n\r\n`, 'hi', 'whole', null],
  ['a body until the end', `${head}\r\nhello`, 'hello', 'whole at the end', 0],
  [
    'interim answers before it',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${head}content-length: 2\r\n\r\nhi`,
    'hi',
    'whole',
    null,
  ],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n', '', 'whole', null],
  [
    'not modified, with a length',
    'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n',
    '',
    'whole',
    null,
  ],
  ['no reason behind the status', 'HTTP/1.1 429\r\ncontent-length: 2\r\n\r\nno', 'no', 'whole', null],
  [
    'a connection that is closed',
    `${head}connection: close\r\ncontent-length: 2\r\n\r\nhi`,
    'hi',
    'whole',
    0,
  ],
  [
    'a connection that is closed among others',
    `${head}connection: Foo, Close\r\ncontent-length: 0\r\n\r\n`,
    '',
    'whole',
    0,
  ],
  ['an old server', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi', 'hi', 'whole', 0],
  [
    'an old server that keeps',
    'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nhi',
    'hi',
    'whole',
    null,
  ],
  [
    'a time that it is kept',
    `${head}keep-alive: timeout=5, max=100\r\ncontent-length: 2\r\n\r\nhi`,
    'hi',
    'whole',
    1000,
  ],
  [
    'a time too short to use',
    `${head}keep-alive: timeout=3\r\ncontent-length: 2\r\n\r\nhi`,
    'hi',
    'whole',
    0,
  ],
  [
    'chunks and a length: chunks count, and nothing follows',
    `${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    'hello',
    'whole',
    0,
  ],
]

/** What breaks the rules: the bytes, what of the body came before, the problem. */
const broken: readonly (readonly [name: string, bytes: string, body: string, problem: RegExp])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', '', /begin with a status/],
  ['HTTP/2', '\0\0\x12\x04\0\0\0\0\0', '', /begin with a status/],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', '', /begin with a status/],
  [
    'lines without a carriage return',
    'HTTP/1.1 200 OK\ncontent-length: 2\n\n\r\n\r\n',
    '',
    /begin with a status/,
  ],
  ['a lone line feed in a header', `${head}a: b\nc: d\r\n\r\n`, '', /line break/],
  ['a lone carriage return in a header', `${head}a: b\rc: d\r\n\r\n`, '', /line break/],
  ['a zero byte in a header', `${head}a: b\0\r\n\r\n`, '', /line break/],
  ['a header without a name', `${head}: b\r\n\r\n`, '', /proper name/],
  ['a header without a colon', `${head}hello\r\n\r\n`, '', /proper name/],
  ['a space before the colon', `${head}content-length : 5\r\n\r\nhello`, '', /proper name/],
  ['a first header that goes on', 'HTTP/1.1 200 OK\r\n a: b\r\n\r\n', '', /proper name/],
  ['two lengths', `${head}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`, '', /one number/],
  ['two lengths in one', `${head}content-length: 5, 6\r\n\r\nhello!`, '', /one number/],
  ['a length with a sign', `${head}content-length: +5\r\n\r\nhello`, '', /one number/],
  ['a length of nothing', `${head}content-length:\r\n\r\nhello`, '', /one number/],
  ['a length in hex', `${head}content-length: 0x5\r\n\r\nhello`, '', /one number/],
  [
    'a transfer coding besides',
    `${head}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    '',
    /transfer coding/,
  ],
  [
    'two transfer codings',
    `${head}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n`,
    '',
    /transfer coding/,
  ],
  [
    'a transfer coding that looks like it',
    `${head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
    '',
    /transfer coding/,
  ],
  [
    'another protocol from here on',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n',
    '',
    /changes to a protocol/,
  ],
  ['a size that is none', `${chunked}2\r\nhi\r\nxyz\r\n`, 'hi', /chunked body is broken/],
  ['a size with a sign', `${chunked}2\r\nhi\r\n-1\r\n`, 'hi', /chunked body is broken/],
  ['a size in 0x', `${chunked}0x2\r\nhi\r\n`, '', /chunked body is broken/],
  ['a size too large to be one', `${chunked}fffffffffffff\r\nhi`, '', /chunked body is broken/],
  ['no size', `${chunked}\r\nhi\r\n`, '', /chunked body is broken/],
  ['a size that ends with a line feed', `${chunked}2\nhi\r\n0\r\n\r\n`, '', /chunked body is broken/],
  ['an extension with a carriage return in it', `${chunked}2;a\rb\r\nhi\r\n`, '', /chunked body is broken/],
  ['a chunk longer than its size', `${chunked}2\r\nhi!\r\n0\r\n\r\n`, 'hi', /chunked body is broken/],
  ['a chunk that ends with a line feed', `${chunked}2\r\nhi\n0\r\n\r\n`, 'hi', /chunked body is broken/],
  [
    'a trailer that ends with a line feed',
    `${chunked}2\r\nhi\r\n0\r\na: b\n\r\n`,
    'hi',
    /chunked body is broken/,
  ],
  ['an endless extension', `${chunked}2\r\nhi\r\n2;${'a'.repeat(5000)}`, 'hi', /too long/],
  ['endless trailers', `${chunked}0\r\n${`a: ${'b'.repeat(1000)}\r\n`.repeat(70)}`, '', /too long/],
  ['an endless head', `${head}a: ${'b'.repeat(70_000)}`, '', /longer than 65536/],
  [
    'endless interim answers',
    `HTTP/1.1 103 x\r\na: ${'b'.repeat(990)}\r\n\r\n`.repeat(70),
    '',
    /longer than 65536/,
  ],
]

const whole = (text: string): Read => read([Buffer.from(text, 'latin1')])

for (const [name, bytes, body, outcome, keptFor] of answers) {
  test(`an answer with ${name} is read`, () => {
    const { status, ...rest } = whole(bytes)
    assert.ok(status !== null)
    assert.deepEqual(
      { body: rest.body, outcome: rest.outcome, hasMore: rest.hasMore, keptFor: rest.keptFor },
      { body, outcome, hasMore: false, keptFor },
    )
  })
}

for (const [name, bytes, body, problem] of broken) {
  test(`an answer with ${name} is refused`, () => {
    const result = whole(bytes)
    assert.match(result.outcome, problem)
    assert.equal(result.body, body)
  })
}

test('headers are told as they came, their names in lower case, a repeated one again', () => {
  const text =
    'HTTP/1.1 200 OK\r\nX-A:  one \r\nSet-Cookie: a\r\nSet-Cookie: b\r\nX-Long: c\r\n\t d\r\nx-empty:\r\n\r\n'
  assert.deepEqual(whole(text).headers, [
    ['x-a', 'one'],
    ['set-cookie', 'a'],
    ['set-cookie', 'b'],
    ['x-long', 'c d'],
    ['x-empty', ''],
  ])
})

const texts = [...answers, ...broken].map(([, bytes]) => bytes)

test('answers are read the same when they come byte by byte', () => {
  for (const text of texts) {
    const bytes = Buffer.from(text, 'latin1')
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    assert.deepEqual(read(single), whole(text), JSON.stringify(text.slice(0, 200)))
  }
})

test('answers are read the same when they are cut once, anywhere', () => {
  for (const text of texts.filter(({ length }) => length < 1000)) {
    const bytes = Buffer.from(text, 'latin1')
    for (let at = 0; at <= bytes.length; at += 1) {
      assert.deepEqual(
        read([bytes.subarray(0, at), bytes.subarray(at)]),
        whole(text),
        JSON.stringify([text, at]),
      )
    }
  }
})

const chunkList = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 })
const cuts = fc.array(fc.nat(), { maxLength: 12 })

function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
}

test('any chunks, cut in any way, are the bytes that went in', () => {
  fc.assert(
    fc.property(chunkList, cuts, fc.boolean(), (chunks, places, hasExtensions) => {
      const coded = chunks.flatMap((chunk) => [
        Buffer.from(`${chunk.length.toString(16)}${hasExtensions ? ';x=1' : ''}\r\n`),
        chunk,
        Buffer.from('\r\n'),
      ])
      const bytes = Buffer.concat([Buffer.from(chunked), ...coded, Buffer.from('0\r\n\r\n')])
      const { body, outcome, hasMore } = read(cutAt(bytes, places))
      assert.deepEqual(
        { body, outcome, hasMore },
        { body: Buffer.concat(chunks).toString('latin1'), outcome: 'whole', hasMore: false },
      )
    }),
  )
})

test('an answer that is cut anywhere before its end is never whole', () => {
  for (const [name, text, , outcome] of answers.filter(([, , , how]) => how === 'whole')) {
    const bytes = Buffer.from(text, 'latin1')
    for (let at = 0; at < bytes.length; at += 1) {
      assert.equal(read([bytes.subarray(0, at)]).outcome, 'cut', `${name}, ${outcome} at ${at}`)
    }
  }
})

test('whatever comes, reading it does not throw and does not depend on the cuts', () => {
  const pieces = fc.constantFrom(
    'HTTP/1.1 200 OK\r\n',
    'transfer-encoding: chunked\r\n',
    'content-length: 3\r\n',
    '\r\n',
    '\n',
    '\r',
    '3',
    'abc',
    '0',
    ' ',
    ':',
    ';',
    '\0',
    'ü',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), cuts, (parts, places) => {
      const bytes = Buffer.from(parts.join(''), 'latin1')
      assert.deepEqual(read(cutAt(bytes, places)), read([bytes]))
    }),
    { numRuns: 2000 },
  )
})

test('what follows an answer is noticed, and is none of its body', () => {
  for (const [name, text, body, outcome] of answers.filter(([, , , how]) => how === 'whole')) {
    const result = whole(`${text}HTTP/1.1 200 OK\r\n\r\n`)
    assert.deepEqual([result.body, result.outcome, result.hasMore], [body, outcome, true], name)
  }
})

test('all chunks of a read come in one piece', () => {
  const parser = new ResponseParser()
  parser.begin()
  parser.push(Buffer.from(`${chunked}${'4\r\nabcd\r\n'.repeat(100)}`))
  assert.equal(Buffer.from(parser.body ?? []).toString(), 'abcd'.repeat(100))
})
