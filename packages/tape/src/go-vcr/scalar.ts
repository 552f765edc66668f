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
const blank = /^\s*$/
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

/** A text that needs no quotes, unless it is a word that means something else. Most are; the rest is looked at closely. */
const simple = /^[A-Za-z/][\w./;=,()*+-]*(?: [\w./;=,()*+-]+)*$/

/**
 * The scalar of a text, as it follows `key: ` or `- `. Its lines, if it needs several, are indented by
 * `indent` spaces, where its parent is indented by `parentIndent`.
 */
export function textScalar(text: string, indent: number, parentIndent: number): string {
  if (!text.includes('\n')) return lineScalar(text)
  if (needsDoubleQuotes(text)) return doubleQuoted(text)
  const hint = needsHint.test(text) ? String(indent - parentIndent) : ''
  return `|${hint}${literalLines(text, indent)}`
}

/** The scalar of a text on one line: without a line break in it, or with all of them escaped. */
export function lineScalar(text: string): string {
  if (text.length < 200 && simple.test(text) && !isNotText(text)) return text
  if (text.includes('\n') || needsDoubleQuotes(text)) return doubleQuoted(text)
  const isPlain = !text.startsWith(' ') && !text.endsWith(' ') && !indicator.test(text)
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`
}

/** Nearly every text holds nothing else, and this is twice as fast to see. */
const beyondAscii = /[^ -~\n]/

/** Whether no other style can hold the text, or a reader would take it for something else than text. */
export function needsDoubleQuotes(text: string): boolean {
  if (!printable(text)) return true
  return text.includes('\n') ? isUnfitForLiteral(text) : text.includes('\t') || isNotText(text)
}

/** A literal scalar would lose a space before a line break or at the end, and cannot be blank. */
function isUnfitForLiteral(text: string): boolean {
  return text.includes(' \n') || text.endsWith(' ') || blank.test(text)
}

/** Whether YAML 1.1 and 1.2 both take every character of the text as it stands. */
export function printable(text: string): boolean {
  return !beyondAscii.test(text) || !unprintable.test(text)
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
  const padding = ' '.repeat(indent)
  const end = text.endsWith('\n') ? text.length - 1 : text.length
  let lines = `${chomping}\n`
  // Empty lines have no indentation. One by one is four times as fast as by a pattern.
  for (let start = 0; start < end;) {
    const lineEnd = text.indexOf('\n', start)
    const next = lineEnd === -1 || lineEnd >= end ? end : lineEnd + 1
    lines += lineEnd === start ? '\n' : padding + text.slice(start, next)
    start = next
  }
  return lines
}

/** What JSON escapes in another way than Go. */
const oddControl = /[^\b\t\n\f\r\x20-\uffff]/
/** What JSON does not escape and Go does. */
const odd = /[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu

/** A text that starts with a byte order mark is escaped as a whole, because Go's `is_bom` looks there only. */
function doubleQuoted(text: string): string {
  const whole = text.toWellFormed()
  const isMarked = whole.startsWith('\ufeff')
  if (isMarked || oddControl.test(whole)) {
    return `"${whole.replace(isMarked ? /[^]/gu : escaped, escapeCharacter)}"`
  }
  return JSON.stringify(whole).replace(odd, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const named = namedEscapes.get(character)
  if (named !== undefined) return `\\${named}`
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
