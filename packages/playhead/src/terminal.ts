/** Text for a terminal: colour where it has it (`NO_COLOR` and `FORCE_COLOR` are honoured), plain where not. */
import { stripVTControlCharacters, styleText } from 'node:util'
import type { Cost, Usage } from '@playhead/wire'
import { printable } from './print.ts'

type Style = Parameters<typeof styleText>[0]

/** The text in a style, without control characters of its own. Between the two variables, `NO_COLOR` wins. */
export function styled(style: Style, text: string): string {
  const isPlain = (process.env['NO_COLOR'] ?? '') !== ''
  return isPlain ? printable(text) : styleText(style, printable(text), { stream: process.stdout })
}

export function dim(text: string): string {
  return styled('dim', text)
}

export function bold(text: string): string {
  return styled('bold', text)
}

/** On one line, without control characters, cut to so many characters. */
export function excerpt(text: string, length: number): string {
  const line = printable(text).replaceAll(/\s*\n\s*/g, ' ⏎ ')
  return line.length <= length ? line : `${line.slice(0, length - 1).toWellFormed()}…`
}

/** `0.97 s`, `12 ms`. */
export function seconds(milliseconds: number): string {
  return milliseconds < 100 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}

/** `197 in, 41 out`, with what was cached and what was reasoning where there is any. */
export function tokens({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }: Usage): string {
  const cached = cachedInputTokens > 0 ? ` (${cachedInputTokens} cached)` : ''
  const reasoning = reasoningTokens > 0 ? ` (${reasoningTokens} reasoning)` : ''
  return `${inputTokens} in${cached}, ${outputTokens} out${reasoning}`
}

export function money(cost: Cost | null): string {
  return cost === null ? 'cost unknown' : `$${cost}`
}

/** Rows as lines, their cells side by side and flush left. */
export function columns(rows: readonly (readonly string[])[]): string {
  const lengths = rows.map((row) => row.map((cell) => stripVTControlCharacters(cell).length))
  const widths = (rows[0] ?? []).map((_, column) =>
    lengths.reduce((most, row) => Math.max(most, row[column] ?? 0), 0),
  )
  const lines = rows.map((row, index) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - (lengths[index]?.[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  return lines.map((line) => `${line}\n`).join('')
}

/** `1 file`, `2 files`. */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`
}
