/** Reads a go-vcr 2 cassette. */

import { TapeError } from '../error.ts'
import type {
  FormatFields,
  HeaderList,
  Interaction,
  RecordedRequest,
  RecordedResponse,
} from '../interaction.ts'
import { readDoubleQuoted } from './double-quoted.ts'
import { parseDuration } from './duration.ts'
import {
  type Cassette,
  type Field,
  requestFields,
  responseFields,
  type YamlStyle,
  yamlV4Style,
} from './format.ts'
import { lineOf, readAnyYaml } from './read-any-yaml.ts'
import { readYaml } from './read-yaml.ts'
import { needsDoubleQuotes } from './scalar.ts'
import * as shape from './shape.ts'

/**
 * Reads the text of a cassette file; `file` is its path, for errors. As in Go, a scalar is text until
 * its field says what it is, fields that go-vcr does not know are ignored, and a missing field is its
 * zero value, except the list of interactions and what makes one: the request's url and the response's code.
 * Throws a `TapeError` with the code `unreadable` and the line at fault.
 */
export function readGoVcr(text: string, file: string): Cassette {
  const root = shape.rootEntry(readYaml(text) ?? readAnyYaml(text, file))
  try {
    checkVersion(shape.entryOf(root, 'version'))
    const interactions = required(shape.asList, shape.entryOf(root, 'interactions')).map(readInteraction)
    return { style: styleOf(text), interactions }
  } catch (cause) {
    if (!(cause instanceof shape.ShapeError)) throw cause
    const line = lineOf(text, cause.path)
    throw new TapeError('unreadable', cause.message, { file, ...(line !== undefined && { line }), cause })
  }
}

function checkVersion(entry: shape.Entry): void {
  const version = shape.asInteger(entry)
  if (version === undefined) shape.unfit(entry, 'is missing: a go-vcr cassette starts with "version: 2".')
  if (version === 1) shape.unfit(entry, 'is 1, which is not supported yet; record with go-vcr v3 or later.')
  if (version !== 2) shape.unfit(entry, `is ${version}, but only go-vcr's version 2 is supported.`)
}

/** The interaction's own `id` has no meaning to go-vcr, which numbers anew whenever it saves. */
function readInteraction(entry: shape.Entry, position: number): Interaction {
  const id = shape.asInteger(shape.entryOf(entry, 'id')) ?? null
  const request = readRequest(shape.entryOf(entry, 'request'))
  const response = readResponse(shape.entryOf(entry, 'response'))
  if (id === position) return { id, request, response }
  return { id: position, request: { ...request, extra: { ...request.extra, id } }, response }
}

function readRequest(entry: shape.Entry): RecordedRequest {
  const method = shape.asText(shape.entryOf(entry, 'method')) ?? ''
  const headers = readHeaders(shape.entryOf(entry, 'headers'))
  return {
    method: method === '' ? 'GET' : method,
    url: required(shape.asText, shape.entryOf(entry, 'url')),
    headers: headers.list,
    body: shape.asBody(shape.entryOf(entry, 'body')),
    extra: readExtra(entry, requestFields, method === '' ? { method, ...headers.extra } : headers.extra),
  }
}

function readResponse(entry: shape.Entry): RecordedResponse {
  const code = required(asCode, shape.entryOf(entry, 'code'))
  const status = shape.asText(shape.entryOf(entry, 'status')) ?? ''
  const hasCode = status.startsWith(`${code} `)
  const headers = readHeaders(shape.entryOf(entry, 'headers'))
  return {
    status: code,
    statusText: hasCode ? status.slice(`${code} `.length) : status.replace(/^\d+$/, ''),
    headers: headers.list,
    body: shape.asBody(shape.entryOf(entry, 'body')),
    duration: readDuration(shape.entryOf(entry, 'duration')),
    extra: readExtra(entry, responseFields, hasCode ? headers.extra : { status, ...headers.extra }),
  }
}

/** A status of three digits, as HTTP has them. */
function asCode(entry: shape.Entry): number | undefined {
  const code = shape.asInteger(entry)
  return code === undefined || (code >= 100 && code <= 999)
    ? code
    : shape.unfit(entry, 'must be from 100 to 999.')
}

function required<Value>(read: (entry: shape.Entry) => Value | undefined, entry: shape.Entry): Value {
  return read(entry) ?? shape.unfit(entry, 'is missing; without it there is nothing to replay.')
}

/** Milliseconds. */
function readDuration(entry: shape.Entry): number {
  const text = shape.asText(entry)
  if (text === undefined) return 0
  return parseDuration(text) ?? shape.unfit(entry, 'must be a duration such as "1.5s" or "20ms".')
}

interface Headers {
  readonly list: HeaderList
  readonly extra: FormatFields
}

function readHeaders(entry: shape.Entry): Headers {
  const headers = shape.asNamedValues(entry) ?? []
  const list: (readonly [string, string])[] = []
  for (const [name, values] of headers) for (const value of values) list.push([name, value])
  const hasEmpty = headers.some(([, values]) => values.length === 0)
  return { list, extra: hasEmpty ? { header_names: headers.map(([name]) => name) } : {} }
}

const readers = {
  text: shape.asText,
  integer: shape.asInteger,
  flag: shape.asFlag,
  list: shape.asTexts,
  values: shape.asNamedValues,
} as const

/** The fields of a request or a response that have no place in the interaction itself, and `more`. */
function readExtra(entry: shape.Entry, fields: readonly Field[], more: FormatFields): FormatFields {
  const extra: Record<string, unknown> = { ...more }
  const map = shape.asMap(entry) ?? new Map<unknown, unknown>()
  for (const { name, type } of fields) {
    if (type === 'interaction' || !map.has(name)) continue
    const value = readers[type](shape.entryOf(entry, name))
    if (value !== undefined) extra[name] = value
  }
  if (!hasUsualFields(map, fields)) extra['fields'] = knownFields(map, fields)
  return extra
}

/** Whether the fields are just those that go-vcr writes for these values, in its order. */
function hasUsualFields(map: ReadonlyMap<unknown, unknown>, fields: readonly Field[]): boolean {
  const keys = map.keys()
  for (const { name, omitEmpty } of fields) {
    const isUsual = !omitEmpty || !shape.isEmpty(map.get(name))
    if (isUsual && keys.next().value !== name) return false
  }
  return keys.next().done === true
}

function knownFields(map: ReadonlyMap<unknown, unknown>, fields: readonly Field[]): readonly string[] {
  const names = new Set(fields.map(({ name }) => name))
  return Array.from(map.keys(), String).filter((key) => names.has(key))
}

const firstDash = /^( *)- \w+:/m
const firstOfRequest = /^ *(?:- )?request:\n( +)/m

/** Told by the columns of the first interaction's dash and of its request's first field. */
function styleOf(text: string): YamlStyle {
  const dash = firstDash.exec(text)?.[1]?.length
  const field = firstOfRequest.exec(text)?.[1]?.length
  if (dash === undefined || field === undefined) return yamlV4Style
  const indent = field >= 8 ? 4 : 2
  const compact = dash === indent - 2
  return { library: indent === 2 && compact && isFromGoccy(text) ? 'goccy' : 'go-yaml', indent, compact }
}

const narrowBody = '\n    body: '

/**
 * Told by the first body that the two libraries quote differently: goccy/go-yaml knows double quotes
 * only, and go-yaml takes them only where nothing else will do.
 */
function isFromGoccy(text: string): boolean {
  for (let at = text.indexOf(narrowBody); at !== -1; at = text.indexOf(narrowBody, at + 1)) {
    const start = at + narrowBody.length
    if (text[start] === "'") return false
    const body =
      text[start] === '"' ? readDoubleQuoted(text.slice(start, text.indexOf('\n', start))) : undefined
    if (body !== undefined && !needsDoubleQuotes(body)) return true
  }
  return false
}
