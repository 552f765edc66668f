/** Writes one YAML scalar the way Go's yaml.v3 and yaml.v4 do. */

import { isNotText } from './resolve.ts'

/**
 * What a plain or single-quoted or literal scalar cannot hold: Go's `is_printable`, which takes every
 * character beyond U+FFFF for unprintable. U+2028 and U+2029 are here on top: Go writes them raw, as
 * line breaks of YAML 1.1, but to a reader of YAML 1.2 they are text and the indentation after them
 * too. Escaped, they are the same to both.
 */
const unprintable = /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/
const escaped = /["\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu

/** What ends or changes a plain scalar (`yaml_emitter_analyze_scalar`, `block_indicators`). */
const indicator = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[-?:](?: |$))|:(?: |$)| #/
const spaceAtEdge = /^ | $/
/** A literal scalar would lose a space before a line break or at the end, and cannot be blank. */
const unfitForLiteral = / \n| $|^\s*$/
/** A literal scalar whose first line starts with white space must say how far it is indented. */
const needsHint = /^\n*[ \t]/

/** Escapes with a name of their own, without the backslash (YAML 1.2 §5.7). */
const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['\x85', 'N'],
  ['\xa0', '_'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
])

/**
 * The scalar of a text, as it follows `key: ` or `- `. Its lines, if it needs several, are indented by
 * `indent` spaces, where its parent is indented by `parentIndent`.
 */
export function textScalar(text: string, indent: number, parentIndent: number): string {
  if (!text.includes('\n') || needsDoubleQuotes(text)) return lineScalar(text)
  const hint = needsHint.test(text) ? String(indent - parentIndent) : ''
  return `|${hint}${literalLines(text, indent)}`
}

/** The scalar of a text on one line: without a line break in it, or with all of them escaped. */
export function lineScalar(text: string): string {
  if (text.includes('\n') || needsDoubleQuotes(text)) return doubleQuoted(text)
  return spaceAtEdge.test(text) || indicator.test(text) ? `'${text.replaceAll("'", "''")}'` : text
}

/** Whether no other style can hold the text, or a reader would take it for something else than text. */
export function needsDoubleQuotes(text: string): boolean {
  if (unprintable.test(text)) return true
  return text.includes('\n') ? unfitForLiteral.test(text) : text.includes('\t') || isNotText(text)
}

/** Whether YAML 1.1 and 1.2 both take every character of the text as it stands. */
export function printable(text: string): boolean {
  return !unprintable.test(text)
}

/** Base64 in lines of 70 columns, as Go's `encodeBase64` breaks it; on one line when it fits. */
export function binaryScalar(bytes: Uint8Array, indent: number): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  if (base64.length < 70) return `!!binary ${base64}`
  return `!!binary |${literalLines(base64.replace(/.{1,70}/g, '$&\n'), indent)}`
}

/** The chomping sign of a literal scalar and its lines, without the last line break. */
function literalLines(text: string, indent: number): string {
  const chomping = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') ? '+' : ''
  const lines = text.replace(/^(?=[^\n])/gm, ' '.repeat(indent))
  return `${chomping}\n${text.endsWith('\n') ? lines.slice(0, -1) : lines}`
}

/** A text that starts with a byte order mark is escaped as a whole, because Go's `is_bom` looks there only. */
function doubleQuoted(text: string): string {
  return `"${text.toWellFormed().replace(text.startsWith('\ufeff') ? /[^]/gu : escaped, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  const named = namedEscapes.get(character)
  if (named !== undefined) return `\\${named}`
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
