/** Decodes the parts of a request's contents, strictly. https://ai.google.dev/api/caching#Part */
import { WireError } from '../error.ts'
import { isObject, type Unread } from '../json.ts'
import type { Json, JsonObject, MediaPart, TextPart } from '../message.ts'
import { text } from '../message.ts'
import { isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { asData, fieldsAt, jsonAt, listAt, refuseOthers } from './fields.ts'
import { providerParts } from './provider-parts.ts'

/** One part: what it is, and what stands beside that. */
export interface WirePart {
  readonly field: string
  readonly value: unknown
  /** The signature, how a film is cut, …: goes to the part's `data`. */
  readonly rest: JsonObject
  readonly path: string
}

const fields = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', ...providerParts.keys()]

const besides = [
  'thought',
  'thoughtSignature',
  'videoMetadata',
  'mediaResolution',
  'partMetadata',
  'mediaProcessing',
  'audioTranscription',
]

/** Finds out what a part is. A signature alone is one of an empty text. */
export function readPart(wire: unknown, path: string): WirePart {
  const part = fieldsAt(wire, path)
  const [field, second] = fields.filter((name) => name in part)
  if (second !== undefined)
    throw new WireError('malformed', 'a part is one thing only', { path: `${path}.${second}` })
  refuseOthers(part, [...fields, ...besides], path)
  const { [field ?? 'text']: value = '', ...rest } = part
  if (field === undefined && rest['thoughtSignature'] === undefined && rest['thought'] === undefined)
    throw unsupported('a part without content', path)
  return { field: field ?? 'text', value, rest: rest as JsonObject, path }
}

/** Text, in whatever message. An empty one is marked as having been written by whoever speaks this dialect. */
export function decodeText({ value, rest, path }: WirePart): TextPart {
  const decoded = text(stringAt(value, `${path}.text`))
  return decoded.text === '' ? { ...decoded, data: { gemini: rest } } : { ...decoded, ...asData(rest) }
}

/** Bytes, or a file by its URL. Null for a part that is neither. */
export function decodeMedia({ field, value, rest, path }: WirePart): MediaPart | null {
  if (field !== 'inlineData' && field !== 'fileData') return null
  const where = `${path}.${field}`
  const media = fieldsAt(value, where)
  const isFile = field === 'fileData'
  refuseOthers(media, ['mimeType', 'displayName', isFile ? 'fileUri' : 'data'], where)
  const mediaType = isAbsent(media['mimeType']) ? null : stringAt(media['mimeType'], `${where}.mimeType`)
  const name = isAbsent(media['displayName']) ? null : stringAt(media['displayName'], `${where}.displayName`)
  const kept = {
    ...rest,
    ...(mediaType === null && { mimeType: null }),
    ...(name !== null && { displayName: name }),
  }
  return {
    type: 'media',
    mediaType: mediaType ?? '',
    source: isFile
      ? { type: 'url', url: stringAt(media['fileUri'], `${where}.fileUri`) }
      : { type: 'base64', base64: stringAt(media['data'], `${where}.data`) },
    ...(name !== null && { name }),
    ...asData(kept),
  }
}

/** What a function gave back, as its response says it. */
export interface FunctionOutput {
  readonly output: readonly (TextPart | MediaPart)[]
  readonly isError: boolean
  /** To be written again: the response, unless the output says it all. */
  readonly kept: JsonObject
}

/** Under which name the output stands: Google's own two, and what frameworks write. */
const outputNames = new Set(['output', 'error', 'result', 'content', 'response', 'return_value'])

/** Decodes `response`, which is any object, and the media beside it. */
export function decodeOutput(response: unknown, parts: unknown, path: string): FunctionOutput {
  const where = `${path}.response`
  const wire = isAbsent(response) ? {} : objectAt(response, where)
  const names = Object.keys(wire).filter((name) => name !== 'name')
  const [name] = names
  const isNamed = name !== undefined && names.length === 1 && outputNames.has(name)
  const value = isNamed ? wire[name] : wire
  const media = listAt(parts, `${path}.parts`).map((part, index) =>
    decodeResponsePart(part, `${path}.parts[${index}]`),
  )
  const isPlain =
    typeof value === 'string' && Object.keys(wire).length === 1 && (name === 'output' || name === 'error')
  return {
    output: [...textsOf(value, where), ...media],
    isError: isNamed && name === 'error',
    kept: isPlain && media.length === 0 ? {} : { response: wire as JsonObject },
  }
}

/** Text, a list of texts (MCP), or JSON. */
function textsOf(value: unknown, path: string): TextPart[] {
  if (typeof value === 'string') return [text(value)]
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  const isTexts = list.length > 0 && list.every(isText)
  return isTexts ? list.filter(isText).map((each) => text(each.text)) : [text(jsonAt(value, path))]
}

function isText(value: unknown): value is Unread & { readonly text: string } {
  return isObject(value) && typeof value['text'] === 'string' && (value['type'] ?? 'text') === 'text'
}

function decodeResponsePart(wire: unknown, path: string): MediaPart {
  const media = decodeMedia(readPart(wire, path))
  if (media === null) throw unsupported('only media can stand here', path)
  return media
}

/** Throws for a part that cannot stand where it does. */
export function misplaced({ field, path }: WirePart): WireError {
  return unsupported(`${shown(field)} cannot stand here`, `${path}.${field}`)
}

/** The object of a part, as JSON that can be written again. */
export function objectOf({ field, value, path }: WirePart): Unread & { readonly [key: string]: Json } {
  const wire = objectAt(value, `${path}.${field}`)
  jsonAt(wire, `${path}.${field}`)
  return wire as JsonObject
}
