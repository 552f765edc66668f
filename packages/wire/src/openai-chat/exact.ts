/** What the canonical form leaves out of a wire object: kept, so that it goes back as it came. */
import type { Unread } from '../json.ts'
import type { JsonObject } from '../message.ts'
import { isAbsent } from '../strict.ts'

/** The fields that would be written otherwise, or not at all. A null says nothing. */
export function leftOut(
  wire: Unread,
  written: Unread,
  ignored: readonly string[] = [],
): JsonObject | undefined {
  const fields = Object.entries(wire).filter(
    ([name, value]) => !isAbsent(value) && !ignored.includes(name) && !isSame(value, written[name]),
  )
  return fields.length > 0 ? (Object.fromEntries(fields) as JsonObject) : undefined
}

/** Whether two values are the same JSON. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a, b].map((value) =>
    Object.entries(value).filter(([, inner]) => inner !== undefined),
  )
  if (left === undefined || left.length !== right?.length) return false
  const others = new Map(right)
  return left.every(([name, inner]) => others.has(name) && isSame(inner, others.get(name)))
}
