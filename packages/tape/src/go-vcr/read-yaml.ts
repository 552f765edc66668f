/** Reads the part of YAML that go-vcr writes, at about the speed of `JSON.parse`. */

import { readDoubleQuoted } from './double-quoted.ts'

/** A YAML value whose scalars are still text: what a scalar means is for the field to say. */
export type YamlValue = string | null | Uint8Array | YamlList | YamlMap
export type YamlList = readonly YamlValue[]
export type YamlMap = ReadonlyMap<string, YamlValue>

/** A place in the text; between entries of a block it is the start of a line. */
interface Cursor {
  readonly text: string
  at: number
}

/** Thrown, and caught again in this file, where the text is not in the part of YAML that it reads. */
const unrecognised = Symbol('unrecognised')
function fail(): never {
  throw unrecognised
}

/** A go-vcr cassette has five levels; a text with more is for the other reader to refuse. */
const deepest = 12

const newline = 10
const space = 32
const dash = 45

/**
 * The value of a document that is a block map, or `undefined` when the text uses anything else than
 * block maps, block lists, scalars on one line, literal scalars, `!!binary`, `{}` and `[]`: comments,
 * anchors, other tags, flow collections, folding, carriage returns, errors. Says nothing about those
 * texts; they may be valid YAML or not.
 */
export function readYaml(text: string): YamlMap | undefined {
  if (!text.endsWith('\n') || text.includes('\r')) return undefined
  const cursor: Cursor = { text, at: text.startsWith('---\n') ? 4 : 0 }
  try {
    const map = readMap(cursor, 0, 0)
    return cursor.at === text.length ? map : undefined
  } catch (error) {
    if (error === unrecognised) return undefined
    throw error
  }
}

/** Reads a map from its first key, which stands at column `indent`, to the line behind it. */
function readMap(cursor: Cursor, indent: number, depth: number): YamlMap {
  if (depth > deepest) fail()
  const map = new Map<string, YamlValue>()
  do {
    const key = readKey(cursor)
    if (map.has(key)) fail()
    map.set(key, readEntryValue(cursor, indent, depth + 1))
  } while (atNextEntry(cursor, indent))
  return map
}

/** Reads a list from its first dash, which stands at column `indent`, to the line behind it. */
function readList(cursor: Cursor, indent: number, depth: number): YamlList {
  if (depth > deepest) fail()
  // Most lists are the one value of a header: an empty array that grows would take the memory of 17.
  const list = [readItem(cursor, indent, depth)]
  while (isDash(cursor.text, cursor.at + indent) && atNextEntry(cursor, indent))
    list.push(readItem(cursor, indent, depth))
  return list
}

function readItem(cursor: Cursor, indent: number, depth: number): YamlValue {
  cursor.at += 2
  keyStart.lastIndex = cursor.at
  return keyStart.test(cursor.text) ? readMap(cursor, indent + 2, depth + 1) : readScalar(cursor, indent)
}

/** Whether a further entry of the block at column `indent` follows; if so, steps to it. */
function atNextEntry(cursor: Cursor, indent: number): boolean {
  const { text, at } = cursor
  const column = columnOf(text, at)
  if (column > indent) fail()
  if (column < indent || at === text.length) return false
  cursor.at = at + column
  return true
}

/** How many spaces start the line at `at`. */
function columnOf(text: string, at: number): number {
  let end = at
  while (text.charCodeAt(end) === space) end += 1
  return end - at
}

function isDash(text: string, at: number): boolean {
  return text.charCodeAt(at) === dash && text.charCodeAt(at + 1) === space
}

const keyStart = /[A-Za-z_][\w.-]*:(?=[ \n])/y

/** Reads a plain key of the characters that header names have, and its colon. */
function readKey(cursor: Cursor): string {
  const { text, at } = cursor
  keyStart.lastIndex = at
  if (!keyStart.test(text)) fail()
  const end = keyStart.lastIndex
  const key = text.slice(at, end - 1)
  if (isNull(key)) fail()
  cursor.at = end
  return key
}

/** Reads what stands behind the colon of a key in a map at column `indent`. */
function readEntryValue(cursor: Cursor, indent: number, depth: number): YamlValue {
  const { text, at } = cursor
  const next = text.charCodeAt(at)
  if (next === space) {
    cursor.at = at + 1
    return readScalar(cursor, indent)
  }
  if (next !== newline) fail()
  cursor.at = at + 1
  const column = columnOf(text, at + 1)
  if (column < indent) return null
  cursor.at = at + 1 + column
  if (isDash(text, cursor.at)) return readList(cursor, column, depth)
  if (column > indent) return readMap(cursor, column, depth)
  cursor.at = at + 1
  return null
}

/** Reads a scalar, `{}` or `[]` to the end of its last line. Its parent stands at column `parent`. */
function readScalar(cursor: Cursor, parent: number): YamlValue {
  const { text, at } = cursor
  switch (text.charAt(at)) {
    case '|':
      return readLiteral(cursor, parent)
    case '"':
      return readDoubleQuoted(restOfLine(cursor)) ?? fail()
    case "'":
      return readSingleQuoted(restOfLine(cursor))
    case '!':
      return readBinary(cursor, parent)
    default:
      return readPlain(restOfLine(cursor))
  }
}

function restOfLine(cursor: Cursor): string {
  const end = cursor.text.indexOf('\n', cursor.at)
  const line = cursor.text.slice(cursor.at, end)
  cursor.at = end + 1
  return line
}

/** What a plain scalar may not start with or hold (YAML 1.2 §7.3.3), and a few things that it may. */
const notPlain = /^(?:[\s,[\]{}#&*!|>'"%@`]|[-?:](?:\s|$))|:(?:\s|$)|\s#|\t|\s$/

function readPlain(line: string): YamlValue {
  if (line === '{}') return new Map()
  if (line === '[]') return []
  if (isNull(line)) return null
  if (notPlain.test(line)) fail()
  return line
}

function isNull(plain: string): boolean {
  return plain === 'null' || plain === '~' || plain === '' || plain === 'Null' || plain === 'NULL'
}

/** Go never folds, so the line holds all of the scalar, or the scalar is not Go's. */
function readSingleQuoted(line: string): string {
  if (line.length < 2 || !line.endsWith("'")) fail()
  const inner = line.slice(1, -1)
  if (!inner.includes("'")) return withoutBreakIndent(inner)
  if (inner.replaceAll("''", '').includes("'")) fail()
  return withoutBreakIndent(inner.replaceAll("''", "'"))
}

const binaryTag = '!!binary '
function readBinary(cursor: Cursor, parent: number): Uint8Array {
  if (!cursor.text.startsWith(binaryTag, cursor.at)) fail()
  cursor.at += binaryTag.length
  const value = readScalar(cursor, parent)
  if (typeof value !== 'string') fail()
  const digits = value.replaceAll('\n', '')
  const bytes = Buffer.from(digits, 'base64')
  if (bytes.toString('base64') !== digits) fail()
  return Uint8Array.from(bytes)
}

/** The indentation and the chomping sign behind `|`; Go writes them in this order. */
const literalHeader = /^\|([1-9]?)([-+]?)$/

function readLiteral(cursor: Cursor, parent: number): string {
  const header = literalHeader.exec(restOfLine(cursor))
  if (header === null) fail()
  const start = cursor.at
  const indent = header[1] === '' ? literalIndent(cursor) : parent + Number(header[1])
  if (indent <= parent) fail()
  const indentation = ' '.repeat(indent)
  cursor.at = literalEnd(cursor, indentation)
  const lines = cursor.text
    .slice(start - 1, cursor.at)
    .replace(indentationOf(indent), '\n')
    .slice(1)
  return chomp(withoutBreakIndent(lines), header[2])
}

const indentations: RegExp[] = []

/** A pattern of one text: replacing all of those is faster than `replaceAll`, which builds a rope. */
function indentationOf(indent: number): RegExp {
  return (indentations[indent] ??= new RegExp(`\n${' '.repeat(indent)}`, 'g'))
}

/** The column of the first line of a literal scalar that is not empty. */
function literalIndent({ text, at }: Cursor): number {
  let start = at
  while (text.charCodeAt(start) === newline) start += 1
  const column = columnOf(text, start)
  if (text.charCodeAt(start + column) === newline) fail()
  return column
}

/** The first line from the cursor on that is neither empty nor indented. */
function literalEnd({ text, at }: Cursor, indentation: string): number {
  let line = at
  for (;;) {
    if (text.startsWith(indentation, line)) line = text.indexOf('\n', line + indentation.length) + 1
    else if (text.charCodeAt(line) === newline) line += 1
    else return line
  }
}

/** Keeps all line breaks at the end (`+`), none (`-`), or one (YAML 1.2 §8.1.1.2). */
function chomp(lines: string, sign: string | undefined): string {
  if (sign === '+') return lines
  let end = lines.length
  while (end > 0 && lines.charCodeAt(end - 1) === newline) end -= 1
  return lines.slice(0, sign === '-' || end === 0 ? end : end + 1)
}

/**
 * To Go, whose YAML is 1.1, U+2028 and U+2029 are line breaks: it writes them as they are and indents
 * what follows.
 */
function withoutBreakIndent(text: string): string {
  if (!text.includes('\u2028') && !text.includes('\u2029')) return text
  return text.replace(/([\u2028\u2029]) +/g, '$1')
}
