/** Encodes parts of messages; fields that are undefined are not written. https://ai.google.dev/api/caching#Part */
import { given } from '../given.ts'
import { isObject, type Unread } from '../json.ts'
import type { AssistantPart, Json, MediaPart, ProviderData, ToolCall } from '../message.ts'

/**
 * A part, with what this dialect kept of it; null for no words, and for what only another dialect understands.
 * `isVertex` lets a file have its name: AI Studio refuses that.
 */
export function encodePart(part: AssistantPart, isVertex = true): Unread | null {
  // Vertex refuses a text that is empty. One that Gemini's own dialect read stays.
  if ('text' in part && part.text === '' && part.data?.['gemini'] === undefined) return null
  const own = ownOf(part)
  const encoded = encodeBare(part, own, isVertex)
  return encoded && given({ ...encoded, ...own, field: null, displayName: null })
}

function encodeBare(part: AssistantPart, own: Unread, isVertex: boolean): Unread | null {
  switch (part.type) {
    case 'text':
      return { text: part.text }
    // Thoughts may be shown to the model again; what another provider encrypted may not.
    case 'reasoning':
      return { thought: true, text: part.text || undefined }
    case 'media':
      return encodeMedia(part, own, isVertex)
    case 'tool-call':
      return encodeToolCall(part, own)
    case 'provider-call':
      return encodeProviderPart(part.input, own)
    case 'provider-result':
      return encodeProviderPart(part.output, own)
  }
}

/** The field in which it stood is known only for parts of this dialect. */
function encodeProviderPart(wire: Json, { field }: Unread): Unread | null {
  return typeof field === 'string' ? { [field]: wire } : null
}

/** `args` is an object: input that is none, or no JSON at all, is put into one. */
function encodeToolCall({ id, name, input, inputText }: ToolCall, own: Unread): Unread {
  const args = isObject(input) ? input : { input: inputText }
  return { functionCall: { id: own['id'] === null ? undefined : id, name, args } }
}

/** Bytes, or the URL of a file: Google's own, a bucket's, YouTube's, or any on the web. Null for another's file. */
function encodeMedia(part: MediaPart, own: Unread, isVertex: boolean): Unread | null {
  const { source, name } = part
  if (source.type === 'file') return null
  const common = {
    mimeType: own['mimeType'] === null ? undefined : mediaTypeOf(part),
    displayName: own['displayName'] ?? (isVertex ? name : undefined),
  }
  if (source.type === 'url') return { fileData: { ...common, fileUri: source.url } }
  return { inlineData: { ...common, data: source.type === 'text' ? base64Of(source.text) : source.base64 } }
}

/** A kind alone (`image/*`) is guessed from the name; undefined when that says nothing either. */
function mediaTypeOf({ mediaType, source, name = '' }: MediaPart): string | undefined {
  if (mediaType !== '' && !mediaType.endsWith('/*')) return mediaType
  if (source.type === 'text') return 'text/plain'
  const file = source.type === 'url' ? source.url.replace(/[?#].*$/s, '') : name
  return mediaTypes.get(file.slice(file.lastIndexOf('.') + 1).toLowerCase())
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
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte))
  return btoa(bytes.join(''))
}

/** What this dialect keeps with a part, or with anything else. A null in it says that the field was not there. */
export function ownOf({ data }: { readonly data?: ProviderData }): Unread {
  return data?.['gemini'] ?? {}
}
