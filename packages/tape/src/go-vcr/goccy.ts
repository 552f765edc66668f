/** Writes one YAML text the way the goccy/go-yaml library does, which go-vcr used for a while. */

import { isNotText } from './resolve.ts'
import { printable } from './scalar.ts'

/** What a text may not start with, end with or hold, to go without quotes (`token.IsNeedQuoted`). */
const needsQuotes = /^[*&[{}\],!|>%'"@ `]|^-$|[: ]$|[#\\]|[:-] /
/** A clock time, which it quotes although it is no number to anyone. */
const clockTime = /^\d\d?:\d\d?$/
/** What it would write as it is, but no reader would give back. */
const unreadable = /^(?:\s|[?:](?:\s|$)|---|\.\.\.)|[^\S\n]$/
const astral = /[\u{10000}-\u{10ffff}]/gu
/** What `strconv.Quote` escapes: all that is not `strconv.IsPrint`. */
const escaped = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
])

/** The scalar of a text; a text of several lines needs quotes only if one line would. */
export function goccyScalar(text: string, indent: number): string {
  if (!text.includes('\n') || mustQuote(text)) return goccyLine(text)
  const chomping = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') ? '+' : ''
  const lines = text.replace(/\n$/, '').split('\n')
  const padded = lines.map((line, i) =>
    line === '' && i === lines.length - 1 ? '' : ' '.repeat(indent) + line,
  )
  return `|${chomping}\n${padded.join('\n')}`
}

/** The scalar of a text on one line. */
export function goccyLine(text: string): string {
  if (!text.includes('\n') && !mustQuote(text)) return text
  return `"${text.toWellFormed().replace(escaped, escapeCharacter)}"`
}

function mustQuote(text: string): boolean {
  if (needsQuotes.test(text) || unreadable.test(text) || clockTime.test(text)) return true
  return isNotText(text) || !printable(text.replace(astral, ''))
}

function escapeCharacter(character: string): string {
  const named = namedEscapes.get(character)
  if (named !== undefined) return `\\${named}`
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
