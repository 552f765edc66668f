/** The gateway's log on standard error: JSON lines for programs, short lines for people. */
import { jsonLog } from '@playhead/gateway/admin'
import { printable } from '../print.ts'

/** Secrets are taken out on the way to either. */
export const writeLog = jsonLog((lines) => {
  process.stderr.write(process.stderr.isTTY ? lines.trimEnd().split('\n').map(shortLine).join('') : lines)
})

/** `08:30:01 warn generation outcome=failed status=429`, of a line of JSON. */
export function shortLine(line: string): string {
  const { time, level, event, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>
  const told = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${plainOf(value)}`)
  const words = [String(time).slice(11, 19), ...(level === 'info' ? [] : [level]), event, ...told]
  return `${printable(words.join(' ')).replaceAll('\n', ' ')}\n`
}

function plainOf(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)
}
