/** The short way to read a body says what the long one does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodePiece, fieldsOf, LineError } from '../src/native/decode.ts'
import { encodeChunk } from '../src/native/encode.ts'
import type { StoredPiece } from '../src/native/format.ts'
import { plainPieces, plainText } from '../src/native/plain-text.ts'

const piece = fc.record({
  bytes: fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc
      .constantFrom('data: {"a":"\\n"}\n\n', '"}', '\\', '{"type":"chunk","id":0,"at":1,"text":"')
      .map((text) => Buffer.from(text)),
  ),
  at: fc.oneof(
    fc.nat(1e9).map((microseconds) => microseconds / 1000),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  ),
})

const change = fc.record({
  at: fc.nat(400),
  cut: fc.nat(3),
  put: fc.constantFrom('', '"', '\\', '}', '\n', ',', '1', '.', '"text":"x"', ',"after":"AA=="', '{'),
})

/** Undefined where a line is none. */
function lineByLine(lines: Buffer): readonly StoredPiece[] | undefined {
  try {
    return lines
      .toString('latin1')
      .split('\n')
      .slice(0, -1)
      .map((line) => decodePiece(fieldsOf(Buffer.from(line, 'latin1'))))
  } catch (error) {
    if (error instanceof LineError) return undefined
    throw error
  }
}

const anyLines = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.array(change, { maxLength: 2 }))
  .map(([pieces, changes]) => {
    let text = pieces.map(({ bytes, at }) => encodeChunk(0, bytes, at)).join('')
    for (const { at, cut, put } of changes) text = text.slice(0, at) + put + text.slice(at + cut)
    return Buffer.from(text)
  })

test('lines that are read at once say what they say one by one, and wrong ones are left to that', () => {
  let plain = 0
  fc.assert(
    fc.property(anyLines, (lines) => {
      const pieces = lineByLine(lines)
      const [text, atOnce] = [plainText(lines), plainPieces(lines)]
      if (atOnce !== undefined) assert.deepEqual(atOnce, pieces)
      if (text !== undefined) assert.equal(text, pieces?.map(({ data }) => data).join(''))
      if (text !== undefined && atOnce !== undefined) plain++
    }),
    { numRuns: 3000 },
  )
  assert.ok(plain > 100, `${plain} were plain`)
})

test('what Playhead writes of a text is read at once', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
      const lines = texts.map((text, place) => encodeChunk(7, Buffer.from(text), place / 1000)).join('')
      const hasLongWay = texts.some((text) => text.endsWith('\\'))
      if (!hasLongWay) assert.equal(plainText(Buffer.from(lines)), texts.join(''))
    }),
  )
})
