/** Whatever comes, in whatever dialect: an answer, a failure or a refusal with a place, in linear time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { custom, type Dialect, dialects, type StreamEvent, WireError } from '../../src/index.ts'
import { isObject } from '../../src/json.ts'
import { bytesOf, random, textOfBytes } from '../streams.ts'
import { frameEnds } from './frames.ts'
import { decodeStream, every, law, plain, refused, some, streamed } from './law.ts'

/** What a field is replaced with: each kind of JSON, and what trips code that trusts it. */
const odd: readonly unknown[] = [
  null,
  true,
  0,
  -1.5,
  1e308,
  '',
  'x',
  '\ud800',
  '\u0000',
  '__proto__',
  [],
  [null],
  [[]],
  {},
  { type: 'x' },
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
]

law('a recorded request with any field replaced by anything is read or refused', some(every), (recording) => {
  for (const body of mutations(recording.request, recording.name)) checkRequest(recording.dialect, body)
})

law(
  'a recorded answer with any field replaced by anything is read',
  some(plain),
  ({ dialect, response, name }) => {
    const body: unknown = JSON.parse(textOfBytes(response.body) || 'null')
    for (const mutation of mutations(body, name)) checkResponse(dialect, JSON.stringify(mutation))
  },
)

law(
  'a recorded refusal with any field replaced by anything is a failure',
  refused,
  ({ dialect, response, name }) => {
    const text = textOfBytes(response.body)
    for (const mutation of mutations(parsed(text), name)) checkError(dialect, JSON.stringify(mutation))
    for (let length = 0; length < Math.min(text.length, 300); length += 7)
      checkError(dialect, text.slice(0, length))
  },
)

law(
  'a recorded stream with any field of any event replaced by anything has one end',
  some(streamed),
  (recording) => {
    const { dialect, response, name } = recording
    if (response.body[0] === 0) return
    const text = textOfBytes(response.body).slice(0, 20_000)
    const lines = text.split('\n')
    const next = random(text.length)
    const places = lines.flatMap((line, index) => (/^(data: ?)?\{/.test(line) ? [index] : []))
    for (let round = 0; round < 8; round++) {
      const index = places[Math.floor(next() * places.length)] ?? 0
      const [, prefix = '', json = ''] = /^((?:data: ?)?)(.*)$/s.exec(lines[index] ?? '') ?? []
      for (const mutation of mutations(parsed(json), `${name} ${round}`, 6)) {
        checkStream(dialect, bytesOf(lines.with(index, prefix + JSON.stringify(mutation)).join('\n')))
      }
    }
  },
)

law(
  'a recorded stream with a frame missing, doubled or broken has one end',
  some(streamed),
  ({ dialect, response }) => {
    const { body } = response
    const ends = frameEnds(body).filter((end) => end <= body.length)
    const next = random(body.length)
    const any = (): number => ends[Math.floor(next() * ends.length)] ?? 0
    for (let round = 0; round < 6; round++) {
      const [a, b] = [any(), any()]
      checkStream(dialect, joined(body.subarray(0, a), body.subarray(b)))
      const broken = body.slice()
      broken[Math.floor(next() * body.length)] = Math.floor(next() * 256)
      checkStream(dialect, broken)
    }
  },
)

for (const dialect of dialects) {
  test(`${dialect.name}: any bytes are read`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        checkStream(dialect, bytes)
        checkResponse(dialect, textOfBytes(bytes))
        checkError(dialect, textOfBytes(bytes))
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  test(`${dialect.name}: any JSON is read`, () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value)
        checkRequest(dialect, value)
        checkResponse(dialect, json)
        checkError(dialect, json)
        checkStream(dialect, bytesOf(`data: ${json}\n\n${json}\n`))
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  test(`${dialect.name}: nothing is too deep`, () => {
    for (const json of nested) {
      for (const wrap of wraps) {
        const text = wrap.replaceAll('DEEP', () => json)
        checkResponse(dialect, text)
        checkError(dialect, text)
        checkStream(dialect, bytesOf(`data: ${text}\n\n`))
        checkStream(dialect, bytesOf(`${text}\n`))
        checkRequest(dialect, JSON.parse(text))
      }
    }
  })

  test(`${dialect.name}: a line of 10 MB is read, or too long`, () => {
    const long = 'x'.repeat(10_000_000)
    for (const text of [
      `data: ${long}`,
      long,
      `data: {"a":"${long}"}\n\n`,
      `{"a":"${long}"}\n`,
      `{"error":"${long}"}`,
    ]) {
      checkStream(dialect, bytesOf(text))
      checkResponse(dialect, text)
      checkError(dialect, text)
    }
    checkRequest(dialect, { messages: long, input: long, contents: long })
    checkRequest(dialect, { messages: [{ role: long, content: long }] })
  })

  test(`${dialect.name}: a stream is read in linear time`, () => {
    const body = bytesOf(`data: {"a":"${'x'.repeat(1_000_000)}"}\n\n`)
    const few = cost(dialect, body.subarray(0, 100_000))
    const many = cost(dialect, body)
    assert.ok(many < few * 60, `ten times the bytes took ${(many / few).toFixed(0)} times as long`)
  })

  test(`${dialect.name}: no prototype is touched`, () => {
    const json = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    for (const wrap of wraps) {
      const text = wrap.replaceAll('DEEP', () => json)
      checkResponse(dialect, text)
      checkStream(dialect, bytesOf(`data: ${text}\n\n${text}\n`))
      checkRequest(dialect, JSON.parse(text))
    }
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  })
}

const depth = 12_000

/** Far deeper than what calls itself for each level can go. */
const nested = [
  `${'['.repeat(depth)}${']'.repeat(depth)}`,
  `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  `${'{"type":"text","content":['.repeat(depth)}1${']}'.repeat(depth)}`,
]

/** Places where any dialect looks. */
const wraps = [
  'DEEP',
  '{"x":DEEP}',
  '{"error":DEEP}',
  '{"usage":DEEP}',
  '{"content":DEEP,"type":"message"}',
  '{"message":{"content":DEEP}}',
  '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":DEEP}]}',
  '{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"i","name":"n","input":DEEP}]}]}',
  '{"model":"m","max_tokens":1,"messages":[],"tools":[{"type":"function","name":"n","function":{"name":"n","parameters":DEEP},"input_schema":DEEP}]}',
  '{"model":"m","messages":[],"x":DEEP}',
  '{"model":"m","input":DEEP}',
  '{"model":"m","input":[{"type":"function_call","call_id":"i","name":"n","arguments":DEEP}]}',
  '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"n","args":DEEP}}]}]}',
  '{"messages":[{"role":"assistant","content":[{"toolUse":{"toolUseId":"i","name":"n","input":DEEP}}]}]}',
  '{"output":{"message":{"content":[{"toolUse":{"toolUseId":"i","name":"n","input":DEEP}}]}}}',
  '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"n","args":DEEP}}]}}]}',
  '{"choices":[{"message":{"tool_calls":[{"function":{"name":"n","arguments":DEEP}}]}}]}',
  '{"type":"content_block_start","index":0,"content_block":DEEP}',
  '{"type":"response.output_item.done","output_index":0,"item":DEEP}',
  '{"type":"response.completed","response":{"output":DEEP}}',
  '{"message":{"tool_calls":[{"function":{"name":"n","arguments":DEEP}}]},"done":true}',
]

/** Copies of a value with one node replaced, chosen at random, the same in every run. */
function* mutations(value: unknown, seed: string, count = 12): Generator {
  const paths = pathsOf(value)
  const next = random(seed.length)
  for (let round = 0; round < count; round++) {
    const path = paths[Math.floor(next() * paths.length)] ?? []
    yield replaced(value, path, odd[Math.floor(next() * odd.length)])
  }
}

/** Where nodes are; no more than the first thousand. */
function pathsOf(value: unknown): (readonly (string | number)[])[] {
  const found: (readonly (string | number)[])[] = [[]]
  for (let index = 0; index < found.length && found.length < 1000; index++) {
    const path = found[index] ?? []
    const node = path.reduce((inner, key) => (inner as Record<string | number, unknown>)[key], value)
    if (Array.isArray(node)) found.push(...node.map((_, place) => [...path, place]))
    else if (isObject(node)) found.push(...Object.keys(node).map((key) => [...path, key]))
  }
  return found
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.with(Number(key), replaced(value[Number(key)], rest, by))
  const object = value as Readonly<Record<string, unknown>>
  return { ...object, [key]: replaced(object[key], rest, by) }
}

function checkRequest({ server, client }: Dialect, body: unknown): void {
  for (const url of ['http://x/v1/models/m:generateContent', 'http://x/model/m/converse', '']) {
    try {
      client.encodeRequest(server.decodeRequest(body, url), custom)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      assert.ok(error.message.length < 1000, 'a message that repeats what was sent')
    }
  }
}

function checkResponse({ client }: Dialect, body: string): void {
  const outcome = client.decodeResponse(body)
  assert.match(outcome.type, /^(answer|failure)$/)
}

function checkError({ client }: Dialect, body: string): void {
  const { type, status, message } = client.decodeError(500, new Headers(), body)
  assert.deepEqual([type, status, message !== ''], ['failure', 500, true])
}

function checkStream(dialect: Dialect, bytes: Uint8Array): void {
  const events = decodeStream(dialect, 'http://x/', [bytes])
  assert.equal(events.filter(isEnd).length, 1)
  assert.ok(events.slice(-1).every(isEnd))
}

function isEnd({ type }: StreamEvent): boolean {
  return type === 'finish' || type === 'error'
}

/** Milliseconds to read one event that comes in pieces of 100 bytes; the least of three. */
function cost(dialect: Dialect, bytes: Uint8Array): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now()
    decodeStream(dialect, 'http://x/', piecesOf(bytes))
    return performance.now() - start
  })
  return Math.max(Math.min(...times), 0.2)
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let place = 0; place < bytes.length; place += 100) yield bytes.subarray(place, place + 100)
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length)
  whole.set(a)
  whole.set(b, a.length)
  return whole
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
