/** Formats, and variants of them, that no corpus holds. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readCassette } from '../src/formats/read.ts'
import type { Interaction } from '../src/interaction.ts'
import { openCassette } from '../src/open.ts'

function only(text: string | Uint8Array): Interaction {
  const [interaction, ...rest] = readCassette(text, 'a')
  assert.deepEqual(rest, [])
  assert.ok(interaction !== undefined)
  return interaction
}

/** What is compared of an interaction in these tables. */
interface Seen {
  readonly request?: string
  readonly asked?: string | Uint8Array
  readonly status?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array
  readonly at?: number
}

function seen({ request, response }: Interaction, like: Seen): Seen {
  const all = {
    request: `${request.method} ${request.url}`,
    asked: request.body,
    status: `${response?.status} ${response?.statusText}`,
    headers: response?.headers ?? [],
    body: response?.body ?? '',
    at: response?.duration ?? 0,
  }
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in like))
}

const bytes = new Uint8Array([0xff, 0x00, 0x80])
const hex = Buffer.from(bytes).toString('hex')
const base64 = Buffer.from(bytes).toString('base64')
const packed = gzipSync('{"a": 1}')

function indented(text: string): string {
  return text.replaceAll('\n', '\n    ')
}

function vcrpy(response: string, request = 'body: null'): string {
  return `interactions:
- request:
    ${indented(request)}
    headers: {}
    method: GET
    uri: http://localhost/
  response:
    ${indented(response)}
version: 1
`
}

const ok = 'status: {code: 200, message: OK}\nheaders: {}\nbody:'

function nock(fields: object): string {
  const given = {
    scope: 'https://h:443',
    method: 'POST',
    path: '/a?b=c',
    body: '',
    status: 200,
    response: '',
  }
  return JSON.stringify([{ ...given, rawHeaders: [], responseIsBinary: false, ...fields }])
}

function har(response: object, entry: object = {}): string {
  const request = { method: 'GET', url: 'http://h/', headers: [] }
  const answer = { status: 200, statusText: 'OK', headers: [], content: {}, ...response }
  const timings = { send: 0, wait: 0, receive: 0 }
  return JSON.stringify({
    log: { version: '1.2', entries: [{ request, response: answer, timings, ...entry }] },
  })
}

const table: readonly [sentence: string, text: string | Uint8Array, expected: Seen][] = [
  [
    'go-vcr 1',
    `---
version: 1
interactions:
- request:
    body: '{"a":1}'
    form: {}
    headers:
      Accept:
      - '*/*'
    url: https://h/v1
    method: POST
  response:
    body: "{}"
    headers:
      A: [x, y]
    status: 200 OK
    code: 200
    duration: "1.5s"
`,
    {
      request: 'POST https://h/v1',
      asked: '{"a":1}',
      status: '200 OK',
      headers: [
        ['A', 'x'],
        ['A', 'y'],
      ],
      at: 1500,
    },
  ],
  [
    'go-vcr 1 without a method or a duration',
    'version: 1\ninteractions: [{request: {url: u}, response: {code: 204, status: 204 No Content, duration: ""}}]',
    { request: 'GET u', status: '204 No Content', at: 0 },
  ],
  ['vcrpy with text', vcrpy(`${ok} {string: "{\\"a\\": 1}"}`), { status: '200 OK', body: '{"a": 1}' }],
  [
    'vcrpy in JSON',
    JSON.stringify({
      version: 1,
      interactions: [
        {
          request: { method: 'GET', uri: 'u', body: 'q', headers: { A: ['b'] } },
          response: { status: { code: 200, message: null }, headers: {}, body: { string: 'x' } },
        },
      ],
    }),
    { request: 'GET u', asked: 'q', status: '200 ', body: 'x' },
  ],
  ['vcrpy with bytes', vcrpy(`${ok} {string: !!binary ${base64}}`), { body: bytes }],
  ['vcrpy with the body of a form', vcrpy(`${ok} {string: ''}`, 'body: a=b&c'), { asked: 'a=b&c' }],
  [
    'vcrpy with texts of Python 2',
    vcrpy(`${ok} {string: !!python/unicode 'x'}`, 'body: !!python/unicode q'),
    { asked: 'q', body: 'x' },
  ],
  [
    'vcrpy with a BytesIO',
    vcrpy(
      `${ok} {string: ''}`,
      `body: !!python/object/new:_io.BytesIO\n  state: !!python/tuple\n  - !!binary cXE=\n  - 0\n  - null`,
    ),
    { asked: 'qq' },
  ],
  [
    'vcrpy with an iterator',
    vcrpy(
      `${ok} {string: ''}`,
      `body: !!python/object/apply:builtins.iter\n  args:\n  - - a\n    - !!binary Yg==`,
    ),
    { asked: 'ab' },
  ],
  [
    "vcrpy with aiohttp's names of headers",
    vcrpy(
      'status: {code: 200, message: OK}\nheaders:\n  ? !!python/object/apply:multidict._multidict.istr\n  - A\n  : - b\nbody: {string: x}',
    ),
    { headers: [['A', 'b']], body: 'x' },
  ],
  [
    'the old httpx stub of vcrpy',
    vcrpy('status_code: 404\nhttp_version: HTTP/1.1\nheaders: {A: b}\ncontent: x'),
    { status: '404 ', headers: [['A', 'b']], body: 'x' },
  ],
  [
    "pydantic's parsed bodies, their numbers as they stand",
    vcrpy(
      'status: {code: 200, message: OK}\nheaders: {}\nparsed_body: {a: 1.0, b: 12345678901234567890, c: [true, null, "1", 1e5, 1.0e-05], "d\\"": {}}',
    ),
    { body: '{"a":1.0,"b":12345678901234567890,"c":[true,null,"1","1e5",1.0e-05],"d\\"":{}}' },
  ],
  [
    'aliases within a bound',
    vcrpy('status: {code: 200, message: OK}\nheaders: {A: &a [x], B: *a}\nbody: {string: x}'),
    {
      headers: [
        ['A', 'x'],
        ['B', 'x'],
      ],
    },
  ],
  [
    "langchain's lists, packed",
    gzipSync(
      'requests:\n- {body: !!binary cQ==, headers: {}, method: POST, uri: u}\nresponses:\n- {body: {string: !!binary eA==}, headers: {"**REDACTED**": "**REDACTED**"}, status: {code: 200, message: OK}}\n',
    ),
    { request: 'POST u', asked: 'q', body: 'x' },
  ],
  [
    "cassetter's typed bodies",
    vcrpy(
      `status: 200\nheaders: {}\nbody: {type: binary, content: ${hex}}`,
      'body: {type: json, content: {a: 1}}',
    ),
    { asked: '{"a":1}', status: '200 ', body: bytes },
  ],
  [
    "cassetter's text and no body",
    vcrpy('status: 200\nheaders: {}\nbody: {type: text, content: x}', 'body: {type: none}'),
    { asked: '', body: 'x' },
  ],
  [
    'Ruby VCR',
    `http_interactions:\n- request: {method: get, uri: "https://<HOST>/x", headers: {A: [b]}, body: {encoding: UTF-8, base64_string: "cQ=="}}\n  response: {status: {code: 200, message: OK}, headers: {}, body: {encoding: ASCII-8BIT, string: !binary "/wCA"}}\n  recorded_at: Wed, 19 Aug 2026 14:34:17 GMT\nrecorded_with: VCR 6\n`,
    { request: 'GET https://<HOST>/x', asked: 'q', body: bytes },
  ],
  [
    "R's vcr",
    `http_interactions:\n- request: {method: post, uri: u, headers: {A: b}, body: {encoding: '', string: q}}\n  response:\n    status: {status_code: 200, category: Success, reason: OK, message: 'Success: (200) OK'}\n    headers: {}\n    body: {encoding: '', file: no, string: x}\nrecorded_with: vcr/1.2.2\n`,
    { request: 'POST u', asked: 'q', status: '200 OK', body: 'x' },
  ],
  ['HAR with bytes', har({ content: { text: base64, encoding: 'base64', size: 3 } }), { body: bytes }],
  [
    'HAR with times',
    har({}, { timings: { blocked: 1, dns: -1, connect: 2, ssl: 1, send: 3, wait: 4, receive: 5 } }),
    { at: 10 },
  ],
  [
    'a HAR of Polly with a packed body',
    har({
      headers: [{ name: 'content-encoding', value: 'gzip' }],
      content: {
        encoding: 'base64',
        text: JSON.stringify([
          packed.subarray(0, 9).toString('base64'),
          packed.subarray(9).toString('base64'),
        ]),
      },
    }),
    { headers: [], body: '{"a": 1}' },
  ],
  [
    'a HAR of Polly with a packed body in hexadecimal',
    har({
      headers: [{ name: 'content-encoding', value: 'gzip' }],
      content: { text: JSON.stringify([packed.toString('hex')]) },
    }),
    { headers: [], body: '{"a": 1}' },
  ],
  [
    'nock',
    nock({ response: { b: [1, 'x'] }, body: 'q', rawHeaders: ['A', 'b', 'A', 'c'] }),
    {
      request: 'POST https://h/a?b=c',
      asked: 'q',
      status: '200 ',
      headers: [
        ['A', 'b'],
        ['A', 'c'],
      ],
      body: '{"b":[1,"x"]}',
    },
  ],
  [
    'nock with headers as a map',
    nock({ rawHeaders: { a: 'b', c: ['d', 'e'] } }),
    {
      headers: [
        ['a', 'b'],
        ['c', 'd'],
        ['c', 'e'],
      ],
    },
  ],
  ['nock with another port', nock({ scope: 'http://h:443' }), { request: 'POST http://h:443/a?b=c' }],
  ['nock with bytes', nock({ response: hex, responseIsBinary: true }), { body: bytes }],
  ['nock with text that looks like bytes', nock({ response: 'abcd' }), { body: 'abcd' }],
  [
    'nock with a packed body',
    nock({
      response: [packed.subarray(0, 5).toString('hex'), packed.subarray(5).toString('hex')],
      rawHeaders: ['Content-Encoding', 'gzip', 'Content-Length', '28', 'B', 'c'],
    }),
    { headers: [['B', 'c']], body: '{"a": 1}' },
  ],
  ['nock with a list as its answer', nock({ response: ['aa', 'bb'] }), { body: '["aa","bb"]' }],
  [
    'dd-trace in YAML',
    'request: {method: POST, url: u, headers: {A: b}, body: q}\nresponse: {status: {code: 200, message: OK}, headers: {C: d}, body: "base64:/wCA"}\n',
    { request: 'POST u', headers: [['C', 'd']], body: bytes },
  ],
]

for (const [sentence, text, expected] of table) {
  test(`${sentence} is read`, () => {
    assert.deepEqual(seen(only(text), expected), expected)
  })
}

test('a request that got no status has no response', () => {
  const { response, ending } = only(
    har({ status: 0, statusText: '', _error: 'net::ERR_FAILED' }, { time: 7 }),
  )
  assert.equal(response, null)
  assert.deepEqual(ending, { type: 'error', at: 7, code: null, message: 'net::ERR_FAILED' })
})

test('the times of day are kept', () => {
  assert.equal(only(har({}, { startedDateTime: '2026-01-02T03:04:05.678Z' })).startedAt, 1767323045678)
  const ruby = table.find(([sentence]) => sentence === 'Ruby VCR')?.[1] ?? ''
  assert.equal(only(ruby).startedAt, Date.parse('2026-08-19T14:34:17Z'))
})

const times = [
  '2026-01-02T03:04:05',
  '2026-01-02 03:04:05',
  '2026-01-02 05:04:05 +0200',
  '2026-01-02T01:04:05-02:00',
]
test('a time of day without a zone is UTC, wherever it is read', () => {
  const zone = process.env['TZ']
  try {
    for (const name of ['America/New_York', 'Asia/Tokyo']) {
      process.env['TZ'] = name
      for (const time of times) {
        const text = `http_interactions:\n- request: {method: get, uri: u}\n  response: {status: 200}\n  recorded_at: ${time}\n`
        assert.equal(only(text).startedAt, Date.parse('2026-01-02T03:04:05Z'), time)
      }
    }
  } finally {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  }
})

test('the extension says nothing: a file is what it holds', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'formats-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'a.json')
  await writeFile(file, vcrpy(`${ok} {string: x}`))
  const cassette = await openCassette(file)
  assert.equal(cassette?.format, 'vcrpy')
  assert.equal(await openCassette(`${file}.absent`), undefined)
})

test('a go-vcr 2 cassette that was written by hand is still one', () => {
  const text = '# by hand\nversion: 2\ninteractions: [{request: {url: u}, response: {code: 200}}]\n'
  assert.equal(readCassette(text, 'a.yaml').format, 'go-vcr')
})
