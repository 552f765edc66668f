/** `playhead tape inspect`: what it shows of the seeds, of other traffic, and of files that are none. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { stringify } from 'node:querystring'
import { writeGoVcr } from '@playhead/tape'
import { basetenTape, jsonLines, newFile, newFolder, playhead, retryTape, root } from './command.ts'

const url = 'https://openrouter.ai/api/v1/chat/completions'
const golden = readFileSync(join(import.meta.dirname, 'fixtures/inspect-seeds.jsonl'), 'utf8')
const fields = Object.keys(jsonLines(golden)[0] ?? {})

const conversation = `  system    You are a helpful assistant. Always use both add and multiply at the same time.
  user      Add and multiply the number 2 and 3
`
const results = `  call      add {"a": 2, "b": 3}
  call      multiply {"a": 2, "b": 3}
  result    5
  result    6
`

const printed = `${retryTape} #0 POST ${url}
  200 OK · openai-chat, streamed · moonshotai/kimi-k2-0905 · tools add, multiply · first byte after 0.97 s
${conversation}◂ call      add {"a": 2, "b": 3}
◂ call      multiply {"a": 2, "b": 3}
  tool-calls · 197 in, 41 out · $0.00013718 · moonshotai/kimi-k2-0905 by Chutes

${retryTape} #1 POST ${url}
  429 Too Many Requests · openai-chat · moonshotai/kimi-k2-0905 · tools add, multiply · first byte after 0.77 s
${conversation}${results}✗ rate-limited by GMICloud: Provider returned error (worth another try)
  moonshotai/kimi-k2-0905 is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations

${retryTape} #2 POST ${url}
  200 OK · openai-chat, streamed · moonshotai/kimi-k2-0905 · tools add, multiply · first byte after 1.04 s
${conversation}${results}◂ assistant Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6.
  stop · 273 in, 22 out · $0.00013718 · moonshotai/kimi-k2-0905 by Chutes

`

/** A cassette of one interaction of a kind that no model speaks. */
function cassetteOf(request: object, response: object): string {
  return writeGoVcr({
    style: { library: 'go-yaml', indent: 2, compact: true },
    interactions: [
      {
        id: 0,
        request: { method: 'GET', url: 'https://example.com/page?a=b', headers: [], body: '', ...request },
        response: {
          status: 200,
          statusText: 'OK',
          headers: [],
          body: '',
          duration: 12,
          chunks: null,
          ...response,
        },
        ending: { type: 'end', at: 12 },
        startedAt: null,
      },
    ],
  })
}

describe('the seeds', { concurrency: 4 }, () => {
  test('as JSON, one object a line', async () => {
    const ended = await playhead(['tape', 'inspect', '--json', basetenTape, retryTape])
    assert.deepEqual(ended, { code: 0, stdout: golden, stderr: '' })
  })

  test('as a conversation', async () => {
    const ended = await playhead(['tape', 'inspect', retryTape])
    assert.deepEqual(ended, { code: 0, stdout: printed, stderr: '' })
  })

  test('in colour where it is wanted', async () => {
    const { stdout } = await playhead(['tape', 'inspect', retryTape], { env: { FORCE_COLOR: '1' } })
    assert.ok(stdout.includes('\u001b['))
    // oxlint-disable-next-line no-control-regex -- colours are made of them
    assert.equal(stdout.replaceAll(/\u001b\[\d+m/g, ''), printed)
  })
})

describe('what no model says', { concurrency: 4 }, () => {
  test('a page is shown too', async (t) => {
    const file = newFile(t, 'page.yaml', cassetteOf({}, { body: '<html></html>' }))
    const { code, stdout } = await playhead(['tape', 'inspect', file])
    assert.equal(code, 0)
    assert.equal(
      stdout,
      `${file} #0 GET https://example.com/page?a=b
  200 OK · first byte after 12 ms
  a body of 13 characters, in no dialect that is known

`,
    )
    const [line] = jsonLines((await playhead(['tape', 'inspect', '--json', file])).stdout)
    const head = { file, id: 0, method: 'GET', url: 'https://example.com/page?a=b', status: 200 }
    const nothing = { text: '', reasoning: '', toolCalls: [], finishReason: null, usage: null, cost: null }
    const times = {
      startedAt: null,
      firstByte: 12,
      duration: 12,
      chunks: null,
      ending: { type: 'end', at: 12 },
    }
    const known = { dialect: null, stream: false, model: null, ...nothing, error: null }
    assert.deepEqual(line, { ...head, ...known, ...times })
  })
})

const odd: readonly [sentence: string, request: object, response: object, expected: object][] = [
  [
    'a page that is not there',
    {},
    { status: 404, statusText: 'Not Found', body: 'Gone' },
    { error: { code: 'not-found', message: 'Gone', retryable: false } },
  ],
  ['bytes', {}, { body: Uint8Array.of(0xff, 0xfe) }, { dialect: null, text: '' }],
  ['a form', { method: 'POST', body: stringify({ a: 'b' }) }, {}, { dialect: null, method: 'POST' }],
  [
    'a chat that asks for nothing',
    { method: 'POST', url, body: '{}' },
    { body: '{}' },
    {
      dialect: 'openai-chat',
      error: { code: 'malformed', message: 'The answer has no choices', retryable: true },
    },
  ],
  [
    'a chat in bytes',
    { method: 'POST', url, body: Uint8Array.of(0xff) },
    { body: Uint8Array.of(0xff) },
    { dialect: null },
  ],
  ['a chat that is a list', { method: 'POST', url, body: '[1]' }, {}, { dialect: null }],
  [
    'headers that no server could send',
    {},
    {
      headers: [
        [':status', '200'],
        ['a b', 'c'],
        ['D', 'e\nf'],
      ],
    },
    { status: 200 },
  ],
  ['a status that nobody knows', {}, { status: 999, statusText: '' }, { status: 999 }],
  [
    'a stream without its kind',
    { method: 'POST', url, body: '{"stream":true}' },
    { body: 'data: [DONE]\n\n' },
    { stream: true },
  ],
  [
    'an error without its kind',
    { method: 'POST', url, body: '{"stream":true}' },
    { status: 500, body: '{}' },
    { stream: false },
  ],
  [
    'an address that is none',
    { url: '<HOST>/chat/completions', body: '{"messages":[]}' },
    { body: '{}' },
    { url: '<HOST>/chat/completions' },
  ],
]

describe('odd traffic', () => {
  let lines: readonly Readonly<Record<string, unknown>>[] = []
  const folder = newFolder({ after })
  const files = odd.map((_, index) => join(folder, `${index}.yaml`))

  before(async () => {
    for (const [index, [, request, response]] of odd.entries()) {
      writeFileSync(files[index] ?? assert.fail(), cassetteOf(request, response))
    }
    const { code, stdout, stderr } = await playhead(['tape', 'inspect', '--json', ...files])
    assert.deepEqual([code, stderr], [0, ''])
    lines = jsonLines(stdout)
  })

  for (const [index, [sentence, , , expected]] of odd.entries()) {
    test(sentence, () => {
      const line = lines[index] ?? {}
      assert.deepEqual(Object.keys(line), fields)
      assert.deepEqual({ ...line, ...expected }, line)
    })
  }

  test('is shown as text too', async () => {
    const { code, stdout, stderr } = await playhead(['tape', 'inspect', ...files])
    assert.deepEqual([code, stderr], [0, ''])
    for (const file of files) assert.ok(stdout.includes(`${file} #0 `), file)
    assert.match(stdout, /\n  a body of 2 bytes, in no dialect that is known\n/)
  })
})

describe('what cannot be read', { concurrency: 4 }, () => {
  test('one line each, after the others are done', async (t) => {
    const folder = newFolder(t)
    const broken = newFile(
      t,
      'broken.yaml',
      '---\nversion: 2\ninteractions:\n- request: {url: a}\n  response: {}\n',
    )
    const yaml = newFile(t, 'yaml.yaml', 'a:\n\t- [\n')
    const old = newFile(t, 'old.yaml', '{"type":"tape","version":99}\n')
    const absent = join(folder, 'ab\nsent.yaml')
    const { code, stdout, stderr } = await playhead([
      'tape',
      'inspect',
      '--json',
      broken,
      retryTape,
      absent,
      yaml,
      folder,
      old,
      basetenTape,
    ])
    assert.equal(code, 2)
    assert.deepEqual(
      jsonLines(stdout).map(({ file }) => file),
      [retryTape, retryTape, retryTape, basetenTape, basetenTape],
    )
    const lines = stderr.trimEnd().split('\n')
    const starts = [
      `${broken}:5: `,
      `${folder}/ab sent.yaml: there is no such file`,
      `${yaml}:`,
      `${folder}: `,
      `${old}:1: `,
    ]
    assert.equal(lines.length, starts.length, stderr)
    for (const [i, start] of starts.entries()) assert.ok(lines[i]?.startsWith(`playhead: ${start}`), lines[i])
  })

  test('nothing is printed of a cassette that breaks at its end', async (t) => {
    const file = newFile(t, 'half.yaml', readFileSync(join(root, retryTape), 'utf8').slice(0, -20))
    const { code, stdout, stderr } = await playhead(['tape', 'inspect', file])
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /^playhead: [^\n]+\n$/)
  })
})
