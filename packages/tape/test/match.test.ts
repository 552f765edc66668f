/** Which recorded interaction answers a request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Body, Interaction } from '../src/index.ts'
import { type RequestIdentity, Shelf, strictKey } from '../src/match.ts'

const post = (body: Body, url = 'http://a/', method = 'POST'): RequestIdentity => ({ method, url, body })
const isSame = (a: RequestIdentity, b: RequestIdentity): boolean => strictKey(a) === strictKey(b)

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
  const response = { status: 200, statusText: 'OK', headers: [], body: '', duration: 0 }
  const interactions = questions.map((body, id): Interaction => ({
    id,
    request: { ...post(body), headers: [] },
    response,
  }))
  return new Shelf(interactions, strictKey)
}

test('equal requests are answered in recorded order, each once', () => {
  const taken = shelf('{"a":1}', 'x', '{"a": 1}', '{"a":1}')
  assert.deepEqual(
    [1, 2, 3, 4].map(() => taken.take(post('{"a":1}'))?.id),
    [0, 2, 3, undefined],
  )
  assert.deepEqual(
    taken.unused.map(({ id }) => id),
    [1],
  )
})

test('different requests are answered in any order', () => {
  const taken = shelf('a', 'b', 'a', 'c')
  assert.deepEqual(
    ['c', 'a', 'b', 'a', 'b'].map((body) => taken.take(post(body))?.id),
    [3, 0, 1, 2, undefined],
  )
  assert.deepEqual(taken.unused, [])
})
