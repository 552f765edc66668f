/** Takes typed values out of a document that another tool wrote, JSON or YAML. */
import { type Entry, unfit } from '../go-vcr/shape.ts'
import { textOrBytes } from '../http.ts'
import type { Body, HeaderList } from '../interaction.ts'

export { type Entry, rootEntry, ShapeError, unfit } from '../go-vcr/shape.ts'

/** A plain scalar of YAML that is more than text to the program that wrote it. */
export class PlainScalar {
  /** As it stands in the file: `1.0`. */
  readonly source: string
  /** What it is in JSON. */
  readonly json: string

  constructor(source: string, json: string) {
    this.source = source
    this.json = json
  }
}

/** An object of JSON or a map of YAML. */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof PlainScalar)
  )
}

/** Whether it is a list of exchanges, each with a `request` and a `response`, that are like those of a format. */
export function isExchanges(
  list: unknown,
  isLike: (request: Fields, response: Fields, exchange: Fields) => boolean,
): boolean {
  if (!Array.isArray(list) || list.length === 0) return false
  return list.every((one: unknown) => {
    if (!isFields(one) || !isFields(one['request']) || !isFields(one['response'])) return false
    return isLike(one['request'], one['response'], one)
  })
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

/** A field of an entry; one that is absent has the value `undefined`. */
export function field(parent: Entry, step: string): Entry {
  const { value } = parent
  return { value: isFields(value) ? value[step] : undefined, parent, step }
}

/** The first of these fields that is there. */
export function fieldOf(parent: Entry, ...names: readonly [string, ...string[]]): Entry {
  const found = names.find((name) => !isAbsent(field(parent, name).value))
  return field(parent, found ?? names[0])
}

/** The fields of an entry, none when there is no value. */
export function fields(entry: Entry): readonly Entry[] {
  const { value } = entry
  if (isAbsent(value)) return []
  if (!isFields(value)) return unfit(entry, 'must be a map of names to values.')
  return Object.keys(value).map((step) => ({ value: value[step], parent: entry, step }))
}

/** The items of a list, none when there is no value. */
export function items(entry: Entry): readonly Entry[] {
  const { value } = entry
  if (isAbsent(value)) return []
  if (!Array.isArray(value)) return unfit(entry, 'must be a list.')
  return value.map((item: unknown, step) => ({ value: item, parent: entry, step }))
}

/** Bytes that are no text (a header that is not UTF-8) become a character each, as `fetch` reads headers. */
export function text(entry: Entry): string | undefined {
  const { value } = entry
  if (typeof value === 'string') return value
  if (isAbsent(value)) return undefined
  if (value instanceof PlainScalar) return value.source
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : unfit(entry, 'must be text.')
}

export function requiredText(entry: Entry): string {
  const found = text(entry)
  return found === undefined || found === ''
    ? unfit(entry, 'is missing; without it there is nothing to replay.')
    : found
}

/** A number; `undefined` for anything else, which only costs a time or a size. */
export function number(entry: Entry): number | undefined {
  const found = typeof entry.value === 'number' ? entry.value : Number(text(entry) ?? Number.NaN)
  return Number.isFinite(found) ? found : undefined
}

/** A time that can have passed; `undefined` for anything else. */
export function milliseconds(entry: Entry): number | undefined {
  const found = number(entry)
  return found === undefined || found < 0 || found > longest ? undefined : found
}

/** Some thirty years. */
const longest = 1e12

/** A status of three digits, as HTTP has them. */
export function status(entry: Entry): number {
  const code = Number(/^\s*(\d{3})(?:\s|$)/.exec(requiredText(entry))?.[1])
  return code >= 100 ? code : unfit(entry, 'must be from 100 to 999.')
}

/** A date in milliseconds since 1970, `null` where there is none. One that names no zone is UTC, wherever it is read. */
export function date(entry: Entry): number | null {
  const said = typeof entry.value === 'string' ? entry.value.trim() : ''
  const hasZone = /\D$|[-+]\d\d:?\d\d$/.test(said)
  const time = Date.parse(hasZone ? said : `${said}Z`)
  return Number.isNaN(time) ? null : time
}

/** Headers as a map of names to a value or a list of values. Elixir and PHP write an empty map as an empty list. */
export function headerMap(entry: Entry): HeaderList {
  if (Array.isArray(entry.value) && entry.value.length === 0) return []
  return fields(entry).flatMap((header) => {
    const values = Array.isArray(header.value) ? items(header) : [header]
    return values.map((value) => [String(header.step), text(value) ?? ''] as const)
  })
}

export function fromBase64(text: string): Body {
  return textOrBytes(Buffer.from(text, 'base64'))
}

/** Whether a text can be bytes in hexadecimal. */
export function isHex(text: string): boolean {
  return /^(?:[\da-f]{2})+$/i.test(text)
}

/** The JSON text of a value, its numbers as they stand in the file. */
export function jsonOf(value: unknown): string {
  if (value instanceof PlainScalar) return value.json
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`
  if (!isFields(value)) return JSON.stringify(value ?? null)
  const members = Object.keys(value).map((name) => `${JSON.stringify(name)}:${jsonOf(value[name])}`)
  return `{${members.join(',')}}`
}
