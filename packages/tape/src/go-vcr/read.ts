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
  type GoVcrFile,
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
export function readGoVcr(text: string, file: string): GoVcrFile {
  const root = shape.rootEntry(readYaml(text) ?? readAnyYaml(text, file))
  try {
    checkVersion(root)
    const list = shape.asList(shape.entryOf(root, 'interactions'))
    const interactions = required(list, root, 'interactions').map(readInteraction)
    return { style: styleOf(text), interactions }
  } catch (cause) {
    if (!(cause instanceof shape.ShapeError)) throw cause
    const line = lineOf(text, cause.path)
    throw new TapeError('unreadable', cause.message, { file, ...(line !== undefined && { line }), cause })
  }
}

function checkVersion(root: shape.Entry): void {
  const version = shape.integerAt(root, 'version')
  const entry = shape.entryOf(root, 'version')
  if (version === undefined) shape.unfit(entry, 'is missing: a go-vcr cassette starts with "version: 2".')
  if (version === 1) shape.unfit(entry, 'is 1, which is not supported yet; record with go-vcr v3 or later.')
  if (version !== 2) shape.unfit(entry, `is ${version}, but only go-vcr's version 2 is supported.`)
}

/** The interaction's own `id` has no meaning to go-vcr, which numbers anew whenever it saves. */
function readInteraction(entry: shape.Entry, position: number): Interaction {
  const id = shape.integerAt(entry, 'id') ?? null
  const request = readRequest(shape.entryOf(entry, 'request'), id === position ? {} : { id })
  const response = readResponse(shape.entryOf(entry, 'response'))
  return { id: position, request, response, ending: { type: 'end', at: response.duration }, startedAt: null }
}

function readRequest(entry: shape.Entry, own: FormatFields): RecordedRequest {
  const method = shape.textAt(entry, 'method') ?? ''
  const extra: ExtraFields = { ...own, ...(method === '' && { method }) }
  return {
    method: method === '' ? 'GET' : method,
    url: required(shape.textAt(entry, 'url'), entry, 'url'),
    headers: readHeaders(entry, extra),
    body: shape.bodyAt(entry, 'body'),
    extra: readExtra(entry, requestFields, extra),
  }
}

function readResponse(entry: shape.Entry): RecordedResponse {
  const code = readCode(entry)
  const status = shape.textAt(entry, 'status') ?? ''
  const hasCode = status.startsWith(`${code} `)
  const extra: ExtraFields = hasCode ? {} : { status }
  return {
    status: code,
    statusText: hasCode ? status.slice(`${code} `.length) : status.replace(/^\d+$/, ''),
    headers: readHeaders(entry, extra),
    body: shape.bodyAt(entry, 'body'),
    duration: readDuration(entry),
    chunks: null,
    extra: readExtra(entry, responseFields, extra),
  }
}

/** A status of three digits, as HTTP has them. */
function readCode(entry: shape.Entry): number {
  const code = required(shape.integerAt(entry, 'code'), entry, 'code')
  return code >= 100 && code <= 999
    ? code
    : shape.unfit(shape.entryOf(entry, 'code'), 'must be from 100 to 999.')
}

function required<Value>(value: Value | undefined, parent: shape.Entry, name: string): Value {
  return (
    value ?? shape.unfit(shape.entryOf(parent, name), 'is missing; without it there is nothing to replay.')
  )
}

/** Milliseconds. */
function readDuration(entry: shape.Entry): number {
  const text = shape.textAt(entry, 'duration')
  if (text === undefined) return 0
  const place = shape.entryOf(entry, 'duration')
  return parseDuration(text) ?? shape.unfit(place, 'must be a duration such as "1.5s" or "20ms".')
}

type ExtraFields = Record<string, unknown>

/** The headers of a message; into `extra` go all their names where one has no value. */
function readHeaders(entry: shape.Entry, extra: ExtraFields): HeaderList {
  const place = shape.entryOf(entry, 'headers')
  const list: (readonly [string, string])[] = []
  let hasEmpty = false
  for (const [key, value] of shape.asMap(place) ?? []) {
    const name = shape.asName(place, key)
    const values = shape.isTexts(value) ? value : shape.textsOf(place, name, value)
    if (values.length === 0) hasEmpty = true
    for (const one of values) list.push([name, one])
  }
  if (hasEmpty) extra['header_names'] = Array.from(shape.asMap(place)?.keys() ?? [], String)
  return list
}

const readers = {
  text: shape.asText,
  integer: shape.asInteger,
  flag: shape.asFlag,
  list: shape.asTexts,
  values: shape.asNamedValues,
} as const

/**
 * Adds the fields of a request or a response that have no place in the interaction itself, and which ones it has where
 * they are not just those that go-vcr writes for these values, in its order.
 */
function readExtra(entry: shape.Entry, fields: readonly Field[], extra: ExtraFields): FormatFields {
  const map = shape.asMap(entry) ?? new Map<unknown, unknown>()
  let hasUsual = true
  let next = 0
  for (const [name, value] of map) {
    // It is nearly always the next field, or one behind those that are left out when they are empty.
    let field = fields[next]
    while (field !== undefined && field.omitEmpty && field.name !== name) field = fields[++next]
    next += 1
    if (field?.name !== name) {
      hasUsual = false
      field = fields.find((one) => one.name === name)
    } else if (field?.omitEmpty === true && shape.isEmpty(value)) hasUsual = false
    if (field === undefined || field.type === 'interaction') continue
    const known = readField(field.type, entry, field.name, value)
    if (known !== undefined) extra[field.name] = known
  }
  while (next < fields.length && fields[next]?.omitEmpty === true) next += 1
  if (!hasUsual || next < fields.length) extra['fields'] = knownFields(map, fields)
  return extra
}

/** An entry, which knows the way to its value, is made only for what is not as usual. */
function readField(type: keyof typeof readers, parent: shape.Entry, step: string, value: unknown): unknown {
  if (type === 'text' && typeof value === 'string') return value
  return readers[type]({ value, parent, step })
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
