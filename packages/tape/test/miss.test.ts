/** What a miss says: which recorded request came nearest, and where it differs. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  type Body,
  compareRequests,
  type Comparison,
  createMatcher,
  type Interaction,
  normalisersFor,
  record,
  type RequestIdentity,
} from '../src/index.ts'
import { MemoryCassette } from '../src/memory-cassette.ts'
import { TapeError } from '../src/error.ts'
import { describeMiss } from '../src/miss.ts'
import { digestsOf, exchange } from './cassettes.ts'
import { newCassette } from './servers.ts'

const url = 'http://a/chat'

function interaction(
  id: number,
  body: Body,
  more: { readonly method?: string; readonly url?: string } = {},
): Interaction {
  return exchange(id, { url, body, ...more })
}

interface Course {
  /** The places that were taken before, in their order. Default: none. */
  readonly taken?: readonly number[]
  readonly how?: Comparison
  readonly url?: string
  readonly redact?: (request: RequestIdentity) => RequestIdentity
}

function miss(body: Body, recorded: readonly Interaction[], course: Course = {}): string {
  const { taken = [], how = {}, redact = (request) => request } = course
  const cassette = new MemoryCassette('a.yaml', 'go-vcr', recorded)
  const unused = [...recorded.keys()].filter((place) => !taken.includes(place))
  const request = { method: 'POST', url: course.url ?? url, body }
  const digests = digestsOf(cassette, createMatcher(how))
  return describeMiss(request, { cassette, digests, unused, taken, how, redact })
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
  __proto__: expected {}, got nothing
  constructor: expected 1, got nothing
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
    miss(chat('b'), recorded, { taken: [0, 1] }),
    `${start}: interaction 1 did, but is used already`,
  )
  assert.equal(
    miss(chat('b'), recorded, { taken: [0, 1, 2] }),
    `${start}: interaction 1 did, but is used already`,
  )
})

test('an unused interaction is nearer than one that is used up', () => {
  const recorded = [interaction(0, chat('a', 'x')), interaction(1, chat('b', 'y'))]
  assert.match(miss(chat('a', 'z'), recorded, { taken: [0] }), /nearest is interaction 1:/)
  assert.match(
    miss(chat('a', 'z'), recorded, { taken: [0, 1] }),
    /nearest is interaction 0 \(used already\):/,
  )
})

test('two other values are nearer than another kind of body', () => {
  const recorded = [interaction(0, 'a form'), interaction(1, '[1]'), interaction(2, chat('a', 'b'))]
  assert.match(miss(chat('c', 'd'), recorded), /nearest is interaction 2:/)
})

test('a body that is no JSON is compared as a whole', () => {
  assert.equal(
    miss('a 1', [interaction(0, 'a 2')]),
    `${start}; nearest is interaction 0:\n  body: expected "a 2", got "a 1"`,
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

test('a form is told by its names', () => {
  assert.match(miss('a=1&b=2', [interaction(0, 'b=3&a=1')]), /b\[0\]: expected "3", got "2"$/)
})

test('all equal interactions that are used up are named', () => {
  const recorded = ['b', 'a', 'b', 'b', 'c'].map((text, id) => interaction(id, chat(text)))
  assert.equal(
    miss(chat('b'), recorded, { taken: [0, 2, 3] }),
    `${start}: interactions 0, 2–3 did, but are used already`,
  )
})

const courses: readonly [sentence: string, taken: readonly number[], line: RegExp][] = [
  ['the first request', [], /got "z"$/],
  [
    'one before it',
    [0],
    /\n {2}interaction 0 was replayed before, as recorded; here the run goes another way than interaction 1$/,
  ],
  [
    'several before it',
    [0, 1, 2],
    /interactions 0–2 were replayed before, as recorded; here the run goes another way than interaction 3$/,
  ],
  [
    'some left out',
    [0, 3, 1],
    /interactions 0–1, 3 were replayed before; the first that nothing has asked for is interaction 2$/,
  ],
  ['all of them', [0, 1, 2, 3, 4], /interactions 0–4 were replayed before: all there are$/],
]
for (const [sentence, taken, line] of courses) {
  test(`where the run went another way: ${sentence}`, () => {
    const recorded = ['a', 'b', 'c', 'd', 'e'].map((text, id) => interaction(id, chat(text)))
    assert.match(miss(chat('z'), recorded, { taken }), line)
  })
}

test('of equally different ones, the text that has most in common is nearest', () => {
  const recorded = ['What is it?', 'Tell me of trees', 'Tell me'].map((text, id) =>
    interaction(id, chat(text)),
  )
  assert.match(miss(chat('Tell me of bees'), recorded), /nearest is interaction 1:/)
})

const [one, two] = ['1', '2'].map((digit) => `${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`)
const hints: readonly [sentence: string, recorded: string, asked: string, hint: string | undefined][] = [
  ['ids', `{"a":"${one}"}`, `{"a":"${two}"}`, "['uuids'] would match interaction 1"],
  ['a day', '{"a":"on 2024-11-05"}', '{"a":"on 2025-01-01"}', "['dates'] would match interaction 1"],
  [
    'two kinds of things',
    `{"a":"${one} on 2024-11-05"}`,
    `{"a":"${two} on 2025-01-01"}`,
    "['uuids', 'dates'] would match interaction 1",
  ],
  ['something else, too', `{"a":"${one}"}`, `{"a":"${two}","b":1}`, undefined],
]
for (const [sentence, recorded, asked, hint] of hints) {
  test(`which normalisers would have matched: ${sentence}`, () => {
    const said = miss(asked, [interaction(0, '{"other":1}'), interaction(1, recorded)])
    assert.equal(/\n {2}normalise: (.*)$/.exec(said)?.[1], hint)
  })
}

test('a normaliser that is there already is not recommended again', () => {
  const how = { normalise: normalisersFor(['uuids']) }
  const recorded = [interaction(0, `{"a":"${one} on 2024-11-05"}`)]
  const said = miss(`{"a":"${two} on 2025-01-01"}`, recorded, { how })
  assert.match(said, /\n {2}a: expected "<uuid 1> on 2024-11-05", got "<uuid 1> on 2025-01-01"\n/)
  assert.match(said, /normalise: \['dates'\] would match interaction 0$/)
})

const meaning = {
  name: 'letters',
  of: ({ body }: RequestIdentity): unknown =>
    typeof body === 'string' && body.startsWith('letters ') ? body.slice(8).split('') : undefined,
  explain: (recorded: unknown, asked: unknown): readonly string[] => [
    `from ${String(recorded)} to ${String(asked)}`,
  ],
}

test('who knows what requests mean explains them; what it does not know is told by paths', () => {
  const how = { meaning }
  const recorded = [interaction(0, 'letters ab'), interaction(1, '{"a":1}')]
  assert.equal(
    miss('letters ac', recorded, { how }),
    `${start}; nearest is interaction 0:\n  from a,b to a,c`,
  )
  assert.match(miss('{"a":2}', recorded, { how }), /nearest is interaction 1:\n {2}a: expected 1, got 2$/)
  assert.match(
    miss('letters ac', recorded.slice(0, 1), { how, url: 'http://b/?key=a-secret' }),
    /answers POST http:\/\/b\/\?key=REDACTED; .*\n {2}url: expected "http:\/\/a\/chat", got .*\n {2}from a,b to a,c$/,
  )
})

const withoutCanary = (request: RequestIdentity): RequestIdentity => ({
  ...request,
  body: String(request.body).replaceAll('canary', 'REDACTED'),
})

test('what a foreign tape holds of secrets is not said', () => {
  const recorded = [interaction(0, '{"a":"canary"}', { url: 'http://a/chat?api_key=canary' })]
  const said = miss('{"a":1}', recorded, { redact: withoutCanary })
  assert.match(said, /REDACTED/)
  assert.doesNotMatch(said, /canary/)
})

test('of a long tape only some interactions are read, those that come next among them', () => {
  const count = 100_000
  let read = 0
  const cassette = new (class extends MemoryCassette {
    override get length(): number {
      return count
    }
    override at(index: number): Interaction {
      read += 1
      if (index % 7 === 0) throw new TapeError('unreadable', 'broken', { file: 'a' })
      return interaction(index, chat(`question ${index}`))
    }
    override sizeAt(): number {
      return 1000
    }
  })('a', 'tape', [])
  const digests = Array.from({ length: count }, (_, place) => `${place}`)
  const unused = [...digests.keys()].slice(50_001)
  const taken = [...digests.keys()].slice(0, 50_001)
  const request = { method: 'POST', url, body: chat('question 50002, please') }
  const started = performance.now()
  const said = describeMiss(request, { cassette, digests, unused, taken, how: {}, redact: (one) => one })
  assert.ok(performance.now() - started < 500)
  assert.match(said, /nearest is interaction 50002:/)
  assert.ok(read < 100, `${read}`)
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
  const detail = `no recorded interaction answers POST http://a/?key=REDACTED; nearest is interaction 0:
  a: expected 1, got "REDACTED"`
  const message = `${file}: ${detail}\n  mode "new" records it`
  await assert.rejects(asked, { message, file, detail, recordedBy: 'new' })
})

test('where answers are given again, nothing is used up: the nearest is looked for among all, after a replay too', async (t) => {
  const file = newCassette(t)
  const recorded = ['add 2 and 5', 'a long conversation about trees'].map(
    (text) => `{request: {method: POST, url: "http://a/", body: '{"a":"${text}"}'}, response: {code: 200}}`,
  )
  writeFileSync(file, `---\nversion: 2\ninteractions: [${recorded.join(', ')}]\n`)
  const recorder = await record(file, { mode: 'replay', repeat: true })
  const ask = (text: string): Promise<Response> =>
    recorder.fetch('http://a/', { method: 'POST', body: JSON.stringify({ a: text }) })
  await ask('add 2 and 5')
  const said = `${file}: no recorded interaction answers POST http://a/; nearest is interaction 0:
  a: expected "add 2 and 5", got "add 2 and 6"
  mode "new" records it`
  await assert.rejects(ask('add 2 and 6'), { message: said })
})
