/** Files that are no tapes, and lines of a tape that cannot be read: each is refused with one clear line. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { TapeError } from '../src/error.ts'
import { openNativeTape } from '../src/native/read.ts'
import { endLine, header, newTape, requestLine, responseLine, tapeOf, wholeLines } from './native-tape.ts'

const foreign: readonly (readonly [name: string, content: string | Uint8Array, message: RegExp])[] = [
  ['an empty file', '', /:1: the tape cannot be read: it is empty$/],
  [
    'a go-vcr cassette',
    '---\nversion: 2\ninteractions: []\n',
    /it is no tape: its first line is not \{"type":"tape",…\}/,
  ],
  ['a HAR', '{"log":{"entries":[]}}', /it is no tape/],
  ['bytes', Buffer.alloc(1e6, 0xfe), /it is not UTF-8 text/],
  [
    'a tape from the future',
    '{"type":"tape","version":2}\n',
    /its format is version 2, and this program reads up to 1: update it/,
  ],
  ['a tape without a version', '{"type":"tape"}\n', /its version is missing/],
  ['a torn first line', '{"type":"tape","vers', /it is not a JSON object/],
  [
    'a header with a wrong list',
    '{"type":"tape","version":1,"normalise":7}\n',
    /its "normalise" is not a list of names/,
  ],
  [
    'a header with a wrong parent',
    '{"type":"tape","version":1,"parent":"x"}\n',
    /its "parent" is not a file and a number/,
  ],
]
for (const [name, content, message] of foreign) {
  test(`${name} is refused`, (t) => {
    const file = newTape(t)
    writeFileSync(file, content)
    assert.throws(
      () => openNativeTape(file),
      (error) => {
        assert.ok(error instanceof TapeError)
        assert.match(error.message, message)
        return error.code === 'unreadable' && error.file === file
      },
    )
  })
}

test('a tape that is not there is absent', (t) => {
  assert.throws(() => openNativeTape(newTape(t)), { code: 'absent' })
})

const asked = '{"type":"request","id":0,"key":null,"method":"GET","url":"x"'
/** A line that is wrong, after others that are needed, and what is looked at. */
const broken: readonly (readonly [name: string, lines: readonly string[], message: RegExp])[] = [
  ['a torn request', [`${asked},"bo`], /:2: this line of the tape cannot be read: it is not a JSON object$/],
  ['no method', ['{"type":"request","id":0,"key":null,"url":"x"}'], /its "method" is missing/],
  ['a wrong url', ['{"type":"request","id":0,"key":null,"method":"GET","url":7}'], /its "url" is not a text/],
  ['wrong headers', [`${asked},"headers":{"a":"b"}}`], /its "headers" are not a list of names and values/],
  ['a wrong header', [`${asked},"headers":[["a"]]}`], /its "headers" are not/],
  ['a wrong body', [`${asked},"body":7}`], /its "body" is neither a text nor bytes nor like another/],
  ['a wrong extra', [`${asked},"extra":[]}`], /its "extra" is not an object/],
  ['no status', [`${asked}}`, '{"type":"response","id":0}'], /:3: .*its "status" is not a whole number/],
  [
    'a wrong time',
    [`${asked}}`, '{"type":"response","id":0,"status":200,"at":"x"}'],
    /:3: .*its "at" is not a number/,
  ],
  [
    'an empty piece',
    [`${asked}}`, responseLine(0), '{"type":"chunk","id":0,"at":1}', endLine(0)],
    /:4: .*it has neither a "text" nor "base64"/,
  ],
  [
    'a wrong piece',
    [`${asked}}`, responseLine(0), '{"type":"chunk","id":0,"text":"a","before":1}', endLine(0)],
    /:4: .*its "before" or "after" is not base64/,
  ],
  ['a wrong ending', [`${asked}}`, '{"type":"error","id":0,"code":7}'], /:3: .*its "code" is not a text/],
  [
    'a body like its own',
    [requestLine(0, '{"like":0,"start":0,"text":"","end":0}')],
    /:2: .*like that of request 0, which is not there/,
  ],
  [
    'a body like a later one',
    [requestLine(0, '{"like":1,"start":0,"text":"","end":0}'), ...wholeLines(1, 'a')],
    /:2: .*request 1, which is not there/,
  ],
  [
    'a body like bytes',
    [requestLine(0, '{"base64":"AA=="}'), requestLine(1, '{"like":0,"start":0,"text":"","end":0}')],
    /:3: .*like one that is no text/,
  ],
  [
    'a body that takes too much',
    [requestLine(0, '"abc"'), requestLine(1, '{"like":0,"start":2,"text":"","end":2}')],
    /:3: .*takes more of request 0's than that one has/,
  ],
  [
    'a body that takes less than nothing',
    [requestLine(0, '"abc"'), requestLine(1, '{"like":0,"start":-2,"text":"","end":2}')],
    /:3: .*its "body" is neither/,
  ],
  [
    'a long row of bodies',
    [
      requestLine(0, '"abc"'),
      ...Array.from({ length: 1000 }, (_, id) =>
        requestLine(id + 1, `{"like":${id},"start":3,"text":"","end":0}`),
      ),
    ],
    /its body is like too many others in turn/,
  ],
]
for (const [name, lines, message] of broken) {
  test(`${name}: an error with its line, and nothing of what stands there`, (t) => {
    const file = tapeOf(t, header, ...lines)
    using tape = openNativeTape(file)
    const lookAtAll = (): void => {
      for (let place = tape.length - 1; place >= 0; place--) JSON.stringify(tape.at(place))
    }
    assert.throws(lookAtAll, (error) => {
      assert.ok(error instanceof TapeError)
      assert.match(error.message, message)
      return error.code === 'unreadable' && error.line !== undefined
    })
  })
}

test('a piece that is not UTF-8: an error with its line, whichever way it is read', (t) => {
  const piece = Buffer.concat([
    Buffer.from('{"type":"chunk","id":0,"at":1,"text":"'),
    Buffer.of(0xff),
    Buffer.from('"}'),
  ])
  using tape = openNativeTape(tapeOf(t, header, requestLine(0, '""'), responseLine(0), piece, endLine(0)))
  const refused = { code: 'unreadable', line: 4, message: /it is not UTF-8 text$/ }
  assert.throws(() => tape.at(0).response?.body, refused)
  assert.throws(() => tape.at(0).response?.chunks, refused)
  assert.throws(() => [...tape.piecesAt(0)], refused)
})
