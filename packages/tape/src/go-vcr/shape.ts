/** Takes typed values out of a YAML document that anyone may have written. */

import type { Body } from '../interaction.ts'
import type { NamedValues } from './format.ts'
import type { Path } from './read-any-yaml.ts'

/** A value of the document and the way to it. */
export interface Entry {
  readonly value: unknown
  readonly parent: Entry | undefined
  /** Its key or its position in the parent. */
  readonly step: string | number
}

/** A value that is not what its field holds; the message names the value by its path. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
  readonly path: Path

  constructor(path: Path, message: string) {
    super(message)
    this.path = path
  }
}

export function rootEntry(value: unknown): Entry {
  return { value, parent: undefined, step: '' }
}

export function entryOf(parent: Entry, name: string): Entry {
  return { value: asMap(parent)?.get(name), parent, step: name }
}

/** Refuses a value: `complaint` follows its path in the message. */
export function unfit(entry: Entry, complaint: string): never {
  const path: (string | number)[] = []
  for (let at: Entry = entry; at.parent !== undefined; at = at.parent) path.unshift(at.step)
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
  const name = path.length === 0 ? 'the document' : steps.join('').replace(/^\./, '')
  throw new ShapeError(path, `${name} ${complaint}`)
}

/** The map, `undefined` when there is no value. Its keys may be anything. */
export function asMap(entry: Entry): ReadonlyMap<unknown, unknown> | undefined {
  if (isAbsent(entry.value)) return undefined
  return entry.value instanceof Map ? entry.value : unfit(entry, 'must be a map of names to values.')
}

/** The items of a list, `undefined` when there is no value. */
export function asList(entry: Entry): readonly Entry[] | undefined {
  if (isAbsent(entry.value)) return undefined
  if (!Array.isArray(entry.value)) return unfit(entry, 'must be a list.')
  return entry.value.map((value: unknown, step) => ({ value, parent: entry, step }))
}

/** The value of a field. An entry, which knows the way to it, is made only for what is not as usual. */
function valueAt(parent: Entry, name: string): unknown {
  return asMap(parent)?.get(name)
}

export function textAt(parent: Entry, name: string): string | undefined {
  const value = valueAt(parent, name)
  return typeof value === 'string' ? value : asText({ value, parent, step: name })
}

export function integerAt(parent: Entry, name: string): number | undefined {
  return asInteger(entryOf(parent, name))
}

/** A body: bytes only when they are no valid UTF-8. */
export function bodyAt(parent: Entry, name: string): Body {
  const value = valueAt(parent, name)
  if (!(value instanceof Uint8Array)) return textAt(parent, name) ?? ''
  try {
    return utf8.decode(value)
  } catch {
    return value
  }
}

/** Bytes that are no text (a header that is not UTF-8) become a character each, as `fetch` reads headers. */
export function asText(entry: Entry): string | undefined {
  const { value } = entry
  if (typeof value === 'string') return value
  if (isAbsent(value)) return undefined
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : unfit(entry, 'must be text.')
}

const integer = /^[-+]?\d{1,15}$/

/** A whole number, written in decimal. */
export function asInteger(entry: Entry): number | undefined {
  const text = asText(entry)
  if (text === undefined) return undefined
  return integer.test(text) ? Number(text) : unfit(entry, 'must be a whole number.')
}

export function asFlag(entry: Entry): boolean | undefined {
  const text = asText(entry)
  if (text === undefined) return undefined
  return text === 'true' || text === 'false' ? text === 'true' : unfit(entry, 'must be true or false.')
}

export function asTexts(entry: Entry): readonly string[] | undefined {
  const { value } = entry
  if (isTexts(value)) return value
  return asList(entry)?.map((item) => asText(item) ?? '')
}

/** Names and their values, as Go's `http.Header` and `url.Values` are written. */
export function asNamedValues(entry: Entry): readonly NamedValues[] | undefined {
  const map = asMap(entry)
  return map && Array.from(map, ([key, value]) => [asName(entry, key), textsOf(entry, String(key), value)])
}

export function asName(parent: Entry, key: unknown): string {
  if (typeof key === 'string') return key
  return unfit({ value: key, parent, step: String(key) }, 'must have text for a name.')
}

export function textsOf(parent: Entry, step: string, value: unknown): readonly string[] {
  return asTexts({ value, parent, step }) ?? []
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Whether go-vcr would leave the value out where it omits what is empty. */
export function isEmpty(value: unknown): boolean {
  if (value instanceof Map) return value.size === 0
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0
  return isAbsent(value) || value === '' || value === false || value === 'false'
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

/** Whether it is a list of texts and nothing else. */
export function isTexts(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false
  for (const item of value) if (typeof item !== 'string') return false
  return true
}
