/** Encodes parts of messages. https://ai.google.dev/api/caching#Part */
import { WireError } from '../error.ts'
import { isObject } from '../json.ts'
import type {
  AssistantPart,
  Json,
  JsonObject,
  MediaPart,
  ProviderData,
  ReasoningPart,
  TextPart,
  ToolCall,
} from '../message.ts'

/** Parts of an answer; null for those that only another dialect understands. */
export function encodeAnswerPart(part: AssistantPart): JsonObject | null {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'reasoning':
      return encodeReasoning(part)
    case 'tool-call':
      return encodeToolCall(part)
    case 'media':
      return encodeAnyMedia(part, true)
    case 'provider-call':
      return encodeProviderPart(part.input, part.data)
    case 'provider-result':
      return encodeProviderPart(part.output, part.data)
  }
}

export function encodeText({ text, data }: TextPart): JsonObject {
  return { text, ...present(dataOf(data)) }
}

/** Thoughts may be shown to the model again; what another provider encrypted may not. */
function encodeReasoning({ text, data }: ReasoningPart): JsonObject | null {
  const said = dataOf(data)
  if (text === '' && said === undefined) return null
  return { thought: true, ...(text !== '' && { text }), ...present(said) }
}

/** `args` is an object: input that is none, or no JSON at all, is put into one. */
export function encodeToolCall({ id, name, input, inputText, data }: ToolCall): JsonObject {
  const said = dataOf(data)
  const args = isObject(input) ? (input as JsonObject) : { input: inputText }
  return { functionCall: { ...(said?.['id'] !== null && { id }), name, args }, ...present(said) }
}

/** The field in which it stood is known only for parts of this dialect. */
function encodeProviderPart(wire: Json, data: ProviderData | undefined): JsonObject | null {
  const { field, ...said } = dataOf(data) ?? {}
  return typeof field === 'string' ? { [field]: wire, ...present(said) } : null
}

/** Media of a request. Throws a WireError for what Gemini does not take. */
export function encodeMedia(part: MediaPart, path: string, isVertex: boolean): JsonObject {
  const encoded = encodeAnyMedia(part, isVertex)
  if (encoded === null)
    throw new WireError('unsupported', 'a file of another provider cannot be sent', { path })
  const isUntyped =
    part.source.type !== 'url' && mediaTypeOf(part) === null && dataOf(part.data) === undefined
  if (isUntyped)
    throw new WireError('unsupported', 'the media type must be known', { path: `${path}.mediaType` })
  return encoded
}

/** Bytes, or the URL of a file: Google's own, a bucket's, YouTube's, or any on the web. Null for another's file. */
function encodeAnyMedia(part: MediaPart, isVertex: boolean): JsonObject | null {
  const { displayName, mimeType, ...said } = dataOf(part.data) ?? {}
  const { source, name } = part
  if (source.type === 'file') return null
  const known = mimeType === null ? null : mediaTypeOf(part)
  const type = known !== null && { mimeType: known }
  // AI Studio refuses a name.
  const shown = displayName ?? (isVertex ? name : undefined)
  const named = shown !== undefined && { displayName: shown }
  if (source.type === 'url') return { fileData: { ...type, fileUri: source.url, ...named }, ...present(said) }
  const data = source.type === 'base64' ? source.base64 : base64Of(source.text)
  return { inlineData: { ...type, data, ...named }, ...present(said) }
}

/** A kind alone (`image/*`) is guessed from the name; null when that says nothing either. */
function mediaTypeOf({ mediaType, source, name }: MediaPart): string | null {
  if (mediaType !== '' && !mediaType.endsWith('/*')) return mediaType
  if (source.type === 'text') return 'text/plain'
  const file = source.type === 'url' ? source.url.replace(/[?#].*$/s, '') : (name ?? '')
  return mediaTypes.get(file.slice(file.lastIndexOf('.') + 1).toLowerCase()) ?? null
}

/** What Gemini reads, by the ends of file names. */
const mediaTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    jpg: 'image/jpeg',
    jpeg: 'image/jpeg',
    png: 'image/png',
    webp: 'image/webp',
    gif: 'image/gif',
    heic: 'image/heic',
    pdf: 'application/pdf',
    txt: 'text/plain',
    csv: 'text/csv',
    html: 'text/html',
    md: 'text/markdown',
    mp3: 'audio/mpeg',
    wav: 'audio/wav',
    ogg: 'audio/ogg',
    flac: 'audio/flac',
    mp4: 'video/mp4',
    mov: 'video/quicktime',
    webm: 'video/webm',
  }),
)

function base64Of(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** What this dialect keeps with a part, or with anything else. */
export function dataOf(data: ProviderData | undefined): JsonObject | undefined {
  return data?.['gemini']
}

/** The fields that are to be written: a null says that the field was not there. */
export function present(data: JsonObject | undefined): JsonObject {
  return data === undefined
    ? {}
    : Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null))
}
