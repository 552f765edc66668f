/** The laws of normalisers: what they take out, that they do it once, and that nothing else becomes the same. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createMatcher, type Normaliser, normalisersFor, TapeError } from '../src/index.ts'
import { withoutDates } from '../src/dates.ts'
import { normalisers } from '../src/normalise.ts'

const names = normalisers.map(({ name }) => name)

function apply(name: string, value: unknown): unknown {
  return normalisersFor([name]).reduce((left, one) => one.apply(left), value)
}

/** Texts in which dates, ids and spaces stand close together, whole and in pieces. */
const piece = fc.oneof(
  fc.constantFrom(
    'Tue',
    'Tuesday, ',
    'Nov',
    ' 5 ',
    '2024',
    '2024-11-05',
    '2024/11/05',
    'T',
    'Z',
    '-',
    '/',
    ':',
    ' ',
    '\n',

    '08:03',
    '08:03:09',
    ' PM',
    '11/5/2024',
    '5 Nov 2024',
    'Nov 5, 2024',
    'GMT',
    '+01:00',
    '.',
    '.123',
    'a',

    '5.11.2024',
    '1730793789',
    '1730793789123',
    '<date>',
    '<uuid 1>',
    '<call 2>',
    'at',
    'call_',
    '0',
    '9',
  ),
  fc.uuid(),
  fc.date({ min: new Date(1e12), max: new Date(2e12), noInvalidDate: true }).map(String),
)
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
const id = fc.constantFrom('a', 'b', '<call 1>', '<call 2>', '1')
const call = fc.record({ type: fc.constantFrom('tool-call', 'tool_use', 'function', 'text'), id })
const field = fc.constantFrom('id', 'tool_call_id', 'created_at', 'text', 'version', '2024-11-05')
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer({ min: 1e9, max: 2e9 }),
    call,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(field, text, fc.uuid()), tie('value'), { maxKeys: 4 }),
  ),
}))

for (const name of names) {
  test(`${name}: applied twice is applied once`, () => {
    fc.assert(
      fc.property(json, (value) => {
        const once = apply(name, value)
        assert.deepEqual(apply(name, once), once)
      }),
      { numRuns: 2000 },
    )
  })
}

const uuidNames = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}[^"]*":/gi

for (const name of names) {
  test(`${name}: the order of keys does not matter`, () => {
    const matcher = createMatcher({ normalise: normalisersFor([name]) })
    const key = (value: unknown): string =>
      matcher.key({ method: 'POST', url: 'http://a/', body: JSON.stringify(value) })
    fc.assert(
      fc.property(json, (value) => {
        // Of names that differ in every run, nothing but their order says which is which.
        fc.pre((JSON.stringify(value).match(uuidNames)?.length ?? 0) < 2)
        assert.equal(key(turned(value)), key(value))
      }),
      { numRuns: 500 },
    )
  })
}

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toReversed()
  return Object.fromEntries(entries.map(([key, child]) => [key, turned(child)]))
}

/** Requests of two runs, told apart by what varies alone. */
interface Run {
  readonly url: string
  readonly body: string
}
const runs: readonly [name: string, sentence: string, run: (seed: number) => Run][] = [
  ['uuids', 'in texts, names and the URL', (seed) => uuidRun(seed)],
  ['dates', 'as a program writes them', (seed) => dateRun(seed)],
  ['tool-call-ids', 'of calls and of their results', (seed) => callRun(seed)],
  [
    'whitespace',
    'in a prompt',
    (seed) => post({ prompt: `a${' '.repeat(1 + seed)}b\r\n${'\t'.repeat(seed)}c` }),
  ],
]

function post(value: unknown, url = 'http://a/chat'): Run {
  return { url, body: JSON.stringify(value) }
}

function uuidRun(_seed: number): Run {
  const [session, other] = [randomUUID(), randomUUID()]
  const body = {
    session,
    [`user_${other}`]: [session.toUpperCase(), other],
    text: `for ${other}.`,
    // Comes first, and its fields are in no order but that of what they hold.
    accounts: { [session]: 1, [other]: 2 },
  }
  return post(body, `http://a/sessions/${session}?user=${other}`)
}

function dateRun(seed: number): Run {
  const date = new Date(1_700_000_000_000 + seed * 93_784_005)
  const body = {
    created: Math.floor(date.getTime() / 1000),
    sent_at: date.getTime(),
    text: `It is ${date.toISOString()}, that is ${date.toString()}, or ${date.toUTCString()}.`,
    system: `Today is ${date.toLocaleDateString('en-US', { dateStyle: 'full' })}.`,
    notes: [date.toLocaleString('en-US'), date.toLocaleString('de-DE'), date.toDateString()],
  }
  return post(body, `http://a/chat?since=${encodeURIComponent(date.toISOString())}&now_ts=${body.created}`)
}

const toolCall = (id: string): object => ({
  id,
  type: 'function',
  function: { name: 'add', arguments: '{}' },
})

function callRun(seed: number): Run {
  const [a, b] = [`call_${seed}`, `toolu_${seed + 1}`]
  return post({
    messages: [
      { role: 'assistant', tool_calls: [toolCall(a), toolCall(b)] },
      { role: 'tool', tool_call_id: b, content: '5' },
      { role: 'tool', tool_call_id: a, content: '6' },
    ],
  })
}

for (const [name, sentence, run] of runs) {
  test(`${name}: a run with others, ${sentence}, matches with it alone`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 }), (one, other) => {
        const [a, b] = [run(one), run(one === other ? other + 1 : other)]
        const isSame = (chosen: readonly string[]): boolean => {
          const matcher = createMatcher({ normalise: normalisersFor(chosen) })
          return matcher.key({ method: 'POST', ...a }) === matcher.key({ method: 'POST', ...b })
        }
        assert.equal(isSame([]), false)
        assert.equal(isSame(names.filter((other) => other !== name)), false)
        assert.equal(isSame([name]), true)
      }),
    )
  })
}

const different: readonly [name: string, sentence: string, a: unknown, b: unknown][] = [
  ['uuids', 'one twice, and two', uuids('a', 'a'), uuids('a', 'b')],
  ['uuids', 'in another order of two that are known apart', uuids('a', 'b', 'a'), uuids('a', 'b', 'b')],
  ['dates', 'a version', { model: 'gpt-4o-2024-08-06' }, { model: 'gpt-4o-2024-11-20' }],
  ['dates', 'a version of a protocol', { protocolVersion: '2025-03-26' }, { protocolVersion: '2025-06-18' }],
  ['dates', 'a number that is no time', { seed: 1_700_000_000 }, { seed: 1_700_000_001 }],
  ['dates', 'a field for a day less', { '2024-11-05': 1, '2024-11-06': 2 }, { '2024-11-06': 2 }],
  ['dates', 'a ratio', ['16:9'], ['4:3']],
  ['tool-call-ids', 'results of one call, and of another', callsAnswered('a', 'b'), callsAnswered('b', 'a')],
  ['tool-call-ids', 'an id of something else', { file_id: 'a' }, { file_id: 'b' }],
  ['whitespace', 'none and some', ['a b'], ['ab']],
]

function uuids(...letters: readonly string[]): readonly string[] {
  return letters.map((letter) => `${letter.repeat(8)}-0000-4000-8000-${letter.repeat(12)}`)
}

function callsAnswered(...ids: readonly string[]): readonly unknown[] {
  const calls = ['a', 'b'].map((id) => ({ type: 'tool-call', id }))
  return [...calls, ...ids.map((id, index) => ({ type: 'tool-result', id, output: index }))]
}

for (const [name, sentence, a, b] of different) {
  test(`${name}: still different: ${sentence}`, () => {
    const matcher = createMatcher({ normalise: normalisersFor([name]) })
    const key = (value: unknown): string =>
      matcher.key({ method: 'POST', url: 'http://a/', body: JSON.stringify(value) })
    assert.notEqual(key(a), key(b))
  })
}

test('dates stand in many forms', () => {
  const date = new Date('2024-11-05T08:03:09.123Z')
  const forms = [
    '2024-11-05',
    '2024-11-05T08:03:09Z',
    '2024-11-05 08:03:09.123456+00:00',
    '20241105T080309Z',
    '2024/11/05',
    '11/5/2024, 8:03:09 AM',
    '5.11.2024, 08:03:09',
    '8:03 pm',
    '08:03:09,123',
    'Tue Nov  5 08:03:09 2024',
    'Tue Nov  5 08:03:09 CET 2024',
    'Tue 2024-11-05 08:03:09 CET',
    'Tue, 05 Nov 2024 08:03:09 +0100',
    '05-Nov-2024',
    '5 November 2024',
    'Nov. 5th, 2024 at 8:03 PM',
    date.toString(),
    date.toUTCString(),
    date.toDateString(),
    date.toLocaleTimeString('en-US'),
    date.toLocaleString('en-US', { dateStyle: 'full', timeStyle: 'long' }),
    date.toLocaleString('en-US', { dateStyle: 'medium', timeStyle: 'short' }),
  ]
  for (const form of forms) assert.equal(withoutDates(`On (${form}): yes`), 'On (<date>): yes', form)
  const others = [
    'gpt-4o-2024-08-06',
    'report-2024-11-05.pdf',
    '10:30',
    '1/2',
    '2024',
    'May 5',
    '/2024/11/05/',
    '2024-01-01:2024-01-02',
  ]
  for (const other of others) assert.equal(withoutDates(other), other)
})

test('texts that nearly are dates cost no more than their length', () => {
  const nearly = ['1/', '2024-11-', '10:10:', ' (aaaa', 'Tue, ', 'May 5 ', '2024-11-05T10:10:10 (a']
  for (const text of nearly) {
    const started = performance.now()
    withoutDates(text.repeat(100_000))
    assert.ok(performance.now() - started < 1000, text)
  }
})

const custom: Normaliser = {
  name: 'no-seed',
  apply: (value) => ({ ...(value as object), seed: undefined }),
}

test('one of somebody’s own is applied after those with names, and named in the matcher', () => {
  const matcher = createMatcher({ normalise: normalisersFor([custom, 'uuids', 'dates', 'uuids']) })
  assert.equal(matcher.name, 'strict+uuids+dates+no-seed')
  const sent = (seed: number): string =>
    matcher.key({ method: 'POST', url: 'http://a/', body: `{"seed":${seed},"a":1}` })
  assert.equal(sent(1), sent(2))
})

test('those that a tape declares come with those that are given', () => {
  const found = normalisersFor(['dates', custom], ['uuids', 'no-seed'], 'a.tape.jsonl')
  assert.deepEqual(
    found.map(({ name }) => name),
    ['uuids', 'dates', 'no-seed'],
  )
})

const refused: readonly [sentence: string, make: () => unknown, message: RegExp][] = [
  [
    'a name that nobody knows',
    () => normalisersFor(['uuid']),
    /there is no normaliser "uuid"; there are tool-call-ids,/,
  ],
  [
    'a name that only the tape knows',
    () => normalisersFor([], ['no-seed'], 'a.tape.jsonl'),
    /^a\.tape\.jsonl: its requests are matched with the normaliser "no-seed", which is not known here/,
  ],
  [
    'one called as ours is',
    () => normalisersFor([{ ...custom, name: 'uuids' }]),
    /another normaliser "uuids"/,
  ],
  ['two of one name', () => normalisersFor([custom, { ...custom }]), /another normaliser "no-seed"/],
  ['a name that is none', () => normalisersFor([{ ...custom, name: 'a+b' }]), /is no name/],
]
for (const [sentence, make, message] of refused) {
  test(`refused: ${sentence}`, () => {
    assert.throws(make, (error: unknown) => {
      assert.ok(error instanceof TapeError)
      assert.equal(error.code, 'normaliser')
      assert.match(error.message, message)
      return true
    })
  })
}
