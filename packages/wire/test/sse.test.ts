/** The parser of server-sent events agrees with the spec, read naively. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { type Frame, tooLong } from '../src/frames.ts'
import { isObject, parseJson } from '../src/json.ts'
import { SseFraming } from '../src/sse.ts'
import { cutAt, type Read, readFrames } from './frames.ts'

/**
 * The spec's algorithm over the whole text, one sentence after the other:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
function reference(text: string): Frame[] {
  const events: Frame[] = []
  let data = ''
  let name = ''
  const lines = text.split(/\r\n|\n|\r/)
  // What stands after the last line end is no line yet.
  lines.pop()
  for (const line of lines) {
    if (line === '') {
      if (data !== '') events.push({ name, data: data.slice(0, -1) })
      data = ''
      name = ''
    } else if (!line.startsWith(':')) {
      const [field = '', ...rest] = line.split(':')
      const value = rest.join(':').replace(/^ /, '')
      if (field === 'data') data += `${value}\n`
      if (field === 'event') name = value
    }
  }
  // What the spec drops and we read: a last event whose blank line never came, where it says something whole.
  const last = data.slice(0, -1)
  if (last.trim() === '[DONE]' || isObject(parseJson(last))) events.push({ name, data: last })
  return events
}

const words = [
  '',
  'x',
  ' x',
  '  ',
  'é𝄞',
  '{"a":1}',
  '[DONE]',
  ':',
  'data: y',
  '\u0000',
  '\u2028',
  '\ufeff',
  '\ud800',
]
const word = fc.constantFrom(...words)
const line = fc.oneof(
  word.map((value) => `data: ${value}`),
  word.map((value) => `data:${value}`),
  word.map((value) => `event: ${value}`),
  word.map((value) => `event:${value}`),
  word.map((value) => `: ${value}`),
  fc.constantFrom(
    '',
    '',
    '',
    'data',
    'event',
    'id: 7',
    'retry: 10',
    'foo: bar',
    'datax: y',
    'Data: y',
    'nonsense',
  ),
)
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const stream = fc.array(fc.tuple(line, lineEnd)).map((lines) => lines.map((pair) => pair.join('')).join(''))

const utf8 = new TextEncoder()

/** Places between all the bytes of the texts here. */
const everywhere = Array.from({ length: 1000 }, (_, place) => place)

/** What comes of the text, its bytes cut at these places. */
function read(text: string, places: readonly number[] = []): Read {
  return readFrames((sink) => new SseFraming(sink), cutAt(utf8.encode(text), places))
}

test('any stream of lines gives the events of the spec, in any cut', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat()), (text, places) => {
      const wanted = reference(new TextDecoder().decode(utf8.encode(text)))
      assert.deepEqual(read(text, places).frames, wanted)
      assert.deepEqual(read(text, everywhere).frames, wanted)
    }),
    { numRuns: 1000, seed: 1 },
  )
})

test('an event whose blank line never came counts where it is whole', () => {
  for (const [text, wanted] of [
    ['data: {"a":1}', '{"a":1}'],
    ['data: {"a":1}\n', '{"a":1}'],
    ['data: {"a":1}\r', '{"a":1}'],
    ['data: {"a":\ndata: 1}', '{"a":\n1}'],
    ['data: [DONE]', '[DONE]'],
    ['event: error\ndata: x', 'x'],
    ['data: {"a":1', undefined],
    ['data: x', undefined],
    ['data: x\n', undefined],
    ['data: x\n\n', 'x'],
    ['data: x\r\r', 'x'],
    ['data: x\n\r', 'x'],
    ['data: x\r\n\r', 'x'],
    ['event: error\n', undefined],
    ['dat', undefined],
    ['', undefined],
  ] as const) {
    const { frames, failure } = read(text)
    assert.deepEqual(
      [frames.map(({ data }) => data), failure],
      [wanted === undefined ? [] : [wanted], null],
      JSON.stringify(text),
    )
  }
})

test("the name of an event is its own and not the next one's", () => {
  assert.deepEqual(read('event: a\n\ndata: x\n\nevent: b\ndata: y\n\ndata: z\n\n').frames, [
    { name: '', data: 'x' },
    { name: 'b', data: 'y' },
    { name: '', data: 'z' },
  ])
})

/** Where more is read than the spec does: what servers really send. */
const lenient: readonly [name: string, text: string, frames: readonly Frame[], body?: unknown][] = [
  ['a space before the field', ' data: x\n\n', [{ name: '', data: 'x' }]],
  ['a tab before the field', '\tevent: y\n\tdata: x\n\n', [{ name: 'y', data: 'x' }]],
  [
    'an error as a field',
    'data: x\nerror: y\n\n',
    [
      { name: '', data: 'x' },
      { name: 'error', data: 'y' },
    ],
  ],
  ['bare JSON', 'data: x\n\n{"a":\n1}\n', [{ name: '', data: 'x' }], { a: 1 }],
  ['bare JSON after data', 'data: x\n{"a":1}', [{ name: '', data: 'x' }], { a: 1 }],
  ['a bare list', '[\n1]', [], [1]],
]

for (const [name, text, frames, body] of lenient) {
  test(`${name} is not lost`, () => {
    for (const places of [[], everywhere])
      assert.deepEqual(read(text, places), { frames, body, failure: null })
  })
}

const failureOf = (text: string): string | undefined => read(text).failure?.message

test('what is no stream of events is named, unless an event came before', () => {
  assert.equal(failureOf('<html>\n<p>no</p>'), 'The answer is not a stream of events: "<html>"')
  assert.equal(failureOf('foo: bar\n\n'), 'The answer is not a stream of events: "foo: bar"')
  assert.equal(failureOf('data: x\n\n<html>\n'), undefined)
  assert.equal(failureOf(': a comment\nid: 1\nretry: 2\n\n'), undefined)
})

/** Each row: what is written a million times, and what stands before and behind it. */
const manyLines: readonly [name: string, start: string, line: string, end: string][] = [
  ['an event', '', 'data: \n', 'data: {"a":1}\n'],
  ['a body', '{\n', ' \n', '"a":1}'],
]

for (const [name, start, line, end] of manyLines) {
  test(`${name} of a million short lines takes about as much memory as its text`, () => {
    let grown = 0
    function* chunks(): Generator<Uint8Array> {
      const before = heapUsed()
      yield utf8.encode(start)
      for (let round = 0; round < 1000; round++) yield utf8.encode(line.repeat(1000))
      grown = heapUsed() - before
      yield utf8.encode(end)
    }
    const { frames, body } = readFrames((sink) => new SseFraming(sink), chunks())
    assert.ok(grown < 8_000_000, `${grown} bytes`)
    assert.deepEqual(body ?? frames.map(({ data }) => parseJson(data))[0], { a: 1 })
  })
}

/** Each row: what is sent again and again, one or four at once, until it is refused. */
for (const [name, line] of [
  ['a line', `data: ${'x'.repeat(1 << 22)}`],
  ['an event', `data: ${'x'.repeat(1 << 22)}\n`],
] as const) {
  test(`${name} beyond the limit is refused, however it is cut`, () => {
    const read = [1, 4].map((pieces) => {
      const chunk = utf8.encode(line.repeat(pieces))
      return readFrames((sink) => new SseFraming(sink), Array<Uint8Array>(20 / pieces).fill(chunk))
    })
    const refused = { frames: [], body: undefined, failure: tooLong }
    assert.deepEqual(read, [refused, refused])
  })
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}
