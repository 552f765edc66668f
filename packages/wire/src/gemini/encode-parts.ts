/** Encodes parts of messages; fields that are undefined are not written. https://ai.google.dev/api/caching#Part */
import { given } from '../given.ts'
import { isObject, type Unread } from '../json.ts'
import type { AssistantPart, Json, MediaPart, ProviderData, TextPart, ToolCall } from '../message.ts'
import { unsupported } from '../strict.ts'

/** Parts of an answer but media; null for those that only another dialect understands. */
export function encodeAnswerPart(part: Exclude<AssistantPart, MediaPart>): Unread | null {
  const said = dataOf(part.data)
  switch (part.type) {
    case 'text':
      return encodeText(part)
    // Thoughts may be shown to the model again; what another provider encrypted may not.
    case 'reasoning':
      if (part.text === '' && said === undefined) return null
      return { thought: true, text: part.text || undefined, ...given(said ?? {}) }
    case 'tool-call':
      return encodeToolCall(part)
    case 'provider-call':
      return encodeProviderPart(part.input, said)
    case 'provider-result':
      return encodeProviderPart(part.output, said)
  }
}

export function encodeText({ text, data }: TextPart): Unread {
  return { text, ...given(dataOf(data) ?? {}) }
}

/** Whether a part says nothing: Vertex refuses a text that is empty. One that Gemini's own dialect read stays. */
export function isNothing(part: AssistantPart): boolean {
  return part.type === 'text' && part.text === '' && dataOf(part.data) === undefined
}

/** `args` is an object: input that is none, or no JSON at all, is put into one. */
function encodeToolCall({ id, name, input, inputText, data }: ToolCall): Unread {
  const said = dataOf(data) ?? {}
  const args = isObject(input) ? input : { input: inputText }
  return { functionCall: { id: said['id'] === null ? undefined : id, name, args }, ...given(said) }
}

/** The field in which it stood is known only for parts of this dialect. */
function encodeProviderPart(wire: Json, data: Unread = {}): Unread | null {
  const { field, ...said } = data
  return typeof field === 'string' ? { [field]: wire, ...given(said) } : null
}

/** Media of a request. Throws a WireError for what Gemini does not take. */
export function encodeMedia(part: MediaPart, path: string, isVertex: boolean): Unread {
  const encoded = encodeAnyMedia(part, isVertex)
  if (encoded === null) throw unsupported('a file of another provider cannot be sent', path)
  const isUntyped = mediaTypeOf(part) === undefined && dataOf(part.data) === undefined
  if (isUntyped && part.source.type !== 'url')
    throw unsupported('the media type must be known', `${path}.mediaType`)
  return encoded
}

/** Bytes, or the URL of a file: Google's own, a bucket's, YouTube's, or any on the web. Null for another's file. */
export function encodeAnyMedia(part: MediaPart, isVertex: boolean): Unread | null {
  const { displayName, mimeType: own, ...said } = dataOf(part.data) ?? {}
  const { source } = part
  const mimeType = own === null ? undefined : mediaTypeOf(part)
  // AI Studio refuses a name.
  const named = { displayName: displayName ?? (isVertex ? part.name : undefined) }
  if (source.type === 'file') return null
  if (source.type === 'url') return { fileData: { mimeType, fileUri: source.url, ...named }, ...given(said) }
  const data = source.type === 'base64' ? source.base64 : base64Of(source.text)
  return { inlineData: { mimeType, data, ...named }, ...given(said) }
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
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** What this dialect keeps with a part, or with anything else. A null in it says that the field was not there. */
export function dataOf(data: ProviderData | undefined): Unread | undefined {
  return data?.['gemini']
}
