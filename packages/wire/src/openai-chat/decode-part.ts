/** Decodes the parts of a message's content, strictly. */
import { WireError } from '../error.ts'
import { isObject, objectOr, stringOr } from '../json.ts'
import {
  type AssistantPart,
  type JsonObject,
  type MediaPart,
  type ReasoningPart,
  text,
  type TextPart,
} from '../message.ts'
import { arrayAt, isAbsent, objectAt, stringAt, unsupported } from '../strict.ts'
import { decodeCache } from './decode-tool.ts'
import { encodePart } from './encode-message.ts'
import { isSame, leftOut } from './exact.ts'
import { decodeUrl } from './media.ts'
import { own, ownOf } from './own.ts'
import { reference } from './reference.ts'

export type Content = readonly (TextPart | MediaPart)[]

/** Text, or a list of parts. */
export function decodeContent(wire: unknown, path: string): Content
/** An assistant's, where only text can stand, and what it thought (Mistral's parts, and Databricks'). */
export function decodeContent(
  wire: unknown,
  path: string,
  isAssistant: true,
): readonly (TextPart | ReasoningPart)[]
export function decodeContent(wire: unknown, path: string, isAssistant = false): readonly AssistantPart[] {
  if (isAbsent(wire) || wire === '') return []
  if (typeof wire === 'string') return [text(wire)]
  if (!Array.isArray(wire)) throw new WireError('malformed', 'text or a list of parts is needed', { path })
  const parts = wire.map((part: unknown, index): AssistantPart => {
    const where = `${path}[${index}]`
    const field = isAssistant && isObject(part) ? thoughts.get(part['type']) : undefined
    if (field !== undefined)
      return { type: 'reasoning', text: thinkingAt(objectOr(part)[field], `${where}.${field}`) }
    return decodePart(part, where)
  })
  if (isAssistant)
    onlyText(
      parts.filter(({ type }) => type !== 'reasoning'),
      path,
    )
  // One text is written as the text itself, unless it has something of its own, if only this.
  const isMarked = isAssistant || parts.length === 1
  return isMarked
    ? parts.map((part) => (isTextPart(part) && !isOwn(part) ? { ...part, data: own({}) } : part))
    : parts
}

/** Parts of what was thought, and the field in which it stands. */
const thoughts: ReadonlyMap<unknown, string> = new Map([
  ['thinking', 'thinking'],
  ['reasoning', 'summary'],
])

function isOwn(part: TextPart): boolean {
  return ownOf(part) !== undefined || part.cache !== undefined
}

function isTextPart(part: AssistantPart): part is TextPart {
  return part.type === 'text'
}

/** The texts. Throws a WireError for anything else. */
export function onlyText(content: readonly AssistantPart[], path: string): TextPart[] {
  return content.map((part, index) => {
    if (part.type === 'text') return part
    throw unsupported('only text can stand here', `${path}[${index}]`)
  })
}

function thinkingAt(wire: unknown, path: string): string {
  if (typeof wire === 'string') return wire
  return arrayAt(wire, path)
    .map((part) => stringOr(objectOr(part)['text']) ?? '')
    .join('')
}

/** An image that an assistant made. */
export function decodeImage(wire: unknown, path: string): MediaPart {
  const part = decodePart(wire, path)
  if (part.type === 'media') return part
  throw unsupported('only images can stand here', path)
}

/** A part that would be written otherwise is kept as it came, and of a text what is not its text. */
function decodePart(wire: unknown, path: string): TextPart | MediaPart {
  const part = objectOr(wire)
  const type = stringOr(part['type']) ?? ''
  const decode = partDecoders.get(type)
  if (decode === undefined) throw unsupported(`unknown part "${type}"`, `${path}.type`)
  const decoded = { ...decode(part[type], `${path}.${type}`), ...decodeCache(part) }
  const written = encodePart(decoded, path, reference)
  if (type === 'text') {
    const more = leftOut(part, written)
    return more === undefined ? decoded : { ...decoded, data: own(more) }
  }
  return isSame(part, written) ? decoded : { ...decoded, data: own(part as JsonObject) }
}

/** By part type; what a part says stands in a field of the same name. */
const partDecoders = new Map<string, (field: unknown, path: string) => TextPart | MediaPart>([
  ['text', (field, path) => text(stringAt(field, path))],
  ['refusal', (field, path) => text(stringAt(field, path))],
  ['image_url', decodeImageUrl],
  ['video_url', (field, path) => decodeUrl(urlAt(field, path), 'video/*')],
  ['document_url', (field, path) => decodeUrl(urlAt(field, path), 'application/pdf')],
  // Perplexity's.
  ['file_url', (field, path) => decodeUrl(urlAt(field, path), 'application/octet-stream')],
  // Mistral's: how to think, said by the system, and what in the answer is quoted, which has no words of its own.
  ['thinking', (field, path) => text(thinkingAt(field, path))],
  ['reference', () => text('')],
  ['input_audio', decodeAudio],
  ['file', decodeFile],
])

function urlAt(field: unknown, path: string): string {
  return isObject(field) ? stringAt(field['url'], `${path}.url`) : stringAt(field, path)
}

function decodeImageUrl(field: unknown, path: string): MediaPart {
  const detail = stringOr(objectOr(field)['detail'])
  return { ...decodeUrl(urlAt(field, path), 'image/*'), ...(detail !== null && { detail }) }
}

/** Audio is base64 with a format (OpenAI), or the base64 alone, or a URL (Mistral). */
function decodeAudio(field: unknown, path: string): MediaPart {
  const data = isObject(field) ? stringAt(field['data'], `${path}.data`) : stringAt(field, path)
  if (/^(https?|data):/.test(data)) return decodeUrl(data, 'audio/*')
  const format = stringOr(objectOr(field)['format']) ?? '*'
  const mediaType = `audio/${format === 'mp3' ? 'mpeg' : format}`
  return { type: 'media', mediaType, source: { type: 'base64', base64: data } }
}

/** A file itself, or the name under which the provider keeps it. */
function decodeFile(field: unknown, path: string): MediaPart {
  const { file_id: id, filename, file_data } = objectAt(field, path)
  const name = stringOr(filename)
  const media = isAbsent(id)
    ? decodeUrl(stringAt(file_data, `${path}.file_data`), 'application/octet-stream')
    : ({
        type: 'media',
        mediaType: '',
        source: { type: 'file', id: stringAt(id, `${path}.file_id`) },
      } as const)
  return { ...media, ...(name !== null && { name }) }
}
