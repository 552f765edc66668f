/** Which recorded interaction answers a request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareRequests, describeDifference } from '../src/difference.ts'
import type { Body } from '../src/index.ts'
import { digest, type RequestIdentity, Shelf, strictMatcher } from '../src/match.ts'

const post = (body: Body, url = 'http://a/', method = 'POST'): RequestIdentity => ({ method, url, body })
const isSame = (a: RequestIdentity, b: RequestIdentity): boolean =>
  strictMatcher.key(a) === strictMatcher.key(b)

const formType = 'application/x-www-form-urlencoded'
const typed = (body: Body, type: string): RequestIdentity => ({
  ...post(body),
  headers: [['Content-Type', type]],
})
const parts = (boundary: string, ...texts: readonly string[]): string =>
  `${texts.map((text) => `--${boundary}\r\nContent-Disposition: form-data; name="f"\r\n\r\n${text}\r\n`).join('')}--${boundary}--\r\n`
const byteParts = (boundary: string, byte: number): Uint8Array =>
  Uint8Array.from(Buffer.from(parts(boundary, String.fromCodePoint(byte)), 'latin1'))

const same: readonly [sentence: string, a: RequestIdentity, b: RequestIdentity][] = [
  [
    'keys in another order, at every depth',
    post('{"a":1,"b":[{"c":2,"d":3}]}'),
    post('{"b":[{"d":3,"c":2}],"a":1}'),
  ],
  ['other spaces and line breaks', post('{"a": [1,\n2]}'), post('{"a":[1,2]}\r\n')],
  ['other ways to write a number', post('[1.0, 1e2, -0, 0.1]'), post('[1, 100, 0, 1e-1]')],
  ['other ways to write a character', post('["\\u00e9\\u4e2d\\ud83d\\ude00\\/"]'), post('["é中😀/"]')],
  ['a key that numbers itself', post('{"2":1,"10":2,"a":3}'), post('{"a":3,"10":2,"2":1}')],
  [
    'keys of a prototype',
    post('{"__proto__":{"a":1},"constructor":2}'),
    post('{"constructor":2,"__proto__":{"a":1}}'),
  ],
  ['a method in another case', post('', 'http://a/', 'get'), post('', 'http://a/', 'GET')],
  ['another key in the URL', post('', 'http://a/?key=one&b=1'), post('', 'http://a/?key=two&b=1')],
  [
    'a key in the URL, and it masked',
    post('', 'http://a/?api_key=o%20e'),
    post('', 'http://a/?api_key=REDACTED'),
  ],
  ['a user in the URL, and none', post('', 'http://user:password@a/b?c'), post('', 'http://a/b?c')],
  ['equal bytes', post(Uint8Array.of(0xff, 1)), post(Uint8Array.of(0xff, 1))],
  ['a form in another order of its names', post('a=1&b=2&a=3'), post('b=2&a=1&a=3')],
  ['a form in other escapes', post('a=x%20y%c3%a9&b=~'), post('a=x+y%C3%A9&b=%7E')],
  ['a form that says so, and one whose header is lost', typed('a=1&b=2', formType), post('b=2&a=1')],
  ['parts with another boundary', post(parts('one', 'x')), post(parts('two', 'x'))],
  [
    'parts that say so, and some whose header is lost',
    typed(parts('a-b', 'x'), 'multipart/form-data; boundary=a-b'),
    post(parts('c', 'x')),
  ],
  ['parts of bytes with another boundary', post(byteParts('one', 0xff)), post(byteParts('two', 0xff))],
  ['another header', typed('{"a":1}', 'application/json'), typed('{"a":1}', 'text/plain')],
]

const different: readonly [sentence: string, a: RequestIdentity, b: RequestIdentity][] = [
  ['arrays in another order', post('[1,2]'), post('[2,1]')],
  ['a number and its text', post('{"a":1}'), post('{"a":"1"}')],
  ['null and nothing', post('{"a":null}'), post('{}')],
  ['an empty list and an empty object', post('[]'), post('{}')],
  ['nested and flat', post('{"a":{"b":1}}'), post('{"a.b":1}')],
  ['one message more', post('{"m":[1]}'), post('{"m":[1,2]}')],
  ['composed and decomposed characters', post('["é"]'), post('["e\u0301"]')],
  ['a key named __proto__, and none', post('{"__proto__":{"a":1}}'), post('{}')],
  ['texts that are no JSON, by a space', post('a b'), post('a  b')],
  ['a parameter that is no secret', post('', 'http://a/?page=1'), post('', 'http://a/?page=2')],
  ['parameters in another order', post('', 'http://a/?a=1&b=2'), post('', 'http://a/?b=2&a=1')],
  ['another host', post('', 'http://a/'), post('', 'http://b/')],
  ['another method', post('', 'http://a/', 'GET'), post('', 'http://a/', 'HEAD')],
  ['other bytes', post(Uint8Array.of(0xff, 1)), post(Uint8Array.of(0xff, 2))],
  ['bytes and their base64 as a text', post(Uint8Array.of(0xff, 1)), post('/wE=')],
  ['a number and its text, alone', post('123'), post('"123"')],
  ['a JSON text and its words', post('"abc"'), post('abc')],
  ['whole numbers that no double tells apart', post('[9007199254740993]'), post('[9007199254740992]')],
  ['a large whole number and its text', post('[9007199254740993]'), post('["9007199254740993"]')],
  ['a form whose values of one name stand in another order', post('a=1&a=2'), post('a=2&a=1')],
  ['a form and what it would be as JSON', post('a=1'), post('{"a":["1"]}')],
  ['a form with more under a name', post('a=1'), post('a=1&a=1')],
  ['forms whose values are no UTF-8', post('a=%e9'), post('a=%e8')],
  ['a text that looks like a form', typed('a=1&b=2', 'text/plain'), typed('b=2&a=1', 'text/plain')],
  ['parts with another content', post(parts('one', 'x')), post(parts('one', 'y'))],
  ['parts in another number', post(parts('one', 'x')), post(parts('one', 'x', 'x'))],
  ['parts of bytes with other bytes', post(byteParts('one', 0xff)), post(byteParts('one', 0xfe))],
  ['parts that break off', post(parts('one', 'x').slice(0, -4)), post(parts('two', 'x').slice(0, -4))],
]

for (const [sentence, a, b] of same) test(`the same: ${sentence}`, () => assert.ok(isSame(a, b)))
for (const [sentence, a, b] of different) test(`different: ${sentence}`, () => assert.ok(!isSame(a, b)))

test('any JSON matches itself with its keys turned round, and nothing else', () => {
  const turned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turned)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, child]) => [key, turned(child)]),
    )
  }
  // An object literal's `__proto__` would set the prototype.
  const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'))
  fc.assert(
    fc.property(json, json, (a, b) => {
      assert.ok(isSame(post(JSON.stringify(a)), post(JSON.stringify(turned(a), null, 2))))
      assert.equal(
        isSame(post(JSON.stringify(a)), post(JSON.stringify(b))),
        JSON.stringify(turned(turned(a))) === JSON.stringify(b) || equalJson(a, b),
      )
    }),
  )
})

function equalJson(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)))
    return true
  } catch {
    return false
  }
}

const nested = (depth: number, inner: string): string => '['.repeat(depth) + inner + ']'.repeat(depth)

test('a body nested very deeply is taken as text, however large the stack is', () => {
  assert.ok(isSame(post(nested(400, '{"a":1,"b":2}')), post(nested(400, '{"b":2,"a":1}'))))
  assert.ok(!isSame(post(nested(600, '{"a":1,"b":2}')), post(nested(600, '{"b":2,"a":1}'))))
  const deep = nested(200_000, '')
  assert.ok(isSame(post(deep), post(deep)))
  assert.ok(!isSame(post(deep), post(` ${deep}`)))
})

function shelf(...questions: readonly string[]): Shelf {
  return new Shelf(questions.length, (place) => digestOf(questions[place] ?? ''))
}

function digestOf(body: string): string {
  return digest(strictMatcher.key(post(body)))
}

test('equal requests are answered in recorded order, each once', () => {
  const taken = shelf('{"a":1}', 'x', '{"a": 1}', '{"a":1}')
  assert.deepEqual(
    [1, 2, 3, 4].map(() => taken.take(digestOf('{"a":1}'))),
    [0, 2, 3, undefined],
  )
  assert.deepEqual(taken.unused, [1])
  assert.deepEqual(taken.taken, [0, 2, 3])
})

test('different requests are answered in any order', () => {
  const taken = shelf('a', 'b', 'a', 'c')
  assert.deepEqual(
    ['c', 'a', 'b', 'a', 'b'].map((body) => taken.take(digestOf(body))),
    [3, 0, 1, 2, undefined],
  )
  assert.deepEqual(taken.unused, [])
})

test('a shelf is what a list is that is searched from its start', () => {
  const letter = fc.constantFrom('a', 'b', 'c', 'd')
  fc.assert(
    fc.property(fc.array(letter), fc.array(fc.tuple(fc.boolean(), letter)), (digests, asked) => {
      const asks = digests.map(() => 0)
      const shelved = new Shelf(digests.length, (place) => {
        asks[place] = (asks[place] ?? 0) + 1
        return digests[place] ?? ''
      })
      const left = [...digests.keys()]
      for (const [isTaken, text] of asked) {
        const at = left.findIndex((place) => digests[place] === text)
        assert.equal(isTaken ? shelved.take(text) : shelved.peek(text), left[at])
        if (isTaken && at !== -1) left.splice(at, 1)
      }
      assert.deepEqual(shelved.unused, left)
      assert.deepEqual(shelved.digests, digests)
      assert.ok(asks.every((count) => count === 1))
    }),
  )
})

test('a shelf reads the keys of what stands behind the answer when somebody asks for it', () => {
  const read: number[] = []
  const shelved = new Shelf(4, (place) => {
    read.push(place)
    return String(place)
  })
  assert.equal(shelved.take('1'), 1)
  assert.deepEqual(read, [0, 1])
  assert.equal(shelved.take('0'), 0)
  assert.deepEqual(read, [0, 1])
})

test('numbers beyond those of JavaScript are told apart, and shown as they were written', () => {
  const [ids, others] = ['{"ids":[12345678901234567890]}', '{"ids":[-12345678901234567891]}']
  assert.deepEqual(compareRequests(post(ids), post(others)).map(describeDifference), [
    'ids[0]: expected 12345678901234567890, got -12345678901234567891',
  ])
})

test('a body that is too large for any text is still told from others', () => {
  const body = new Uint8Array(410_000_000)
  const request = { method: 'POST', url: 'http://a/', body }
  const known = strictMatcher.key(request)
  assert.equal(strictMatcher.key(request), known)
  body[200_000_000] = 1
  assert.notEqual(strictMatcher.key(request), known)
})
