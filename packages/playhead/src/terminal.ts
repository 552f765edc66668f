/** Text for a terminal: colour where it has it (`NO_COLOR` and `FORCE_COLOR` are honoured), plain where not. */
import { styleText } from 'node:util'
import type { Cost, Usage } from '@playhead/wire'

type Style = Parameters<typeof styleText>[0]

export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

export function dim(text: string): string {
  return styled('dim', text)
}

export function bold(text: string): string {
  return styled('bold', text)
}

/** Without control characters but tab and line feed: a model must not steer the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  return text.replaceAll('\r\n', '\n').replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\u{fffd}')
}

/** On one line, cut to so many characters. */
export function excerpt(text: string, length: number): string {
  const line = printable(text).replaceAll(/\s*\n\s*/g, ' ⏎ ')
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
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
