/** Reads objects of requests. Protobuf's JSON takes every field by two names, and one element for a list of one. */
import { WireError } from '../error.ts'
import type { Unread } from '../json.ts'
import type { JsonObject } from '../message.ts'
import { arrayAt, isAbsent, objectAt, unsupported } from '../strict.ts'

/** The object with its fields' names in camel case; those that say nothing are left out. */
export function fieldsAt(value: unknown, path: string): Unread {
  const fields = Object.entries(objectAt(value, path)).filter(([, field]) => !isAbsent(field))
  return Object.fromEntries(
    fields.map(([name, field]) => [
      name.replace(
        /([a-z0-9])_([a-z0-9])/g,
        (_, before: string, letter: string) => before + letter.toUpperCase(),
      ),
      field,
    ]),
  )
}

/** The list, or a list of the one object that stands in its place (the docs' own examples do that). */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (isAbsent(value)) return []
  return typeof value === 'object' && !Array.isArray(value) ? [value] : arrayAt(value, path)
}

/** The fields that are not among the known ones. */
export function restOf(fields: Unread, known: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !known.includes(name))) as JsonObject
}

/** Throws for a field that is not among the known ones. */
export function refuseOthers(fields: Unread, known: readonly string[], path: string): void {
  const other = Object.keys(fields).find((name) => !known.includes(name))
  if (other !== undefined) throw unsupported('unknown field', `${path}.${other.slice(0, 80)}`)
}

/** For `data`; nothing where there are no fields. */
export function asData(fields: JsonObject): { data?: { gemini: JsonObject } } {
  return Object.keys(fields).length > 0 ? { data: { gemini: fields } } : {}
}

/** The JSON of what was parsed. */
export function jsonAt(value: unknown, path: string): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new WireError('malformed', 'it is nested too deeply', { path, cause })
  }
}
