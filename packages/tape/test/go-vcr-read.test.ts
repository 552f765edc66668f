/** What a go-vcr cassette may leave out, hold in addition or get wrong. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TapeError } from '../src/error.ts'
import { readGoVcr } from '../src/go-vcr/read.ts'
import { writeGoVcr } from '../src/go-vcr/write.ts'

/** A cassette of one interaction, from the lines of its request and response. */
function cassette(request: readonly string[], response: readonly string[], id = '- id: 0'): string {
  const lines = [
    '---',
    'version: 2',
    'interactions:',
    id,
    ...message('request', request),
    ...message('response', response),
  ]
  return `${lines.join('\n')}\n`
}

function message(name: string, fields: readonly string[]): readonly string[] {
  return [`  ${name}:`, ...fields.map((field) => `    ${field}`)]
}

const proto = ['proto: HTTP/1.1', 'proto_major: 1', 'proto_minor: 1']
const request = [...proto, 'content_length: 0', 'host: ""', 'url: http://localhost/', 'method: GET']
const responseStart = [...proto, 'content_length: -1', 'body: ok', 'headers: {}']
const response = [...responseStart, 'status: 200 OK', 'code: 200', 'duration: 1ms']
const beforeTrailer = [...proto, 'content_length: 0', 'transfer_encoding: []']
const afterTrailer = [
  'host: h',
  'remote_addr: ""',
  'request_uri: ""',
  'body: ""',
  'form: {}',
  'headers: {}',
  'url: u',
  'method: GET',
]
const every = [...beforeTrailer, 'trailer: {}', ...afterTrailer]

const rewritten: readonly [sentence: string, text: string][] = [
  ['no interactions', '---\nversion: 2\ninteractions: []\n'],
  ['the usual fields', cassette(request, response)],
  ['empty fields, as go-vcr wrote them before v4.0.3', cassette(every, response)],
  ['no fields but the url and the code', cassette(['url: u'], ['code: 204'])],
  ['no id', cassette(request, response).replace('- id: 0\n  request', '- request')],
  ['an id that is not the position', cassette(request, response, '- id: 7')],
  ['an empty method', cassette([...request.slice(0, -1), 'method: ""'], response)],
  [
    'a status without a text',
    cassette(request, [...responseStart, 'status: "200"', 'code: 200', 'duration: 0s']),
  ],
  [
    'a status of HTTP/2 that Go has no text for',
    cassette(request, [...responseStart, "status: '529 '", 'code: 529', 'duration: 0s']),
  ],
  [
    'a header without values',
    cassette([...request.slice(0, 5), 'headers:', '  A: []', '  B:', '  - b', ...request.slice(5)], response),
  ],
  ['a trailer and a form', cassette([...beforeTrailer, 'trailer:', '  T: []', ...afterTrailer], response)],
  ['bytes that are no text', cassette(request, response.with(4, 'body: !!binary /w=='))],
]
for (const [sentence, text] of rewritten) {
  test(`a cassette with ${sentence} is written as it was read`, () => {
    assert.equal(writeGoVcr(readGoVcr(text, 'a.yaml')), text)
  })
}

test('a status text and an empty method are what HTTP makes of them', () => {
  const text = cassette(
    [...request.slice(0, -1), 'method: ""'],
    [...responseStart, "status: '529 '", 'code: 529', 'duration: 0s'],
  )
  const [interaction] = readGoVcr(text, 'a.yaml').interactions
  assert.deepEqual([interaction?.request.method, interaction?.response?.statusText], ['GET', ''])
})

test('a file written by hand is read by way of the other parser', () => {
  const text = `# a comment\nversion: 2\ninteractions: [{request: {url: "u", headers: {A: [1.0, "b"]}}, response: {code: 200}}]\r\n`
  const [interaction] = readGoVcr(text, 'a.yaml').interactions
  assert.deepEqual(interaction?.request.headers, [
    ['A', '1.0'],
    ['A', 'b'],
  ])
})

test('a line break of Unicode loses the indentation that Go puts behind it', () => {
  const text = cassette(request, response.with(4, 'body: |-\n      a\u2028      b\n      c'))
  assert.equal(readGoVcr(text, 'a.yaml').interactions[0]?.response?.body, 'a\u2028b\nc')
})

test('an escape of many digits is a character, and one behind an escaped backslash is not', () => {
  const text = cassette(request, response.with(4, String.raw`body: "\U0001F600 \\U0001F600 \\\U0001F600 \e"`))
  const body = '\u{1F600} \\U0001F600 \\\u{1F600} \x1b'
  assert.equal(readGoVcr(text, 'a.yaml').interactions[0]?.response?.body, body)
  const quoted = text.replace(String.raw` \e`, '')
  assert.equal(readGoVcr(quoted, 'a.yaml').interactions[0]?.response?.body, body.slice(0, -2))
})

test('bytes that are text are read as text', () => {
  const text = cassette(request, response.with(4, 'body: !!binary w6k='))
  assert.equal(readGoVcr(text, 'a.yaml').interactions[0]?.response?.body, 'é')
})

test('keys of a prototype stay keys', () => {
  const text = cassette(
    [...request, 'headers:', '  __proto__:', '  - x', '__proto__:', '  polluted: yes'],
    response,
  )
  const [interaction] = readGoVcr(text, 'a.yaml').interactions
  assert.deepEqual(interaction?.request.headers, [['__proto__', 'x']])
  assert.equal(Reflect.get({}, 'polluted'), undefined)
  assert.equal(Reflect.getPrototypeOf(interaction?.request.extra ?? []), Object.prototype)
})

const withoutUrl = request.filter((field) => !field.startsWith('url'))
const bomb = [
  'a: &a [x, x]',
  ...Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [*a, *a]`),
  'version: 2',
  '',
].join('\n')
const good = cassette(request, response)

type Unreadable = readonly [sentence: string, text: string, line: number | undefined, message: RegExp]

const unreadable: readonly Unreadable[] = [
  ['an empty file', '', undefined, /file is empty/],
  ['a file of comments', '# nothing\n', undefined, /file is empty/],
  ['a list that never ends', 'version: 2\ninteractions: [1,', 2, /not valid YAML \(unexpected end/],
  ['a tab for indentation', 'version: 2\ninteractions:\n\t- id: 0\n', 3, /not valid YAML \(tab/],
  ['a quote that never ends', good.replace('body: ok', 'body: "ok'), 19, /not valid YAML/],
  [
    'no url, in a text with a raw control character',
    cassette(withoutUrl, response.with(4, 'body: o\0k')),
    undefined,
    /url is missing/,
  ],
  ['an escape that does not exist', good.replace('body: ok', 'body: "\\q"'), 18, /not valid YAML/],
  ['a repeated key', good.replace('method: GET', 'url: again'), 12, /not valid YAML \(duplicated/],
  ['several documents', `${good}---\n${good}`, undefined, /several YAML documents/],
  ['an anchor bomb', bomb, 2, /aliases .* write the value out/],
  ['an alias of nothing', good.replace('body: ok', 'body: *a'), 18, /aliases/],
  [
    'a tag that constructs a type',
    good.replace('body: ok', 'body: !!js/function x'),
    18,
    /tags other than !!binary/,
  ],
  ['bytes that are not base64', good.replace('body: ok', 'body: !!binary "?"'), 18, /not base64/],
  ['endless nesting', `version: 2\ninteractions: ${'['.repeat(5000)}\n`, 2, /nested too deeply/],
  [
    'endless nesting in blocks',
    Array.from({ length: 5000 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    20,
    /nested too deeply/,
  ],
  ['a list', '- version: 2\n', 1, /the document must be a map/],
  ['a text', 'version 2\n', 1, /the document must be a map/],
  ['no version', 'interactions: []\n', 1, /version is missing: .* starts with "version: 2"/],
  [
    'version 1',
    good.replace('version: 2', 'version: 1'),
    2,
    /version is 1, which is not supported yet; record with/,
  ],
  ['version 3', good.replace('version: 2', 'version: 3'), 2, /version is 3, but only .* 2 is supported/],
  [
    'a version that is no number',
    good.replace('version: 2', 'version: two'),
    2,
    /version must be a whole number/,
  ],
  ['no interactions', 'version: 2\n', 1, /interactions is missing/],
  ['interactions without a value', 'version: 2\ninteractions:\n', 2, /interactions is missing/],
  ['interactions that are no list', 'version: 2\ninteractions: none\n', 2, /interactions must be a list/],
  [
    'an interaction that is no map',
    'version: 2\ninteractions:\n- 1\n- 2\n',
    3,
    /interactions\[0\] must be a map/,
  ],
  [
    'a request that is no map',
    good.replace(/request:[^]*?response/, 'request: []\n  response'),
    5,
    /\[0\]\.request must be a map/,
  ],
  ['no request', good.replace(/ {2}request:[^]*?response/, '  response'), 4, /request\.url is missing/],
  [
    'no url',
    good.replace('    url: http://localhost/\n', ''),
    5,
    /interactions\[0\]\.request\.url is missing/,
  ],
  ['no code', good.replace('    code: 200\n', ''), 13, /interactions\[0\]\.response\.code is missing/],
  [
    'a code that is no number',
    good.replace('code: 200', 'code: OK'),
    21,
    /response\.code must be a whole number/,
  ],
  ...['0', '-1', '99', '1000'].map((code): Unreadable => {
    const text = good.replace('code: 200', `code: ${code}`)
    return [`the code ${code}`, text, 21, /response\.code must be from 100 to 999/]
  }),
  ['a body that is a map', good.replace('body: ok', 'body: {}'), 18, /response\.body must be text/],
  [
    'headers that are a list',
    good.replace('headers: {}', 'headers: []'),
    19,
    /response\.headers must be a map/,
  ],
  [
    'a header that is a text',
    good.replace('headers: {}', 'headers:\n      A: b'),
    20,
    /headers\.A must be a list/,
  ],
  [
    'a header that holds a list',
    good.replace('headers: {}', 'headers:\n      A:\n      - x\n      - []'),
    22,
    /headers\.A\[1\] must be text/,
  ],
  ['a duration that is none', good.replace('1ms', '1 fortnight'), 22, /duration must be a duration such as/],
  [
    'a flag that is none',
    good.replace('body: ok', 'uncompressed: maybe'),
    18,
    /uncompressed must be true or false/,
  ],
]
for (const [sentence, text, line, message] of unreadable) {
  test(`unreadable: ${sentence}`, () => {
    assert.throws(
      () => readGoVcr(text, 'a.yaml'),
      (error) => {
        assert.ok(error instanceof TapeError, String(error))
        assert.match(error.message, message)
        assert.deepEqual([error.code, error.file, error.line], ['unreadable', 'a.yaml', line], error.message)
        return true
      },
    )
  })
}
