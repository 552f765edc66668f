/** Reading requests: what is not understood is refused, with the place where it stands. */
import { WireError } from './error.ts'
import { isObject, type Unread } from './json.ts'

/** Whether a field says nothing. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

/** The string. Throws a WireError for anything else. */
export function stringAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new WireError('malformed', 'a string is needed', { path })
  return value
}

/** The number. Throws a WireError for anything else. */
export function numberAt(value: unknown, path: string): number {
  if (typeof value !== 'number') throw new WireError('malformed', 'a number is needed', { path })
  return value
}

/** The boolean. Throws a WireError for anything else. */
export function booleanAt(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw new WireError('malformed', 'true or false is needed', { path })
  return value
}

/** The array. Throws a WireError for anything else. */
export function arrayAt(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new WireError('malformed', 'an array is needed', { path })
  return value
}

/** The object. Throws a WireError for anything else. */
export function objectAt(value: unknown, path: string): Unread {
  if (!isObject(value)) throw new WireError('malformed', 'an object is needed', { path })
  return value
}

/** What is not known, in a message: short, and never the whole of what was sent. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : `of type ${typeof value}`
}

/** A WireError for what is understood but cannot be carried. */
export function unsupported(message: string, path: string): WireError {
  return new WireError('unsupported', message, { path })
}
