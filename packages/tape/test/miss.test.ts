/** What a miss says: which recorded request came nearest, and where it differs. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Body, compareRequests, type Interaction, record } from '../src/index.ts'
import { describeMiss } from '../src/miss.ts'
import { newCassette } from './servers.ts'

const url = 'http://a/chat'

function interaction(
  id: number,
  body: Body,
  more: { readonly method?: string; readonly url?: string } = {},
): Interaction {
  return {
    id,
    request: { method: 'POST', url, headers: [], body, ...more },
    response: { status: 200, statusText: 'OK', headers: [], body: '', duration: 0 },
  }
}

function miss(body: Body, recorded: readonly Interaction[], unused = recorded): string {
  return describeMiss({ method: 'POST', url, body }, recorded, unused)
}

const start = 'no recorded interaction answers POST http://a/chat'
const chat = (...contents: readonly string[]): string =>
  JSON.stringify({ model: 'm', messages: contents.map((content) => ({ role: 'user', content })) })

const eight = (value: number): string => JSON.stringify(Array.from({ length: 8 }, () => value))
const deep = (inner: string): string => `{"a":${'['.repeat(200_000)}${inner}${']'.repeat(200_000)}}`

test('it names the place and both values', () => {
  const recorded = [interaction(0, chat('a')), interaction(1, chat('add', '2', '5'))]
  assert.equal(
    miss(chat('add', '2', '6'), recorded),
    `${start}; nearest is interaction 1:\n  messages[2].content: expected "5", got "6"`,
  )
})

test('what only one of the two has is nothing in the other', () => {
  assert.equal(
    miss('{"a":[1],"c":null}', [interaction(0, '{"a":[1,2],"b":{"x":1}}')]),
    `${start}; nearest is interaction 0:
  a[1]: expected 2, got nothing
  b: expected {"x":1}, got nothing
  c: expected nothing, got null`,
  )
})

test('what every object has by birth is not there', () => {
  assert.equal(
    miss('{}', [interaction(0, '{"constructor":1,"__proto__":{},"toString":{}}')]),
    `${start}; nearest is interaction 0:
  constructor: expected 1, got nothing
  __proto__: expected {}, got nothing
  toString: expected {}, got nothing`,
  )
})

test('method and URL are places too, and come first', () => {
  const recorded = [interaction(0, '{"a":1}', { method: 'PUT', url: 'http://a/other' })]
  assert.equal(
    miss('{"a":2}', recorded),
    `${start}; nearest is interaction 0:
  method: expected "PUT", got "POST"
  url: expected "http://a/other", got "http://a/chat"
  a: expected 1, got 2`,
  )
})

test('long texts are cut to where they begin to differ', () => {
  const [head, tail] = ['The quick brown fox jumps over the lazy dog. '.repeat(50), ' And so on.'.repeat(50)]
  const said = miss(chat(`${head}five${tail}`), [interaction(0, chat(`${head}six${tail}`))])
  assert.equal(
    said,
    `${start}; nearest is interaction 0:
  messages[0].content: expected … over the lazy dog. six And so on. And so on. And so on. And…, got … over the lazy dog. five And so on. And so on. And so on. An…`,
  )
})

test('a text that goes on is shown where the other ends', () => {
  const text = 'x'.repeat(500)
  const said = miss(chat(`${text}more`), [interaction(0, chat(text))])
  assert.match(said, /expected …x{20}", got …x{20}more"$/)
})

test('a cut within a character leaves no half of it', () => {
  const said = miss(chat('😀'.repeat(200)), [interaction(0, chat(`a${'😀'.repeat(200)}`))])
  assert.ok(said.isWellFormed())
})

test('no more than five places are named', () => {
  const lines = miss(eight(2), [interaction(0, eight(1))]).split('\n')
  assert.equal(lines.length, 7)
  assert.equal(lines.at(-1), '  and 3 more')
})

test('an interaction that is used up is named as such, also beside unused ones', () => {
  const recorded = [interaction(0, chat('a')), interaction(1, chat('b')), interaction(2, chat('c'))]
  assert.equal(
    miss(chat('b'), recorded, recorded.slice(2)),
    `${start}: interaction 1 did, but is used already`,
  )
  assert.equal(miss(chat('b'), recorded, []), `${start}: interaction 1 did, but is used already`)
})

test('an unused interaction is nearer than one that is used up', () => {
  const recorded = [interaction(0, chat('a', 'x')), interaction(1, chat('b', 'y'))]
  assert.match(miss(chat('a', 'z'), recorded, recorded.slice(1)), /nearest is interaction 1:/)
  assert.match(miss(chat('a', 'z'), recorded, []), /nearest is interaction 0 \(used already\):/)
})

test('two other values are nearer than another kind of body', () => {
  const recorded = [interaction(0, 'a form'), interaction(1, '[1]'), interaction(2, chat('a', 'b'))]
  assert.match(miss(chat('c', 'd'), recorded), /nearest is interaction 2:/)
})

test('a body that is no JSON is compared as a whole', () => {
  assert.equal(
    miss('a=1', [interaction(0, 'a=2')]),
    `${start}; nearest is interaction 0:\n  body: expected "a=2", got "a=1"`,
  )
  assert.match(miss('', [interaction(0, '{"a":1}')]), /body: expected {"a":1}, got ""$/)
  assert.match(
    miss(Uint8Array.of(255), [interaction(0, Uint8Array.of(254))]),
    /body: expected "1 bytes \/g==", got "1 bytes \/w=="$/,
  )
})

test('a cassette without interactions holds none', () => {
  assert.equal(miss('{}', []), `${start}: the cassette holds none`)
})

test('bodies nested more deeply than the stack differ as a whole', () => {
  for (const recorded of [deep('2'), '{"a":1}', '{}', '[]', 'a']) {
    assert.match(miss(deep('1'), [interaction(0, recorded)]), /nearest is interaction 0:\n  body: expected/)
  }
})

test('differences are data as well', () => {
  const [expected, got] = [interaction(0, '{"a":[1]}').request, interaction(0, '{"a":[2]}').request]
  assert.deepEqual(compareRequests(expected, got), [{ path: 'a[0]', expected: 1, got: 2 }])
  assert.deepEqual(compareRequests(expected, expected), [])
})

test('a recorder says the file, the places and the mode that would record it, and no secret', async (t) => {
  const file = newCassette(t)
  const recorded =
    'interactions: [{request: {method: POST, url: "http://a/?key=REDACTED", body: "{\\"a\\":1}"}, response: {code: 200}}]'
  writeFileSync(file, `---\nversion: 2\n${recorded}\n`)
  const recorder = await record(file, { mode: 'replay' })
  const asked = recorder.fetch('http://a/?key=very-secret-key', {
    method: 'POST',
    headers: { authorization: 'Bearer another-secret' },
    body: '{"a":"another-secret"}',
  })
  await assert.rejects(asked, (error: Error) => {
    assert.equal(
      error.message,
      `${file}: no recorded interaction answers POST http://a/?key=REDACTED; nearest is interaction 0:
  a: expected 1, got "REDACTED"
  mode "new" records it`,
    )
    return true
  })
})
