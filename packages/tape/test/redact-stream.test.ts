/** The laws of redaction while a body arrives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { HeaderList, Piece } from '../src/index.ts'
import { createRedaction } from '../src/redact.ts'
import type { Finding } from '../src/redaction.ts'

const secret = 'abc/def+g1234\\xé'
const quoted = JSON.stringify(secret)
const redaction = createRedaction({
  env: { A_KEY: secret, B_KEY: 'aaaaaaaaaaaab1aaaaaaaa', C_TOKEN: 'sk-or-v1-xx1' },
})
const types = ['application/json', 'multipart/form-data; boundary=b', 'application/x-www-form-urlencoded']

/** Whatever is secret, and the beginnings, middles and ends of it. */
const parts = [
  secret,
  quoted,
  JSON.stringify(quoted),
  encodeURIComponent(secret),
  ...['u:', 'uv:', 'uvw:'].map((user) => Buffer.from(user + secret).toString('base64')),
  '"password"',
  ': ',
  ':',
  '"',
  '\\"',
  '\\\\\\"',
  '\\',
  '\\\\',
  '\n',
  '\r\n',
  '\r\n--b\r\n',
  '\r\n\r\n',
  'Content-Disposition: form-data; name="secret"',
  '&client_secret=',
  '&',
  '=x',
  'X-Amz-Signature=',

  'sk-',
  'sk-ant-',
  'aBcDeFgHiJkLmN0123456789',
  'AK',
  'IAABCDEFGHIJKL1234',
  '-----BEGIN ',
  'PRIVATE KEY-----',
  'MIIabcd12345'.repeat(6),
  '-----END PRIVATE KEY-----',
  'eyJhbGciOiJIUzI1NiJ9',
  '.',
  ' ',
  'aaaaaaaaaaaaa',
  'aaaa',
  'b1aaaaaaaa',
  '"user_id":"user_2abCDefGHijKLmnOPqrSTuvWX"',
  'sk-or-v1',
  '-xx1',
  'REDACTED',
  '\\n',
  '%3D',
  'q'.repeat(300),
  'hunter2',
  '{',
  '}',
  ',',
  'arn:aws:iam::998877665544:',
  '\\"api_key\\": \\"',
]
const text = fc.array(fc.constantFrom(...parts), { maxLength: 14 }).map((chosen) => chosen.join(''))
const runs = { numRuns: 3000 }

interface Redacted {
  readonly pieces: readonly Piece[]
  readonly text: string
  readonly findings: readonly Finding[]
}

function redact(bytes: Uint8Array, cuts: readonly number[], type: string, isCut = false): Redacted {
  const headers: HeaderList = [['content-type', type]]
  const exchange = redaction.exchange('http://a/', [])
  const body = exchange.response(headers)
  const pieces: Piece[] = []
  let start = 0
  for (const [at, end] of [...cuts, bytes.length].entries()) {
    pieces.push(...body.push({ bytes: bytes.subarray(start, end), at }))
    start = end
  }
  pieces.push(...body.end(isCut))
  const all = Buffer.concat(pieces.map((piece) => piece.bytes)).toString('latin1')
  return { pieces, text: all, findings: exchange.findings }
}

test('what reaches the tape does not depend on how a body is cut, nor do the findings', () => {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 })
  const property = fc.property(text, cuts, fc.constantFrom(...types), (body, shares, type) => {
    const bytes = Buffer.from(body)
    const at = shares.map((share) => Math.round(share * bytes.length)).toSorted((a, b) => a - b)
    const whole = redact(bytes, [], type)
    const cut = redact(bytes, at, type)
    assert.equal(cut.text, whole.text)
    assert.deepEqual(
      new Set(cut.findings.map(({ name }) => name)),
      new Set(whole.findings.map(({ name }) => name)),
    )
    assert.deepEqual(
      cut.pieces.map((piece) => piece.at),
      [...at, 0].map((_, index) => index),
    )
  })
  fc.assert(property, runs)
})

test('what reaches the tape does not depend on it where each byte comes alone', () => {
  const property = fc.property(text, fc.constantFrom(...types), fc.boolean(), (body, type, isCut) => {
    const bytes = Buffer.from(body)
    const each = Array.from({ length: bytes.length }, (_, index) => index)
    assert.equal(redact(bytes, each, type, isCut).text, redact(bytes, [], type, isCut).text)
  })
  fc.assert(property, runs)
})

test('no secret is left, in none of the ways to write it', () => {
  const property = fc.property(text, fc.constantFrom(...types), (body, type) => {
    const clean = Buffer.from(redact(Buffer.from(body), [], type).text, 'latin1').toString()
    for (const form of [secret, quoted.slice(1, -1), encodeURIComponent(secret), 'aaaaaaaaaaaab1aaaaaaaa'])
      assert.ok(!clean.includes(form), clean)
  })
  fc.assert(property, runs)
})

test('redacted JSON is not redacted again', () => {
  const leaf = fc.oneof(fc.constantFrom(...parts), fc.string(), fc.integer())
  const name = fc.constantFrom('password', 'api_key', 'a', 'user_id', 'content')
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
      tie('tree').map((value) => JSON.stringify(value)),
    ),
  }))
  const property = fc.property(tree, (value) => {
    const once = redact(Buffer.from(JSON.stringify(value)), [], 'application/json')
    const twice = redact(Buffer.from(once.text, 'latin1'), [], 'application/json')
    assert.equal(twice.text, once.text)
    assert.deepEqual(twice.findings, [])
  })
  fc.assert(property, runs)
})

test('a piece waits only for what may be the beginning of a secret', () => {
  const body = redaction.exchange('http://a/', []).response([['content-type', 'text/event-stream']])
  const push = (words: string): readonly string[] =>
    body.push({ bytes: Buffer.from(words), at: 0 }).map(({ bytes }) => Buffer.from(bytes).toString())
  assert.deepEqual(push('data: {"content":"abc/de"}\n\n'), ['data: {"content":"abc/de"}\n\n'])
  assert.deepEqual(push('data: abc/de'), [])
  assert.deepEqual(push('f+'), [])
  assert.deepEqual(push('!'), ['data: abc/de', 'f+', '!'])
  // The name is no secret, and the value is none that has to be read to its end.
  assert.deepEqual(push('data: {"passw'), ['data: {"passw'])
  assert.deepEqual(push('ord":"<hun>'), ['ord":"REDACTED'])
  assert.deepEqual(push('<ter2>'), [''])
  assert.deepEqual(push('"}\n'), ['"}\n'])
})

test('a body that breaks off within a secret shows nothing of it', () => {
  for (let length = 8; length < secret.length; length += 1) {
    const start = Buffer.from(`key: ${secret.slice(0, length)}`)
    for (const cuts of [[], [7], [5, 9, 11]])
      assert.equal(redact(start, cuts, 'a/b', true).text, 'key: REDACTED')
  }
  assert.equal(redact(Buffer.from('sk-ant-api03-0aB'), [], 'a/b', true).text, 'REDACTED')
  assert.equal(redact(Buffer.from('key: abc/'), [], 'a/b', true).text, 'key: abc/')
})

test('an endless value and an endless run of letters take no memory', { timeout: 60_000 }, () => {
  for (const start of [
    '{"password":"',
    'eyJ',
    'sk-',
    '-----BEGIN PRIVATE KEY-----',
    '\\"secret\\":\\"',
    '&sig=',
  ]) {
    const body = redaction.exchange('http://a/', []).response([['content-type', 'text/plain']])
    const piece = { bytes: Buffer.alloc(65_536, 'aB3'), at: 0 }
    let waiting = 1 - body.push({ bytes: Buffer.from(start), at: 0 }).length
    const before = process.memoryUsage().arrayBuffers
    for (let count = 0; count < 200; count += 1) waiting += 1 - body.push(piece).length
    assert.ok(waiting <= 1, start)
    assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024, start)
  }
})

test('an ordinary piece is passed on as it is, in no time', () => {
  const exchange = redaction.exchange('http://a/', [
    ['authorization', 'Bearer sk-or-v1-0123456789abcdef0123456789abcdef'],
  ])
  const body = exchange.response([['content-type', 'text/event-stream']])
  const pieces = Array.from({ length: 200 }, (_, index) => ({
    bytes: Buffer.from(
      `data: {"id":"gen-175503${index}-aBcDeFgH","provider":"OpenAI","model":"openai/gpt-4o-mini","object":"chat.completion.chunk","created":1755031,"choices":[{"index":0,"delta":{"role":"assistant","content":" task-${index} risk"},"finish_reason":null,"native_finish_reason":null,"logprobs":null}],"system_fingerprint":"fp_34a54ae93c"}\n\n`,
    ),
    at: index,
  }))
  for (const piece of pieces) assert.deepEqual(body.push(piece), [piece])
  const rounds = 100
  const start = process.cpuUsage()
  for (let round = 0; round < rounds; round += 1) for (const piece of pieces) body.push(piece)
  const each = process.cpuUsage(start).user / rounds / pieces.length
  // 1 µs, where the machine is not busy.
  assert.ok(each < 10, `${each} µs`)
})
