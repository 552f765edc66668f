/** Files that nobody should have written: refused with one line, or read for what they hold, in bounded time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TapeError } from '../src/error.ts'
import { readCassette } from '../src/formats/read.ts'

function vcrpy(body: string, headers = '{}'): string {
  return `interactions:
- request: {method: GET, uri: u, headers: ${headers}, body: null}
  response:
    status: {code: 200, message: OK}
    headers: {}
    ${body}
version: 1
`
}

const laughs = [
  'a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]',
  ...Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
].join('\n')

const deep = 200_000

const refused: readonly [sentence: string, content: string | Uint8Array, message: RegExp][] = [
  ['nothing', '', /^a: The file is empty/],
  ['bytes', new Uint8Array([0xff, 0xfe, 0x00]), /^a: It is not UTF-8 text/],
  ['broken gzip', new Uint8Array([0x1f, 0x8b, 0x08, 0x00]), /^a: It starts like gzip, but is broken/],
  ['broken JSON', '{\n"log": {\n', /^a:\d+: This is not valid JSON/],
  ['broken YAML', 'a: [\n', /^a:\d+: This is not valid YAML/],
  ['any text', 'hello', /^a: It is no cassette of a format that is known/],
  ['any JSON', '{"name": "x"}', /^a: It is no cassette of a format that is known/],
  ['null', 'null', /^a: It is no cassette/],
  ['a package of another program', '{"data": {"pairs": []}}', /Hoverfly/],
  ['a mapping', '{"request": {"urlPath": "/"}, "response": {}}', /WireMock/],
  ['several documents', 'a: 1\n---\nb: 2\n', /several YAML documents/],
  ['aliases that explode', `${laughs}\n${vcrpy('parsed_body: *a12')}`, /^a: Its aliases .* larger/],
  ['an alias of itself', vcrpy('parsed_body: &a [*a]'), /^a: (Its aliases|This is not valid YAML)/],
  [
    'a call of Python',
    vcrpy('body: !!python/object/apply:os.system ["touch /tmp/x"]'),
    /^a:6: Tags other than/,
  ],
  ['an object of Python', vcrpy('body: !!python/object/new:subprocess.Popen [x]'), /^a:6: Tags other than/],
  ['an object of Ruby', vcrpy('body: !ruby/object:Gem::Installer {i: x}'), /^a:6: Tags other than/],
  ['an object of JavaScript', vcrpy('body: !!js/function "x"'), /^a:6: Tags other than/],
  [
    'deep YAML',
    vcrpy(`parsed_body: ${'['.repeat(deep)}${']'.repeat(deep)}`),
    /^a:6: The values are nested too deeply/,
  ],
  [
    'deep JSON',
    `[{"scope":"https://h","path":"/","status":200,"response":${'['.repeat(deep)}${']'.repeat(deep)}}]`,
    /^a: Its values are nested too deeply/,
  ],
  [
    'no url',
    'interactions:\n- request: {method: GET}\n  response: {}\n',
    /^a:2: interactions\[0\]\.request\.uri is missing/,
  ],
  [
    'no status',
    'interactions:\n- request: {method: GET, uri: u}\n  response: {headers: {}}\n',
    /^a:3: interactions\[0\]\.response\.status_code is missing/,
  ],
  [
    'no status of HTTP',
    vcrpy('body: x').replace('code: 200', 'code: 7'),
    /^a:4: .*status\.code must be from 100 to 999/,
  ],
  [
    'a status that only looks like one',
    vcrpy('body: x').replace('code: 200', 'code: 099'),
    /must be from 100 to 999/,
  ],
  ['headers that are none', vcrpy('body: x', '[a]'), /^a:2: .*request\.headers must be a map/],
  ['an interaction that is none', 'interactions: [x]\n', /^a:1: interactions\[0\].*is missing/],
  ['requests without responses', 'requests: [{}]\nresponses: []\n', /^a:2: responses has 0 entries/],
  [
    'headers of nock without a value',
    '[{"scope":"s","path":"/","status":200,"rawHeaders":["A"]}]',
    /^a: \[0\]\.rawHeaders must be names and values/,
  ],
]

for (const [sentence, content, message] of refused) {
  test(`${sentence}: refused with one line`, () => {
    assert.throws(
      () => readCassette(content, 'a'),
      (error) => {
        assert.ok(error instanceof TapeError)
        assert.match(error.message, message)
        return !error.message.includes('\n') && error.message.length < 300
      },
    )
  })
}

test('keys of a prototype stay keys, in headers and in parsed bodies', () => {
  const { request, response } = readCassette(
    vcrpy('parsed_body: {__proto__: {a: 1}, constructor: 2}', '{__proto__: [x], constructor: [y]}'),
    'a',
  ).at(0)
  assert.deepEqual(request.headers, [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
  assert.equal(response?.body, '{"__proto__":{"a":1},"constructor":2}')
  assert.equal(Reflect.get({}, 'a'), undefined)
})

test('templates of Ruby are text, and never run', () => {
  const text =
    'http_interactions:\n- request: {method: get, uri: "http://<%= exit(1) %>/"}\n  response: {status: {code: 200}, body: {string: "<%= 1 %>"}}\n'
  const cassette = readCassette(text, 'a')
  assert.equal(cassette.at(0).request.url, 'http://<%= exit(1) %>/')
  assert.equal(cassette.at(0).response?.body, '<%= 1 %>')
  assert.equal(cassette.warnings.length, 1)
})

const long = 10 * 1024 * 1024
const lines: readonly [kind: string, body: string, length: number][] = [
  ['plain', `body: {string: ${'a'.repeat(long)}}`, long],
  ['single-quoted', `body: {string: '${"a''".repeat(long / 3)}'}`, Math.floor(long / 3) * 2],
  ['double-quoted', `body: {string: "${String.raw`a\n`.repeat(long / 3)}"}`, Math.floor(long / 3) * 2],
  [
    'folded over many lines',
    `body: {string: '${'aaa\n        bbb\n\n        '.repeat(long / 32)}'}`,
    (long / 32) * 8,
  ],
  ['of bytes', `body: {string: !!binary "${'QUJD'.repeat(long / 4)}"}`, (long / 4) * 3],
]
for (const [kind, body, length] of lines) {
  test(`a text of 10 MB, ${kind}, is read in a time like its length`, () => {
    const start = performance.now()
    const cassette = readCassette(vcrpy(body), 'a')
    assert.equal(cassette.sizeAt(0), length)
    assert.ok(performance.now() - start < 5000)
  })
}

test('100,000 headers and 20,000 interactions are read in a time like their number', () => {
  const start = performance.now()
  const headers = `{${Array.from({ length: 100_000 }, (_, i) => `h${i}: [x]`).join(', ')}}`
  assert.equal(readCassette(vcrpy('body: x', headers), 'a').at(0).request.headers.length, 100_000)
  const one = vcrpy('body: x').split('\n').slice(1, -2).join('\n')
  assert.equal(readCassette(`interactions:\n${`${one}\n`.repeat(20_000)}`, 'a').length, 20_000)
  assert.ok(performance.now() - start < 10_000)
})
