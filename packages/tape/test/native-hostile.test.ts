/** Native tapes that nobody meant to write: they are read as far as they make sense, or refused with their line. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { TapeError } from '../src/error.ts'
import { strictMatcher } from '../src/match.ts'
import { writeNativeTape } from '../src/native/copy.ts'
import { isNativeTape } from '../src/native/format.ts'
import { openNativeTape } from '../src/native/read.ts'
import { digestsOf } from './cassettes.ts'
import {
  chunkLine,
  endLine,
  exchange,
  header,
  interactionOf,
  matcher,
  newTape,
  openJournal,
  readAll,
  recordAll,
  requestLine,
  responseLine,
  tapeOf,
  wholeLines,
} from './native-tape.ts'

/** What is read of each exchange: question, answer and ending. */
function gist(file: string): readonly string[] {
  return readAll(file).map(
    ({ request, response, ending }) =>
      `${String(request.body)} ${String(response?.body ?? '-')} ${ending.type}`,
  )
}

function warningsOf(file: string): readonly string[] {
  using tape = openNativeTape(file)
  return tape.warnings
}

const readable: readonly (readonly [
  name: string,
  lines: readonly (string | Uint8Array)[],
  gist: readonly string[],
  warnings: readonly RegExp[],
])[] = [
  ['ids that are not places', [...wholeLines(7, 'a'), ...wholeLines(3, 'b')], ['a? a end', 'b? b end'], []],
  [
    'two requests of one id',
    [...wholeLines(0, 'a'), ...wholeLines(0, 'b')],
    ['a? a end', 'b? b end'],
    [/^line 6 has the id 0 of an earlier request$/],
  ],
  [
    'two requests of one id, the first without an end',
    [requestLine(0, '"a"'), ...wholeLines(0, 'b')],
    ['a - unfinished', 'b? b end'],
    [/line 3/],
  ],
  [
    'two tapes one after the other',
    [...wholeLines(0, 'a'), header, ...wholeLines(0, 'b')],
    ['a? a end', 'b? b end'],
    [/line 7/],
  ],
  [
    'facts without their request',
    [chunkLine(5, 'x'), endLine(5), ...wholeLines(0, 'a')],
    ['a? a end'],
    [/line 2 is left out: no request 5 is waiting for it/, /line 3/],
  ],
  [
    'facts after the end',
    [...wholeLines(0, 'a'), chunkLine(0, 'x'), endLine(0)],
    ['a? a end'],
    [/line 6/, /line 7/],
  ],
  [
    'a piece before the head',
    [requestLine(0, '"a"'), chunkLine(0, 'x'), responseLine(0), endLine(0)],
    ['a x end'],
    [],
  ],
  ['a piece and no head', [requestLine(0, '"a"'), chunkLine(0, 'x'), endLine(0)], ['a - end'], []],
  [
    'two heads',
    [requestLine(0, '"a"'), responseLine(0), '{"type":"response","id":0,"status":500}', endLine(0)],
    ['a  end'],
    [],
  ],
  [
    'a torn line in the middle',
    ['{"type":"request","id":0,"key":nu', ...wholeLines(1, 'b')],
    ['b? b end'],
    [/line 2 is left out: it is not a JSON object/],
  ],
  ['zeros in the middle', ['\0'.repeat(300), ...wholeLines(1, 'b')], ['b? b end'], [/line 2/]],
  [
    'a line that is not UTF-8',
    [Uint8Array.of(0xff, 0xfe), ...wholeLines(1, 'b')],
    ['b? b end'],
    [/line 2 is left out: it is not UTF-8 text/],
  ],
  [
    'lines of other types',
    ['{"type":"note","id":0}', '{"type":"__proto__","id":0}', '{"type":7}', '{}', ...wholeLines(0, 'b')],
    ['b? b end'],
    [],
  ],
  [
    'lines that are no objects',
    ['[]', 'null', '7', '"request"', ...wholeLines(0, 'b')],
    ['b? b end'],
    [/line 2/, /line 3/, /line 4/, /line 5/],
  ],
  [
    'ids that are no ids',
    ['-1', '1.5', '1e30', '"0"', 'null', '99999999999999999999', '{}'].map(
      (id) => `{"type":"request","id":${id},"key":null}`,
    ),
    [],
    Array.from({ length: 7 }, () => /its "id" is not a number/),
  ],
  [
    'a key that is none',
    ['{"type":"request","id":0,"key":7,"method":"GET","url":"x"}'],
    [],
    [/its "key" is not a text/],
  ],
  [
    'spaces, another order and no keys',
    [
      `{ "id": 0, "url": "x", "type": "request", "method": "GET" }`,
      ' { "status": 1, "id": 0, "type": "response" }',
      '{"type": "end", "id": 0}',
    ],
    ['  end'],
    [],
  ],
  ['line ends of Windows', wholeLines(0, 'a').map((line) => `${line}\r`), ['a? a end'], []],
  ['empty lines', ['', ...wholeLines(0, 'a'), ''], ['a? a end'], []],
  [
    'a line of 10 MB',
    [requestLine(0, `"${'x'.repeat(1e7)}"`), ...wholeLines(1, 'b')],
    [`${'x'.repeat(1e7)} - unfinished`, 'b? b end'],
    [],
  ],
  [
    'an unknown line of 10 MB',
    [`{"type":"note","x":"${'x'.repeat(1e7)}"}`, ...wholeLines(1, 'b')],
    ['b? b end'],
    [],
  ],
  [
    'JSON that is nested too deeply',
    ['['.repeat(1e6), `{"type":"note","x":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, ...wholeLines(1, 'b')],
    ['b? b end'],
    [/line 2/],
  ],
]

for (const [name, lines, expected, warnings] of readable) {
  test(`${name}: read as far as they make sense`, (t) => {
    const file = tapeOf(t, header, ...lines)
    assert.deepEqual(gist(file), expected)
    const found = warningsOf(file)
    assert.equal(found.length, warnings.length, found.join('\n'))
    for (const [place, warning] of warnings.entries()) assert.match(found[place] ?? '', warning)
  })

  test(`${name}: a recording goes on after them`, async (t) => {
    const file = tapeOf(t, header, ...lines)
    const journal = await openJournal(file)
    recordAll(journal, [exchange('later', 'x')])
    await journal.close()
    assert.deepEqual(gist(file), [...expected, 'later x end'])
    assert.deepEqual(warningsOf(file).length, warnings.length)
  })
}

test('a mark at the start of the file, as some editors put it there, does not matter', (t) => {
  const file = tapeOf(t, `\uFEFF${header}`, ...wholeLines(0, 'a'))
  assert.ok(isNativeTape(readFileSync(file)))
  assert.deepEqual(gist(file), ['a? a end'])
})

test('a last line without its end is whole all the same, and a recording goes on after it', async (t) => {
  const file = tapeOf(t, header, ...wholeLines(0, 'a'))
  writeFileSync(file, readFileSync(file).subarray(0, -1))
  assert.deepEqual([gist(file), warningsOf(file)], [['a? a end'], []])
  const journal = await openJournal(file)
  recordAll(journal, [exchange('later', 'x')])
  await journal.close()
  assert.deepEqual([gist(file), warningsOf(file)], [['a? a end', 'later x end'], []])
})

test('very many warnings become one', (t) => {
  const warnings = warningsOf(tapeOf(t, header, ...Array.from({ length: 5000 }, () => endLine(1))))
  assert.equal(warnings.length, 21)
  assert.equal(warnings.at(-1), 'and 4980 more lines')
})

test('names of prototypes are names like others', async (t) => {
  const file = newTape(t)
  const extra = JSON.parse('{"__proto__":{"polluted":1},"constructor":7}') as Readonly<
    Record<string, unknown>
  >
  const { request: asking, ...rest } = exchange('?', 'x')
  const journal = await openJournal(file)
  recordAll(journal, [{ ...rest, request: { ...asking, extra, headers: [['__proto__', 'x']] } }])
  await journal.close()
  const [read] = readAll(file)
  assert.deepEqual(read?.request.headers, [['__proto__', 'x']])
  assert.equal(JSON.stringify(read?.request.extra), JSON.stringify(extra))
  assert.equal(({} as { polluted?: number }).polluted, undefined)
})

test('whatever is done to a tape, it is read, or refused with a TapeError', async (t) => {
  const [file, copy] = [newTape(t), newTape(t)]
  const journal = await openJournal(file)
  const long = 'a long conversation '.repeat(100)
  recordAll(journal, [exchange(`${long}1`, 'ä', 'b'), exchange(`${long}2`, 'c'), exchange('short', 'd')])
  await journal.close()
  const bytes = readFileSync(file)
  const change = fc.record({
    at: fc.nat(bytes.length - 1),
    cut: fc.nat(40),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom('"', '{', '}', '\n', ',"id":1', '0', '[[[').map((text) => Buffer.from(text)),
    ),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let changed: Uint8Array = bytes
      for (const { at, cut, put } of changes)
        changed = Buffer.concat([changed.subarray(0, at), put, changed.subarray(at + cut)])
      writeFileSync(file, changed)
      try {
        using tape = openNativeTape(file)
        for (const use of [
          () => JSON.stringify([...tape]),
          () => digestsOf(tape, matcher),
          () => digestsOf(tape, strictMatcher),
          () =>
            Array.from({ length: tape.length }, (_, place) => [tape.sizeAt(place), ...tape.piecesAt(place)]),
          () => writeNativeTape(copy, tape),
        ])
          try {
            await use()
          } catch (error) {
            if (!(error instanceof TapeError)) throw error
          }
      } catch (error) {
        if (!(error instanceof TapeError)) throw error
      }
    }),
    { numRuns: 500 },
  )
})

test('a tape that is read while it is recorded is what it was when it was opened', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  recordAll(journal, [exchange('first', 'a')])
  const id = journal.begin(exchange('second').request, 0)
  await new Promise(setImmediate)
  using tape = openNativeTape(file)
  assert.equal(tape.length, 2)
  journal.end(id, { type: 'end', at: 1 })
  recordAll(journal, [exchange('third', 'c')])
  assert.deepEqual(
    Array.from(tape, ({ ending }) => ending.type),
    ['end', 'unfinished'],
  )
  await journal.close()
  assert.deepEqual(readAll(file)[0], interactionOf(exchange('first', 'a'), 0))
  assert.equal(readAll(file).length, 3)
})
