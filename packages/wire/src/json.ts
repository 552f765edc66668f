/** Reading untrusted JSON: every look at a field says what it expects. */

/** JSON whose fields have not been looked at. */
export type Unread = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Unread {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object, or an empty one for anything else. */
export function objectOr(value: unknown): Unread {
  return isObject(value) ? value : {}
}

/** The array, or an empty one for anything else. */
export function arrayOr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : none
}

/** The objects of an array; none for anything else. */
export function objectsOr(value: unknown): readonly Unread[] {
  return Array.isArray(value) ? value.filter(isObject) : none
}

const none: readonly never[] = []

/** The string, or null for anything else and for an empty one. */
export function stringOr(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The first of an object's fields that is a string and not empty; null where none is. */
export function stringIn(wire: Unread, ...fields: readonly string[]): string | null {
  for (const field of fields) {
    const value = stringOr(wire[field])
    if (value !== null) return value
  }
  return null
}

/** A count of tokens; 0 for anything else. */
export function countOr(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

/** Parses JSON; undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Writes JSON that was parsed. What is nested too deeply to be written is named, in words that are no JSON. */
export function stringifyJson(parsed: unknown): string {
  try {
    return JSON.stringify(parsed)
  } catch {
    return '<nested too deeply>'
  }
}
