/** What became of a value, in a line for people. */
import { isObject } from './json.ts'

const longest = 60
/** What stays the same and is shown before a difference. */
const shownBefore = 20

/** `5 → 6`; long ones are cut to where they begin to differ. */
export function change(before: unknown, after: unknown, show: (value: unknown) => string = shown): string {
  const [left, right] = [show(before), show(after)]
  let same = 0
  while (same < left.length && left[same] === right[same]) same += 1
  const start = Math.max(0, same - shownBefore)
  return `${cut(left, start)} → ${cut(right, start)}`
}

/** The start of a text. */
export function excerpt(text: string): string {
  return cut(text, 0)
}

/** A name as it may stand in a line. */
export function word(name: string): string {
  return `\`${excerpt(JSON.stringify(name).slice(1, -1))}\``
}

/** Every place where two values of JSON differ, each with its path below `path`. */
export function fieldChanges(path: string, before: unknown, after: unknown): string[] {
  if (before === after) return []
  const isPair = isObject(before) ? isObject(after) : Array.isArray(before) && Array.isArray(after)
  if (!isPair) return [`${path}: ${change(before, after)}`]
  const [old, now] = [Object.entries(before ?? {}), Object.entries(after ?? {})]
  const [left, right] = [new Map<string, unknown>(old), new Map<string, unknown>(now)]
  return [...new Map([...old, ...now]).keys()].flatMap((key) =>
    fieldChanges(Array.isArray(after) ? `${path}[${key}]` : joined(path, key), left.get(key), right.get(key)),
  )
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** A word or a number stands for itself; anything else is JSON. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string' && /^[\w.:/+-]+$/.test(value) && value !== 'nothing') return value
  return JSON.stringify(value)
}

function cut(text: string, start: number): string {
  if (text.length <= longest) return text
  const end = start + longest
  return `${start > 0 ? '…' : ''}${text.slice(start, end).toWellFormed()}${end < text.length ? '…' : ''}`
}
