/** What is written to a go-vcr cassette is read again, by this package and by another parser. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { binaryTag, FAILSAFE_SCHEMA, load, nullCoreTag, realMapTag } from 'js-yaml'
import {
  goccyStyle,
  yamlV3Style,
  yamlV4NarrowStyle,
  yamlV4Style,
  type GoVcrFile,
  type YamlStyle,
} from '../src/go-vcr/format.ts'
import { goccyScalar } from '../src/go-vcr/goccy.ts'
import { textScalar } from '../src/go-vcr/scalar.ts'
import { writeYaml } from '../src/go-vcr/write-yaml.ts'
import { readGoVcr } from '../src/go-vcr/read.ts'
import { writeGoVcr } from '../src/go-vcr/write.ts'
import type { Interaction } from '../src/interaction.ts'
import { answered, exchange } from './cassettes.ts'

const pieces = [
  '\n',
  '\n',
  ' ',
  ' ',
  '\r\n',
  '\t',
  'data: {"a":1}',
  ': ',
  ' #',
  '- ',
  "'",
  '"',
  '\\',
  '---',
  '...',
  '|',
  '!!binary',
]
const odd = [
  'null',
  '~',
  'yes',
  '0x1F',
  '1_000',
  '2023-06-01',
  '1:20',
  '<<',
  '\u{1F600}',
  '\u2028',
  '\u2029',
  '\x85',
  '\ufeff',
  '\0',
  '\x1b',
]
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom(...pieces, ...odd, 'a', 'é', '\u3000'), { maxLength: 8 })
    .map((parts) => parts.join('')),
)
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Uint8Array.from([...array, 0xff]))
const name = fc.oneof(text, fc.constantFrom('Accept', '__proto__', '7', 'x'.repeat(200)))
const headers = fc
  .uniqueArray(fc.tuple(name, fc.array(text, { minLength: 1, maxLength: 2 })), {
    selector: ([key]) => key,
    maxLength: 3,
  })
  .map((named) => named.flatMap(([key, values]) => values.map((value) => [key, value] as const)))
const duration = fc.integer({ min: 0, max: 10 ** 14 }).map((nanoseconds) => nanoseconds / 1e6)
const body = fc.oneof(text, bytes)
const plain = { noNullPrototype: true }
const method = fc.constantFrom('GET', 'POST', 'yes')
const request = fc.record({ method, url: text, headers, body }, plain)
const response = fc.record(
  {
    status: fc.integer({ min: 100, max: 999 }),
    statusText: text,
    headers,
    body,
    duration,
    chunks: fc.constant(null),
  },
  plain,
)
const interactions = fc
  .array(fc.record({ request, response }, plain), { maxLength: 3 })
  .map((list) => list.map((item, id): Interaction => exchange(id, item.request, item.response)))
const goYamlStyle = fc.constantFrom<YamlStyle>(yamlV3Style, yamlV4Style, yamlV4NarrowStyle, {
  library: 'go-yaml',
  indent: 2,
  compact: false,
})
const style = fc.oneof(goYamlStyle, fc.constant(goccyStyle))

function withoutExtra({ interactions: list }: GoVcrFile): readonly Interaction[] {
  return list.map(answered).map(({ request: asked, response: answered, ...rest }) => ({
    ...rest,
    request: { method: asked.method, url: asked.url, headers: asked.headers, body: asked.body },
    response: {
      status: answered.status,
      statusText: answered.statusText,
      headers: answered.headers,
      body: answered.body,
      duration: answered.duration,
      chunks: answered.chunks,
    },
  }))
}

test('any interactions, written and read, are the same interactions', () => {
  fc.assert(
    fc.property(style, interactions, (chosen, list) => {
      const cassette = { style: chosen, interactions: list }
      assert.deepEqual(withoutExtra(readGoVcr(writeGoVcr(cassette), 'a.yaml')), list)
    }),
    { numRuns: 500 },
  )
})

test('what was written once is written the same again', () => {
  fc.assert(
    fc.property(goYamlStyle, interactions, (chosen, list) => {
      const written = writeGoVcr({ style: chosen, interactions: list })
      assert.equal(writeGoVcr(readGoVcr(written, 'a.yaml')), written)
    }),
    { numRuns: 500 },
  )
})

/** The request's and the response's fields as another parser reads them, scalars as text. */
function readIndependently(written: string): unknown {
  return load(written, { schema: FAILSAFE_SCHEMA.withTags(nullCoreTag, binaryTag, realMapTag) })
}

test('another parser reads the texts and bytes that were written', () => {
  fc.assert(
    fc.property(style, text, fc.oneof(text, bytes), (chosen, key, value) => {
      const asked = { method: 'POST', url: key, headers: [[key, key]] as const, body: value }
      const written = writeGoVcr({
        style: chosen,
        interactions: [exchange(0, asked, { body: key })],
      })
      const root = readIndependently(written) as Map<string, Map<string, Map<string, unknown>>[]>
      const message = root.get('interactions')?.[0]?.get('request') as Map<string, unknown>
      assert.deepEqual(message.get('body') ?? '', value)
      assert.deepEqual(message.get('headers'), new Map([[key, [key]]]))
    }),
    { numRuns: 1000 },
  )
})

const recorded = `---
version: 2
interactions:
  - id: 0
    request:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: 3
        host: ""
        body: |
            é
        headers:
            A:
              - "1"
              - "3"
            B:
              - "2"
        url: http://localhost/
        method: POST
    response:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: -1
        body: |+
            data: 1

        headers: {}
        status: 200 OK
        code: 200
        duration: 498.287166ms
`

test('an interaction of our own has the fields and defaults of go-vcr, and one entry for each header', () => {
  const pairs = [
    ['A', '1'],
    ['B', '2'],
    ['A', '3'],
  ] as const
  const asked = { method: 'POST', url: 'http://localhost/', headers: pairs, body: 'é\n' }
  const answer = { body: 'data: 1\n\n', duration: 498.287166 }
  const cassette = { style: yamlV4Style, interactions: [exchange(0, asked, answer)] }
  assert.equal(writeGoVcr(cassette), recorded)
})

test('an empty cassette has an empty list', () => {
  assert.equal(writeGoVcr({ style: yamlV4Style, interactions: [] }), '---\nversion: 2\ninteractions: []\n')
})

/** As Go writes them, but for the last two, which it loses or leaves to the reader's version of YAML. */
const scalars: readonly [sentence: string, value: string, written: string][] = [
  ['a plain text is plain', 'application/json; charset=utf-8', 'application/json; charset=utf-8'],
  ['an empty text is quoted', '', '""'],
  ['a number is quoted', '0o17', '"0o17"'],
  ['a number too large for a double is not', '1e400', '1e400'],
  ['an unsigned integer of 64 bits is quoted', '18446744073709551615', '"18446744073709551615"'],
  ['a date is quoted', '2023-06-01', '"2023-06-01"'],
  ['a date that does not exist is not', '2023-02-29', '2023-02-29'],
  ['a date with a time is quoted', '2026-07-04T20:11:41Z', '"2026-07-04T20:11:41Z"'],
  ['a number in base 60 is quoted', '190:20:30', '"190:20:30"'],
  ['an old boolean is quoted', 'off', '"off"'],
  ['an indicator at the start takes single quotes', '{"a":1}', `'{"a":1}'`],
  ['a single quote is doubled', "it: it's", "'it: it''s'"],
  ['a space at the end takes single quotes', '529 ', "'529 '"],
  ['a tab takes double quotes', 'a\tb', '"a\\tb"'],
  ['an astral character is escaped', 'a\u{1F600}', '"a\\U0001F600"'],
  ['a control character is escaped', '\x7f\0\x1b', '"\\x7F\\0\\e"'],
  ['a byte order mark at the start escapes everything', '\ufeffa', '"\\uFEFF\\x61"'],
  ['lines are literal', 'a\nb\n', '|\n    a\n    b'],
  ['no line break at the end strips', 'a\nb', '|-\n    a\n    b'],
  ['an empty line at the end keeps', 'a\n\n', '|+\n    a\n'],
  ['a space at the start says the indentation', ' a\nb\n', '|4\n     a\n    b'],
  ['a space before a line break takes double quotes', 'a \nb', '"a \\nb"'],
  ['a carriage return takes double quotes', 'a\r\nb', '"a\\r\\nb"'],
  ['lines without any ink take double quotes', '\n\n', '"\\n\\n"'],
  ['half a surrogate pair is replaced, since UTF-8 cannot hold it', '\ud83d', '"\ufffd"'],
  ['a line break of Unicode is escaped', 'a\u2028b\nc', '"a\\Lb\\nc"'],
  ['an empty line at the start is kept', '\n a\n', '|4\n\n     a'],
]
for (const [sentence, value, written] of scalars) {
  test(`scalar: ${sentence}`, () => assert.equal(textScalar(value, 4, 0), written))
}

const goccyScalars: readonly [sentence: string, value: string, written: string][] = [
  ['a plain text is plain', "it's", "it's"],
  ['JSON takes double quotes', '{"a":1}\n', '"{\\"a\\":1}\\n"'],
  ['a clock time is quoted', '15:04', '"15:04"'],
  ['an astral character is printed', 'a\u{1F600}', 'a\u{1F600}'],
  ['what Go cannot print is escaped', '#\u200b\x7f\u{e0001}', '"#\\u200b\\x7f\\U000e0001"'],
  ['lines are literal, the empty ones padded', 'a\n\nb\n', '|\n    a\n    \n    b'],
  ['an empty line at the end is kept', 'a\n\n', '|+\n    a\n'],
  ['a space at the start takes double quotes', ' a\nb', '" a\\nb"'],
]
for (const [sentence, value, written] of goccyScalars) {
  test(`scalar of goccy/go-yaml: ${sentence}`, () => assert.equal(goccyScalar(value, 4), written))
}

test('a key that is long or has a line break is written behind a question mark', () => {
  const long = 'k'.repeat(129)
  const map = new Map([
    ['a\nb', ['v', 'w']],
    [long, ['z']],
  ])
  assert.equal(writeYaml(map, yamlV3Style), `---\n? |-\n    a\n    b\n:   - v\n    - w\n? ${long}\n:   - z\n`)
})
