/** Recorders of other languages and projects, in the shapes that their sources and their own cassettes have. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FormatName } from '../src/cassette.ts'
import { keptParsed, lostRequestBody, lostResponseBody } from '../src/formats/reading.ts'
import { readCassette } from '../src/formats/read.ts'
import type { Interaction } from '../src/interaction.ts'
import {
  azure,
  easyVcr,
  exvcr,
  mastra,
  phpVcr,
  reqCassette,
  reqLlm,
  seinfeld,
  url,
} from './formats-documents.ts'

const bytes = new Uint8Array([0xff, 0x00, 0x80])
const base64 = Buffer.from(bytes).toString('base64')
const day = Date.parse('2026-01-02T03:04:05Z')

/** An interaction, with what no format of these has left out. */
interface Seen {
  readonly request?: Partial<Interaction['request']>
  readonly response?: Partial<Interaction['response']>
  readonly ending?: Interaction['ending']
  readonly startedAt?: number
}

const table: readonly (readonly [
  sentence: string,
  format: FormatName,
  root: unknown,
  seen: Seen,
  warnings?: readonly string[],
])[] = [
  [
    'ReqCassette with parsed bodies, and its query apart',
    'req-cassette',
    reqCassette({ query_string: 'a=b', body_type: 'json', body_json: { a: [1, null] } }, { body_json: [] }),
    {
      request: {
        method: 'POST',
        url: `${url}?a=b`,
        headers: [
          ['a', 'b'],
          ['a', 'c'],
        ],
        body: '{"a":[1,null]}',
      },
      response: { body: '[]' },
      startedAt: day,
    },
    [`${keptParsed} (2 times)`],
  ],
  [
    'ReqCassette with texts and bytes',
    'req-cassette',
    reqCassette({ body: 'q' }, { body_type: 'blob', body_blob: base64 }),
    { request: { url, body: 'q' }, response: { body: bytes } },
  ],
  [
    'a template of ReqCassette',
    'req-cassette',
    reqCassette({ body: '{{id.0}}' }, { body: 'x' }, { template: { enabled: true } }),
    { request: { body: '{{id.0}}' } },
    ['a template ({{name.0}}) is kept as text; it is never filled in'],
  ],
  [
    "Mastra's pieces and the times between them",
    'mastra',
    {
      meta: {},
      recordings: [mastra({ chunks: ['a', '', 'é'], chunkTimings: [2, 3, 4], isStreaming: true }, 'q')],
    },
    {
      request: { method: 'POST', url, body: 'q' },
      response: {
        status: 201,
        statusText: 'Created',
        body: 'aé',
        chunks: [
          { length: 1, at: 2 },
          { length: 2, at: 9 },
        ],
      },
      ending: { type: 'end', at: 9 },
      startedAt: day,
    },
  ],
  [
    'an older file of Mastra, without a stream',
    'mastra',
    [mastra({ body: { b: 1 }, isStreaming: false })],
    { request: { body: '{"a":1}' }, response: { body: '{"b":1}', headers: [['a', 'b']], chunks: null } },
    [`${keptParsed} (2 times)`],
  ],
  [
    'ExVCR',
    'exvcr',
    exvcr({}),
    { request: { method: 'POST', url, headers: [], body: 'q' }, response: { status: 200, body: 'x' } },
  ],
  [
    'ExVCR with bytes',
    'exvcr',
    exvcr({ binary: true, body: Buffer.concat([Buffer.of(131, 109, 0, 0, 0, 3), bytes]).toString('base64') }),
    { response: { body: bytes } },
  ],
  [
    'ExVCR where the connection failed',
    'exvcr',
    exvcr({ type: 'error', status_code: null, body: ['conn_failed', ['error', 'nxdomain']] }),
    { ending: { type: 'error', at: 0, code: null, message: '["conn_failed",["error","nxdomain"]]' } },
  ],
  [
    'PHP-VCR',
    'php-vcr',
    phpVcr({ body: 'q' }, { A: 'b' }, 'x'),
    {
      request: { method: 'POST', url, headers: [['Host', 'h']], body: 'q' },
      response: { status: 200, statusText: 'OK', headers: [['A', 'b']], body: 'x' },
    },
  ],
  [
    'PHP-VCR with bytes, and a form that it keeps as its fields',
    'php-vcr',
    phpVcr({ post_fields: { a: 'b' } }, { 'Content-Transfer-Encoding': 'binary' }, base64),
    { response: { body: bytes } },
    [lostRequestBody],
  ],
  [
    'EasyVCR',
    'easyvcr',
    easyVcr,
    {
      request: {
        method: 'POST',
        url,
        headers: [
          ['A', 'b'],
          ['Content-Type', 'a/b'],
        ],
        body: 'q',
      },
      response: {
        status: 200,
        statusText: 'OK',
        headers: [
          ['E', 'f'],
          ['C', 'd'],
        ],
        body: 'x',
        duration: 304,
      },
      startedAt: day,
    },
  ],
  [
    "JSON of Azure's test proxy",
    'azure-test-proxy',
    azure('application/json', { a: 1 }),
    { request: { method: 'PUT', url, body: '' }, response: { status: 200, body: '{"a":1}' } },
    [keptParsed],
  ],
  [
    "lines of a text of Azure's test proxy",
    'azure-test-proxy',
    azure(['text/event-stream'], ['data: x\n', '\n']),
    { response: { body: 'data: x\n\n' } },
  ],
  [
    "text of JSON of Azure's test proxy",
    'azure-test-proxy',
    azure('application/json; charset=utf-8', '[1, 2]'),
    { response: { body: '[1, 2]' } },
  ],
  [
    "bytes of Azure's test proxy",
    'azure-test-proxy',
    azure('application/octet-stream', base64),
    { response: { body: bytes } },
  ],
  [
    "Seinfeld's JSON and events",
    'seinfeld',
    seinfeld({ kind: 'json', value: { a: 1 } }, { kind: 'sse', chunks: ['data: x', 'data: y'] }),
    {
      request: { body: '{"a":1}' },
      response: { statusText: 'OK', body: 'data: x\n\ndata: y\n\n' },
      startedAt: day,
    },
    [keptParsed],
  ],
  [
    "Seinfeld's texts and bytes",
    'seinfeld',
    seinfeld({ kind: 'text', value: 'q' }, { kind: 'base64', value: base64 }),
    { request: { body: 'q' }, response: { body: bytes } },
  ],
  [
    'Seinfeld where a body is in a file of its own',
    'seinfeld',
    seinfeld({ kind: 'empty' }, { kind: 'binary', path: 'a.bin', sha256: '' }),
    { request: { body: '' }, response: { body: '' } },
    [lostResponseBody],
  ],
  [
    "ReqLLM's pieces",
    'req-llm',
    reqLlm({ body: null }, { captured_at: '2026-01-02T03:04:05Z', chunks: [{ b64: btoa('ab') }, 'c'] }),
    {
      request: { method: 'POST', url, headers: [['a', 'b']], body: '{"q":1}' },
      response: {
        body: 'abc',
        chunks: [
          { length: 2, at: 0 },
          { length: 1, at: 0 },
        ],
      },
      startedAt: day,
    },
  ],
  [
    "ReqLLM's bytes",
    'req-llm',
    reqLlm({ body: { b64: base64 } }),
    { response: { body: bytes, chunks: null } },
  ],
  ["ReqLLM's JSON", 'req-llm', reqLlm({ body: { a: 1 } }), { response: { body: '{"a":1}' } }, [keptParsed]],
  [
    "Cody's HAR, whose JSON is parsed",
    'har',
    {
      log: {
        entries: [
          {
            request: { method: 'POST', url, headers: [], postData: { mimeType: 'x', textJSON: { a: 1 } } },
            response: { status: 200, content: {} },
          },
        ],
      },
    },
    { request: { body: '{"a":1}' } },
    [keptParsed],
  ],
]

for (const [sentence, format, root, seen, warnings = []] of table) {
  test(`${sentence}: read`, () => {
    const cassette = readCassette(JSON.stringify(root), 'a')
    assert.equal(cassette.format, format)
    assert.deepEqual(cassette.warnings, warnings)
    assert.equal(cassette.length, 1)
    assert.partialDeepStrictEqual(cassette.at(0), seen)
  })
}

test('what got no response has none', () =>
  assert.equal(
    readCassette(JSON.stringify(exvcr({ type: 'error', status_code: null })), 'a').at(0).response,
    null,
  ))

test('PHP-VCR writes YAML too', () => {
  const text = `-
    request:
        method: GET
        url: '${url}'
    response:
        status: 204
        headers: {  }
    index: 0
`
  const cassette = readCassette(text, 'a')
  assert.equal(cassette.format, 'php-vcr')
  assert.equal(cassette.at(0).response?.status, 204)
})
