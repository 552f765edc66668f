/** The parser of server-sent events agrees with the spec, read naively. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { type SseEvent, SseParser } from '../src/sse.ts'

/**
 * The spec's algorithm over the whole text, one sentence after the other:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
function reference(text: string): SseEvent[] {
  const events: SseEvent[] = []
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

function parse(pieces: readonly string[]): SseEvent[] {
  const parser = new SseParser()
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()]
}

function pieces(text: string, places: readonly number[]): string[] {
  const sorted = places.map((place) => place % (text.length + 1)).toSorted((a, b) => a - b)
  return [...sorted, text.length].map((place, index) => text.slice(sorted[index - 1] ?? 0, place))
}

test('any stream of lines gives the events of the spec, in any cut', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat()), (text, places) => {
      assert.deepEqual(parse(pieces(text, places)), reference(text))
      assert.deepEqual(parse(text.split('')), reference(text))
    }),
    { numRuns: 1000, seed: 1 },
  )
})

test('an event whose blank line never came is kept aside, since it may be whole', () => {
  for (const [text, open] of [
    ['data: x', 'x'],
    ['data: x\n', 'x'],
    ['data: x\r', 'x'],
    ['data: x\ndata: y', 'x\ny'],
    ['data: x\n\n', undefined],
    ['data: x\r\r', undefined],
    ['data: x\n\r', undefined],
    ['data: x\r\n\r', undefined],
    ['event: x\n', undefined],
    ['dat', undefined],
    ['', undefined],
  ] as const) {
    const parser = new SseParser()
    parser.push(text)
    parser.end()
    assert.equal(parser.open?.data, open, JSON.stringify(text))
  }
})

test("the name of an event is its own and not the next one's", () => {
  assert.deepEqual(parse(['event: a\n\ndata: x\n\nevent: b\ndata: y\n\ndata: z\n\n']), [
    { name: '', data: 'x' },
    { name: 'b', data: 'y' },
    { name: '', data: 'z' },
  ])
})

/** Where the parser reads more than the spec: what servers really send. */
const lenient: readonly [name: string, text: string, events: readonly SseEvent[], stray: string][] = [
  ['a space before the field', ' data: x\n\n', [{ name: '', data: 'x' }], ''],
  ['a tab before the field', '\tdata: x\n\n', [{ name: '', data: 'x' }], ''],
  [
    'an error as a field',
    'data: x\nerror: y\n\n',
    [
      { name: '', data: 'x' },
      { name: 'error', data: 'y' },
    ],
    '',
  ],
  ['bare JSON', 'data: x\n\n{"a":\n1}\n', [{ name: '', data: 'x' }], '{"a":\n1}'],
  ['bare JSON after data', 'data: x\n{"a":1}', [{ name: '', data: 'x' }], '{"a":1}'],
  ['a bare list', '[\n1]', [], '[\n1]'],
]

for (const [name, text, events, stray] of lenient) {
  test(`${name} is not lost`, () => {
    const parser = new SseParser()
    assert.deepEqual([...parser.push(text), ...parser.end()], events)
    assert.equal(parser.stray, stray)
  })
}

/** Each row: what is written a million times, and what stands before it. */
const manyLines: readonly [name: string, start: string, line: string][] = [
  ['an event', '', 'data: x\n'],
  ['stray JSON', '{\n', 'x\n'],
]

for (const [name, start, line] of manyLines) {
  test(`${name} of a million short lines takes about as much memory as its text`, () => {
    const parser = new SseParser()
    const before = heapUsed()
    parser.push(start)
    for (let round = 0; round < 1000; round++) parser.push(line.repeat(1000))
    const grown = heapUsed() - before
    assert.ok(grown < 8_000_000, `${grown} bytes`)
    assert.equal((parser.open?.data ?? parser.stray).length, name === 'an event' ? 1_999_999 : 2_000_001)
  })
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}
