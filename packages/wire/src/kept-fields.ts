/** Fields without a canonical form: kept under the dialect's name with what they belong to, and written back. */
import { WireError } from './error.ts'
import type { Unread } from './json.ts'
import type { JsonObject, ProviderData } from './message.ts'
import type { DialectName } from './dialect-name.ts'

/** The `data` that keeps fields; nothing where there are none. */
export function keep(dialect: DialectName, fields: Unread): { readonly data?: ProviderData } {
  return Object.keys(fields).length > 0 ? { data: { [dialect]: fields as JsonObject } } : {}
}

/** Keeps fields of an answer, where they can be written again. */
export function keepShallow(dialect: DialectName, fields: Unread): { readonly data?: ProviderData } {
  return isShallow(fields) ? keep(dialect, fields) : {}
}

/** The fields that were kept. */
export function kept(dialect: DialectName, owner: { readonly data?: ProviderData }): JsonObject {
  return owner.data?.[dialect] ?? {}
}

/** An object's fields without some; a field named `__proto__` stays one. */
export function without(wire: Unread, names: readonly string[]): Unread {
  return Object.fromEntries(Object.entries(wire).filter(([name]) => !names.includes(name)))
}

/** Whether JSON can be written again: what is nested more than a few hundred levels deep overflows the stack. */
export function isShallow(value: unknown, levels = 300): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  for (const inner of Object.values(value)) if (!isShallow(inner, levels - 1)) return false
  return true
}

/** JSON that was parsed, as text. Throws a WireError for what is nested too deeply to be written. */
export function textAt(value: unknown, path: string): string {
  if (isShallow(value)) return JSON.stringify(value)
  throw new WireError('unsupported', 'this is nested too deeply', { path })
}

/** Writes a request's body; fields that are undefined are left out. */
export function writeRequest(body: Unread): string {
  try {
    return JSON.stringify(body)
  } catch (cause) {
    throw new WireError('unsupported', 'the request is nested too deeply', { path: '', cause })
  }
}
