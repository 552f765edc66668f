/** Cassettes in another format: nothing is lost that is not said. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { corporaFiles } from '../../../test/corpora.ts'
import type { Cassette } from '../src/cassette.ts'
import { convert } from '../src/convert.ts'
import { TapeError } from '../src/error.ts'
import { readCassette } from '../src/formats/read.ts'
import { writeHar } from '../src/formats/write-har.ts'
import { writeGoVcr } from '../src/go-vcr/write.ts'
import type { Interaction } from '../src/interaction.ts'
import { MemoryCassette } from '../src/memory-cassette.ts'
import { openCassette } from '../src/open.ts'

const { skip } = corporaFiles('.', 'yaml')
const files = ['yaml', 'yml', 'har', 'json'].flatMap((extension) => corporaFiles('.', extension).files)
const seeds = ['baseten', 'retry'].map((name) =>
  join(import.meta.dirname, `../../../examples/calculator/${name}.yaml`),
)
const folder = await mkdtemp(join(tmpdir(), 'convert-'))
after(() => rm(folder, { recursive: true, force: true }))

async function reopened(file: string): Promise<Cassette> {
  const cassette = await openCassette(file)
  assert.ok(cassette !== undefined)
  return cassette
}

/** What there is to replay. */
function essence({ request, response, ending, startedAt }: Interaction): unknown {
  const { extra: _, ...asked } = request
  const { extra: __, ...answered } = response ?? {}
  return { request: asked, response: response && answered, ending, startedAt }
}

function readable(path: string): Cassette | undefined {
  try {
    return readCassette(readFileSync(path), path)
  } catch (error) {
    if (error instanceof TapeError) return undefined
    throw error
  }
}

/** Two laws in one, for the disk's sake: a tape keeps all that there is to replay, and a go-vcr file byte for byte. */
async function checkConversions(path: string): Promise<void> {
  const cassette = readable(path)
  if (cassette === undefined) return
  const expected = Array.from(cassette, essence)
  assert.deepEqual(Array.from(readCassette(writeHar(cassette), 'a.har'), essence), expected, path)
  const tape = join(folder, 'a.tape.jsonl')
  assert.deepEqual(await convert(cassette, 'tape', tape), [])
  using native = await reopened(tape)
  assert.equal(native.format, 'tape')
  assert.deepEqual(Array.from(native, essence), expected, path)
  const { yaml } = native.about
  if (yaml === undefined) return
  assert.equal(writeGoVcr({ style: yaml, interactions: [...native] }), readFileSync(path, 'utf8'), path)
}

test('the seeds are the same files after a time as native tapes, and the same to replay as HAR', async () => {
  for (const path of seeds) await checkConversions(path)
  const yaml = join(folder, 'a.yaml')
  using native = await reopened(join(folder, 'a.tape.jsonl'))
  assert.deepEqual(await convert(native, 'go-vcr', yaml), [])
  assert.equal(await readFile(yaml, 'utf8'), await readFile(seeds.at(-1) ?? '', 'utf8'))
})

test('so is every go-vcr cassette, and what any other holds to replay', { skip }, async () => {
  assert.ok(files.length > 0)
  for (const path of files) await checkConversions(path)
})

const bytes = new Uint8Array([0xff, 0x00])
const request = { method: 'POST', url: 'https://h/a?b=c&d', headers: [['A', 'b']], body: '{}' } as const
const answer = {
  status: 200,
  statusText: 'OK',
  headers: [
    ['Content-Type', 'text/event-stream'],
    ['Set', '1'],
  ],
  body: 'data: é\n\ndata: b\n\n',
  duration: 10,
  chunks: [
    { length: 10, at: 12.5 },
    { length: 9, at: 20 },
  ],
} as const
const whole: Interaction = {
  id: 0,
  request,
  response: answer,
  ending: { type: 'end', at: 21 },
  startedAt: 1_700_000_000_123,
}

/** Everything that can happen to an exchange. */
const odd: readonly Interaction[] = [
  whole,
  { ...whole, id: 1, response: null, ending: { type: 'error', at: 3, code: 'ECONNRESET', message: 'gone' } },
  { ...whole, id: 2, response: null, ending: { type: 'abort', at: 4, reason: 'TimeoutError' } },
  { ...whole, id: 3, ending: { type: 'abort', at: 30, reason: 'AbortError' } },
  { ...whole, id: 4, ending: { type: 'error', at: 30, code: null, message: 'broke' } },
  { ...whole, id: 5, ending: { type: 'unfinished', at: 30 }, startedAt: null },
  {
    ...whole,
    id: 6,
    request: { ...request, body: bytes },
    response: { ...answer, body: bytes, chunks: null },
  },
  {
    ...whole,
    id: 7,
    request: { ...request, method: 'GET', body: '' },
    response: { ...answer, status: 204, body: '', chunks: [] },
  },
]
const oddCassette = new MemoryCassette('odd', 'tape', odd)

test('aborts, errors, chunks and bytes come back from HAR and from a native tape', async () => {
  const tape = join(folder, 'odd.tape.jsonl')
  await convert(oddCassette, 'tape', tape)
  using native = await reopened(tape)
  assert.deepEqual(Array.from(native, essence), odd.map(essence))
  const har = join(folder, 'odd.har')
  assert.deepEqual(await convert(oddCassette, 'har', har), [
    'HAR has no bytes in a request; other tools will take its base64 for the text that was sent (interaction 6)',
  ])
  assert.deepEqual(Array.from(await reopened(har), essence), odd.map(essence))
})

test('that a body is packed is lost in HAR, and said', async () => {
  const har = join(folder, 'packed.har')
  const headers = [['Content-Encoding', 'gzip']] as const
  const packed = { ...whole, response: { ...answer, headers, body: gzipSync('x'), chunks: null } }
  const lost = await convert(new MemoryCassette('packed', 'tape', [packed]), 'har', har)
  assert.match(lost.join('\n'), /^HAR is read as if its bodies were unpacked; .* \(interaction 0\)$/)
  assert.equal((await reopened(har)).at(0).response?.body, 'x')
})

test('what go-vcr cannot hold is left out and said, one line for each kind of loss', async () => {
  const yaml = join(folder, 'odd.yaml')
  const scattered = {
    ...whole,
    id: 8,
    request: {
      ...request,
      headers: [
        ['A', '1'],
        ['B', '2'],
        ['A', '3'],
      ],
    },
  } as const
  const cassette = new MemoryCassette('odd', 'tape', [...odd, scattered], {
    parent: { file: 'p.tape.jsonl', at: 2 },
    normalise: ['uuids'],
  })
  assert.deepEqual(await convert(cassette, 'go-vcr', yaml), [
    'go-vcr cannot hold a request without a response; it is left out (interactions 1, 2)',
    'go-vcr cannot say that a body broke off; what came of it stands there as if it were whole (interactions 3, 4, 5)',
    'go-vcr keeps a body in one piece; how it was cut and when each chunk came is lost (interactions 0, 3, 4, 5, 8)',
    'go-vcr keeps no date; when the request was sent is lost (interactions 0, 1, 2, 3, 4, 6, 7, 8)',
    'go-vcr keeps the values of a repeated header together; their places among the others are lost (interaction 8)',
    'the tape that it was cut from, p.tape.jsonl, is not named',
    'its normalisers are not named: uuids',
  ])
  const again = await reopened(yaml)
  assert.deepEqual(
    Array.from(again, ({ response }) => [response?.status, response?.body]),
    [0, 3, 4, 5, 6, 7, 8].map((id) => {
      const { response } = [...odd, scattered][id] ?? whole
      return [response?.status, response?.body]
    }),
  )
})

/** The fields that the specification of HAR 1.2 asks for, and their types. */
const harFields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  log: { version: 'string', creator: 'creator', entries: 'entry[]' },
  creator: { name: 'string', version: 'string' },
  entry: {
    startedDateTime: 'date',
    time: 'count',
    request: 'request',
    response: 'response',
    cache: 'cache',
    timings: 'timings',
  },
  request: {
    method: 'string',
    url: 'string',
    httpVersion: 'string',
    cookies: 'cookie[]',
    headers: 'pair[]',
    queryString: 'pair[]',
    headersSize: 'number',
    bodySize: 'number',
  },
  response: {
    status: 'number',
    statusText: 'string',
    httpVersion: 'string',
    cookies: 'cookie[]',
    headers: 'pair[]',
    content: 'content',
    redirectURL: 'string',
    headersSize: 'number',
    bodySize: 'number',
  },
  content: { size: 'number', mimeType: 'string' },
  timings: { send: 'count', wait: 'count', receive: 'count' },
  pair: { name: 'string', value: 'string' },
  cookie: { name: 'string', value: 'string' },
  cache: {},
}
const optional: Readonly<Record<string, readonly string[]>> = {
  request: ['postData'],
  content: ['text', 'encoding', 'compression'],
}

function checkHar(value: unknown, type: string, path: string): void {
  const item = /^(.*)\[\]$/.exec(type)?.[1]
  if (item !== undefined) {
    assert.ok(Array.isArray(value), path)
    for (const [i, one] of value.entries()) checkHar(one, item, `${path}[${i}]`)
  } else if (type === 'date') {
    assert.match(String(value), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, path)
  } else if (type === 'count') {
    assert.ok(typeof value === 'number' && value >= 0, path)
  } else if (type === 'string' || type === 'number') {
    assert.equal(typeof value, type, path)
  } else {
    assert.ok(typeof value === 'object' && value !== null, path)
    const wanted = harFields[type] ?? {}
    for (const [name, inner] of Object.entries(wanted))
      checkHar(Reflect.get(value, name), inner, `${path}.${name}`)
    const others = Object.keys(value).filter((name) => !(name in wanted) && !name.startsWith('_'))
    assert.deepEqual(
      others.filter((name) => optional[type]?.includes(name) !== true),
      [],
      path,
    )
  }
}

test('a HAR that is written is valid, and its times add up', () => {
  for (const cassette of [oddCassette, ...files.flatMap((path) => readable(path) ?? [])]) {
    const { log } = JSON.parse(writeHar(cassette)) as {
      log: { entries: { time: number; timings: Record<string, number> }[] }
    }
    checkHar(log, 'log', 'log')
    for (const { time, timings } of log.entries) {
      const sum = Object.values(timings).reduce((total, took) => total + took, 0)
      assert.ok(Math.abs(sum - time) < 1e-6)
    }
  }
})

test('SSE is text in a HAR, with the times of its head and its end', () => {
  const { log } = JSON.parse(writeHar(oddCassette)) as {
    log: { entries: readonly { response: { content: object }; timings: Record<string, number> }[] }
  }
  assert.deepEqual(log.entries[0]?.response.content, {
    size: 19,
    mimeType: 'text/event-stream',
    text: answer.body,
  })
  assert.deepEqual(log.entries[0]?.timings, { send: 0, wait: 10, receive: 11 })
})

test('a file that is there is replaced, also by its own conversion', async () => {
  const file = join(folder, 'c.yaml')
  await writeFile(file, await readFile(seeds[0] ?? ''))
  await convert(await reopened(file), 'har', file)
  assert.equal((await reopened(file)).format, 'har')
})
