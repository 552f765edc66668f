/** Files that nobody should have written: refused with one line, or read for what they hold, in bounded time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TapeError } from '../src/error.ts'
import { readCassette } from '../src/formats/read.ts'
import type { Interaction } from '../src/interaction.ts'
import { azure, easyVcr, exvcr, mastra, phpVcr, reqCassette, reqLlm, seinfeld } from './formats-documents.ts'

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
  ['nothing', '', /^a: the file is empty/],
  [
    'text of another encoding',
    Buffer.from('interactions:\n- request: {url: \xe9}\n', 'latin1'),
    /^a: it is not UTF-8 text/,
  ],
  ['broken gzip', new Uint8Array([0x1f, 0x8b, 0x08, 0x00]), /^a: it starts like gzip, but is broken/],
  ['broken JSON', '{\n"log": {\n', /^a:\d+: this is not valid JSON/],
  ['broken YAML', 'interactions: [\n', /^a:\d+: this is not valid YAML/],
  [
    'broken YAML of a newer kind',
    '# mine\n\n---\nversion: 3\ninteractions:\n- a: [\n',
    /^a:\d+: this is not valid YAML/,
  ],
  [
    'a merge that is not done',
    '<<<<<<< HEAD\nversion: 1\ninteractions:\n- [\n',
    /^a:\d+: this is not valid YAML/,
  ],
  ['a manifest', 'kind: Pod\nspec: {}\n', /^a: it is no cassette/],
  ['a mock', 'version: api.keploy.io/v1beta1\nkind: Http\nspec: {}\n', /Keploy/],
  ['a package of another program', '{"data": {"pairs": []}}', /Hoverfly/],
  ['a fixture', '{"url": "u", "status": 200, "statusText": "", "ok": true, "headers": {}}', /fetch-vcr/],
  ['a mapping', '{"request": {"urlPath": "/"}, "response": {}}', /WireMock/],
  ['a mapping of a whole path', '{"request": {"url": "/a"}, "response": {"status": 200}}', /WireMock/],
  ['a session of a proxy', '[{"actualPort": 1, "request": {"header": {}}, "response": {}}]', /Charles/],
  ['requests to nobody', 'when:\n  path: /\nthen:\n  status: 200\n---\nwhen:\n  path: /b\n', /httpmock/],
  [
    'a tape without its first line',
    '{"type":"request","id":0}\n{"type":"end"}\n',
    /^a: it holds lines of JSON/,
  ],
  ['a body in another file', vcrpy('body: {file: yes, string: a.txt}'), /^a:6: .*in another file/],
  [
    'a key that Python would call for',
    vcrpy('body: x', '{? !!python/object/apply:os.system [a] : b}'),
    /^a:2: tags other than/,
  ],
  [
    'a key of Python that is no text',
    vcrpy('body: x', '{? !!python/object/apply:multidict._multidict.istr [[a]] : b}'),
    /^a:\d+: this is not valid YAML/,
  ],
  [
    'a term of Erlang that is no bytes',
    JSON.stringify(exvcr({ binary: true, body: 'g2EB' })),
    /^a: \[0\]\.response\.body is a term of Erlang/,
  ],
  ['several documents', 'interactions: []\n---\nb: 2\n', /several YAML documents/],
  ['aliases that explode', `${vcrpy('body: x')}${laughs}\nz: *a12\n`, /^a: its aliases .* larger/],
  ['an alias of itself', vcrpy('parsed_body: &a [*a]'), /^a: (its aliases|this is not valid YAML)/],
  [
    'a call of Python',
    vcrpy('body: !!python/object/apply:os.system ["touch /tmp/x"]'),
    /^a:6: tags other than/,
  ],
  ['an object of Python', vcrpy('body: !!python/object/new:subprocess.Popen [x]'), /^a:6: tags other than/],
  ['an object of Ruby', vcrpy('body: !ruby/object:Gem::Installer {i: x}'), /^a:6: tags other than/],
  ['an object of JavaScript', vcrpy('body: !!js/function "x"'), /^a:6: tags other than/],
  [
    'deep YAML',
    vcrpy(`parsed_body: ${'['.repeat(deep)}${']'.repeat(deep)}`),
    /^a:6: the values are nested too deeply/,
  ],
  [
    'deep JSON',
    `[{"scope":"https://h","path":"/","status":200,"response":${'['.repeat(deep)}${']'.repeat(deep)}}]`,
    /^a: its values are nested too deeply/,
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

/** What stands in no file that a tool wrote. */
const odd: readonly unknown[] = JSON.parse(
  String.raw`[null, 0, -1, 1e308, 1.5, true, "", "x", "\u0000", "\ud800", "1f8b", "999", "9e999", "2020-13-45", "[object X]",
    [], {}, [null], [[]], [{}], ["1f8b"], [-1, 6], {"length": 5}, {"toString": 1}, {"type": "json"}, {"__proto__": 1}]`,
) as readonly unknown[]

const exchange = {
  request: { method: 'GET', uri: 'u', url: 'u', headers: { a: ['b'] }, body: 'base64:eA==' },
  response: { status: { code: 200, message: 'OK' }, headers: { a: 'b' }, body: { string: 'x' }, duration: 1 },
  recorded_at: '2026-01-01T00:00:00Z',
}
const harEntry = {
  startedDateTime: '2026-01-01T00:00:00Z',
  time: 2,
  request: {
    method: 'GET',
    url: 'u',
    headers: [{ name: 'a', value: 'b' }],
    postData: { mimeType: 'a/b', text: '' },
  },
  response: {
    status: 200,
    statusText: 'OK',
    headers: [{ name: 'content-encoding', value: 'gzip' }],
    content: { size: 5, text: 'eAxxx', encoding: 'base64' },
  },
  timings: { wait: 1, receive: 1 },
  _chunks: [{ length: 3, at: 1 }],
  _ending: { type: 'abort', reason: 'x' },
}
const documents: readonly (readonly [format: string, root: unknown])[] = [
  ['HAR', { log: { version: '1.2', entries: [harEntry] } }],
  ['vcrpy', { version: 1, interactions: [exchange] }],
  ['Ruby VCR', { http_interactions: [exchange] }],
  ['dd-trace', exchange],
  [
    'nock',
    [
      {
        scope: 'http://h',
        method: 'GET',
        path: '/',
        body: '',
        status: 200,
        response: {},
        rawHeaders: ['a', 'b'],
      },
    ],
  ],
  [
    'undici',
    [
      {
        hash: 'x',
        snapshot: {
          request: { method: 'GET', url: 'u', headers: { a: 'b' }, body: '' },
          responses: [{ statusCode: 200, headers: { a: ['b'] }, body: 'eA==' }],
        },
      },
    ],
  ],
  [
    'aimock',
    {
      fixtures: [
        {
          match: { userMessage: 'x', model: 'm' },
          response: {
            content: 'hi',
            status: 200,
            toolCalls: [{ name: 'a', arguments: '{}' }],
            usage: { a: 1 },
          },
          recordedTimings: { ttftMs: 5, interChunkDelaysMs: [1, 2] },
          latency: 3,
        },
      ],
    },
  ],
  ['ReqCassette', reqCassette({ query_string: 'a=b', body_json: {} }, { body_blob: 'eA==' })],
  ['Mastra', { recordings: [mastra({ chunks: ['a', 'b'], chunkTimings: [1, 2], isStreaming: true })] }],
  ['ExVCR', exvcr({ binary: true, body: 'g20AAAABeA==' })],
  ['ExVCR where the connection failed', exvcr({ type: 'error', status_code: null })],
  ['PHP-VCR', phpVcr({ body: 'q', post_fields: {} }, { 'Content-Transfer-Encoding': 'binary' }, 'eA==')],
  ['EasyVCR', easyVcr],
  ["Azure's test proxy", azure(['text/plain'], ['a', 'b'])],
  ['Seinfeld', seinfeld({ kind: 'json', value: {} }, { kind: 'sse', chunks: ['a'] })],
  ['ReqLLM', reqLlm({ body: {} }, { captured_at: '2026-01-01T00:00:00Z', chunks: [{ b64: 'eA==' }] })],
]

/** The document with each of its values replaced by something odd, or gone. */
function* spoilt(value: unknown): Iterable<unknown> {
  yield* odd
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    for (const one of [undefined, ...spoilt(child)]) {
      yield Array.isArray(value) ? value.with(Number(key), one) : { ...value, [key]: one }
    }
  }
}

for (const [format, root] of documents) {
  test(`${format} with a wrong value in any place: refused with one line, or read as what can be replayed`, () => {
    for (const one of spoilt(root)) {
      const text = JSON.stringify(one)
      try {
        for (const interaction of readCassette(text, 'a')) assert.ok(isWhole(interaction), text)
      } catch (error) {
        assert.ok(error instanceof TapeError, text)
        assert.ok(!error.message.includes('\n') && error.message.length < 300, text)
      }
    }
  })
}

function isWhole({ request, response, ending }: Interaction): boolean {
  const times = [ending.at, response?.duration ?? 0, ...(response?.chunks ?? []).map(({ at }) => at)]
  const lengths = (response?.chunks ?? []).map(({ length }) => length)
  const texts = [request.method, request.url, ...request.headers.flat(), ...(response?.headers ?? []).flat()]
  const status = response?.status ?? 200
  return (
    times.every((time) => Number.isFinite(time) && time >= 0) &&
    lengths.every((length) => Number.isSafeInteger(length) && length >= 0) &&
    texts.every((text) => typeof text === 'string') &&
    status >= 100 &&
    status <= 999
  )
}

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
