/** Goes through a value of JSON and writes its texts and numbers anew. */
import { setOwn, sorted } from './canonical.ts'

/** What becomes of a text or a number that stands in the field `name`, or in a list in it; empty outside of any. */
export type Rewrite = (value: string | number, name: string) => string | number

/** Fields are visited by their names, those without what `mask` leaves out, so that no order of theirs matters. */
export function rewrite(value: unknown, change: Rewrite, mask: (name: string) => string = same): unknown {
  return visit(value, '')

  function visit(value: unknown, name: string): unknown {
    if (typeof value === 'string' || typeof value === 'number') return change(value, name)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((child) => visit(child, name))
    const clean: Record<string, unknown> = {}
    for (const [key, child] of inOrder(value, mask)) {
      let written = String(change(key, ''))
      // Two names that become one would lose a field.
      while (Object.hasOwn(clean, written)) written += '+'
      setOwn(clean, written, visit(child, key))
    }
    return clean
  }
}

/** Fields whose names are the same but for what varies are told apart by what they hold. */
function inOrder(object: object, mask: (name: string) => string): readonly (readonly [string, unknown])[] {
  const named = Object.entries(object).map((entry) => ({ name: mask(entry[0]), entry }))
  const content = (value: unknown): string => mask(JSON.stringify([sorted(value)]))
  return named
    .toSorted((a, b) => compare(a.name, b.name) || compare(content(a.entry[1]), content(b.entry[1])))
    .map(({ entry }) => entry)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function same(name: string): string {
  return name
}
