/** Reads the lines of a native tape. Throws a LineError for what is not as the format says; what is absent has a default. */
import { isUtf8 } from 'node:buffer'
import type { YamlStyle } from '../go-vcr/format.ts'
import type { Ending, FormatFields, HeaderList, RecordedHead } from '../interaction.ts'
import {
  endingTypes,
  type LikeBody,
  type StoredBody,
  type StoredPiece,
  type StoredRequest,
  type TapeHeader,
  tapeVersion,
} from './format.ts'

/** What is wrong with a line; whoever reads the file knows where it stands. */
export class LineError extends Error {
  override readonly name = 'LineError'
}

/** A line's fields. */
export type Fields = Readonly<Record<string, unknown>>

/** Parses a line. */
export function fieldsOf(bytes: Buffer): Fields {
  if (!isUtf8(bytes)) throw new LineError('it is not UTF-8 text')
  const fields = parsed(bytes.toString())
  if (isFields(fields)) return fields
  throw new LineError('it is not a JSON object')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function decodeHeader(fields: Fields): TapeHeader {
  const version = fields['version']
  if (typeof version !== 'number') throw new LineError('its version is missing')
  if (version > tapeVersion)
    throw new LineError(
      `its format is version ${version}, and this program reads up to ${tapeVersion}: update it`,
    )
  const normalise = fields['normalise'] ?? []
  if (!isTexts(normalise)) throw new LineError('its "normalise" is not a list of names')
  const header = {
    recordedAt: dateOf(fields['recordedAt']),
    matcher: textField(fields, 'matcher', ''),
    normalise,
    parent: parentOf(fields['parent'] ?? null),
  }
  const yaml = fields['yaml']
  return isYamlStyle(yaml) ? { ...header, yaml } : header
}

function parentOf(value: unknown): TapeHeader['parent'] {
  if (value === null) return null
  if (isFields(value) && typeof value['file'] === 'string' && typeof value['at'] === 'number')
    return { file: value['file'], at: value['at'] }
  throw new LineError('its "parent" is not a file and a number')
}

function isYamlStyle(value: unknown): value is YamlStyle {
  if (!isFields(value) || typeof value['compact'] !== 'boolean') return false
  const { library, indent } = value
  return (library === 'go-yaml' || library === 'goccy') && (indent === 2 || indent === 4)
}

export function decodeRequest(fields: Fields): StoredRequest {
  return {
    startedAt: dateOf(fields['at']),
    method: textField(fields, 'method'),
    url: textField(fields, 'url'),
    headers: headersOf(fields),
    body: storedBodyOf(fields['body'] ?? ''),
    extra: extraOf(fields),
  }
}

function storedBodyOf(value: unknown): StoredBody {
  if (typeof value === 'string') return value
  if (isFields(value)) {
    if (typeof value['base64'] === 'string') return { base64: value['base64'] }
    const { like, start, text, end } = value
    if (isCount(like) && isCount(start) && isCount(end) && typeof text === 'string')
      return { like, start, text, end }
  }
  throw new LineError('its "body" is neither a text nor bytes nor like another')
}

/** A body that is like another, from that one. */
export function restored(base: string, { like, start, text, end }: LikeBody): string {
  if (start + end > base.length)
    throw new LineError(`its body takes more of request ${like}'s than that one has`)
  return base.slice(0, start) + text + base.slice(base.length - end)
}

export function decodeHead(fields: Fields): RecordedHead & { readonly extra?: FormatFields } {
  const status = fields['status']
  if (!isCount(status)) throw new LineError('its "status" is not a whole number')
  const extra = extraOf(fields)
  return {
    status,
    statusText: textField(fields, 'statusText', ''),
    headers: headersOf(fields),
    duration: timeField(fields),
    ...(extra && { extra }),
  }
}

export function decodePiece(fields: Fields): StoredPiece {
  const at = fields['type'] === 'body' ? null : timeField(fields)
  const { text, base64, before, after } = fields
  if (typeof base64 === 'string') return { at, data: bytesOfBase64(base64) }
  if (typeof text !== 'string') throw new LineError('it has neither a "text" nor "base64"')
  if (before === undefined && after === undefined) return { at, data: text }
  const sides = [before ?? '', after ?? '']
  if (!isTexts(sides)) throw new LineError('its "before" or "after" is not base64')
  const [left = '', right = ''] = sides
  const data = Buffer.concat([Buffer.from(left, 'base64'), Buffer.from(text), Buffer.from(right, 'base64')])
  return { at, data: Uint8Array.from(data) }
}

/** Bytes in memory of their own. */
export function bytesOfBase64(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'))
}

/** What the last line of an exchange says of its end. */
export function decodeEnding(fields: Fields): Ending {
  const at = timeField(fields)
  const { type } = fields
  if (type === 'end') return { type, at }
  if (type === 'abort') return { type, at, reason: textField(fields, 'reason', '') }
  if (type !== 'error') return { type: 'unfinished', at }
  const code = fields['code'] ?? null
  if (code !== null && typeof code !== 'string') throw new LineError('its "code" is not a text')
  return { type, at, code, message: textField(fields, 'message', '') }
}

/** The bytes of the body as an ending counts them; undefined where it does not. */
export function countedBytes(fields: Fields): number | undefined {
  const { type, bytes } = fields
  return typeof type === 'string' && endingTypes.has(type) && isCount(bytes) ? bytes : undefined
}

function textField(fields: Fields, name: string, absent?: string): string {
  const value = fields[name] ?? absent
  if (typeof value === 'string') return value
  throw new LineError(`its "${name}" is ${value === undefined ? 'missing' : 'not a text'}`)
}

function timeField(fields: Fields): number {
  // A request's own time is a date.
  if (fields['type'] === 'request') return 0
  const at = fields['at'] ?? 0
  if (typeof at === 'number' && Number.isFinite(at)) return at
  throw new LineError('its "at" is not a number')
}

function dateOf(value: unknown): number | null {
  const date = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? null : date
}

function headersOf(fields: Fields): HeaderList {
  const headers = fields['headers'] ?? []
  if (Array.isArray(headers) && headers.every(isPair)) return headers
  throw new LineError('its "headers" are not a list of names and values')
}

function isPair(value: unknown): value is readonly [string, string] {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'string'
  )
}

function extraOf(fields: Fields): FormatFields | undefined {
  const extra = fields['extra']
  if (extra === undefined || isFields(extra)) return extra
  throw new LineError('its "extra" is not an object')
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
