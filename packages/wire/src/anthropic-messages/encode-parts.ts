/** Encodes what a message is made of. https://platform.claude.com/docs/en/api/messages */
import { unsupported } from '../strict.ts'
import type {
  AssistantPart,
  CacheBreakpoint,
  JsonObject,
  MediaPart,
  ReasoningPart,
  TextPart,
  ToolCall,
  ToolResult,
} from '../message.ts'
import { inputObject } from '../tool-input.ts'
import { encodeCitations } from './citations.ts'
import { keptFields } from './name.ts'
import { encodeProviderPart } from './provider-parts.ts'

/** Blank text is refused, and says nothing. */
export function isBlank(part: TextPart | MediaPart | ToolResult | AssistantPart): boolean {
  return part.type === 'text' && part.text.trim() === ''
}

/** One part of the user's. Throws a WireError for what cannot stand there. */
export function encodeUserPart(part: TextPart | MediaPart | ToolResult, path: string): JsonObject {
  if (part.type === 'text') return encodeText(part)
  if (part.type === 'media') return encodeMedia(part, path)
  return encodeResult(part, path)
}

/** One part of the model's; nothing for one that only its own dialect can say. */
export function encodeAssistantPart(part: AssistantPart, path: string): JsonObject | null {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'reasoning':
      return encodeReasoning(part)
    case 'tool-call':
      return encodeCall(part)
    case 'media':
      if (keptFields(part)['type'] === undefined) throw unsupported('a model says no media here', path)
      return encodeMedia(part, path)
    case 'provider-call':
    case 'provider-result':
      return encodeProviderPart(part)
  }
}

/** Search results and tool references are texts of a type of their own, which is kept. */
export function encodeText(part: TextPart): JsonObject {
  const fields = keptFields(part)
  if (fields['type'] !== undefined) return { ...fields, ...encodeCache(part.cache) }
  const citations = encodeCitations(part.citations)
  return {
    type: 'text',
    text: part.text,
    ...(citations.length > 0 && { citations }),
    ...encodeCache(part.cache),
    ...fields,
  }
}

/** Where a prompt is worth keeping. */
export function encodeCache(cache: CacheBreakpoint | undefined): JsonObject {
  if (cache === undefined) return {}
  return { cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }
}

/** Thinking goes back only with its signature; without one the API refuses it. */
export function encodeReasoning(part: ReasoningPart): JsonObject | null {
  const fields = keptFields(part)
  if (fields['type'] !== undefined) return fields
  return fields['signature'] === undefined ? null : { type: 'thinking', thinking: part.text, ...fields }
}

function encodeCall(call: ToolCall): JsonObject {
  return {
    type: 'tool_use',
    id: encodeId(call.id),
    name: call.name,
    input: inputObject(call),
    ...encodeCache(call.cache),
    ...keptFields(call),
  }
}

function encodeResult(result: ToolResult, path: string): JsonObject {
  const content = result.output.flatMap((part, index) =>
    isBlank(part) ? [] : [encodeUserPart(part, `${path}.output[${index}]`)],
  )
  return {
    type: 'tool_result',
    tool_use_id: encodeId(result.id),
    ...(content.length > 0 && { content }),
    ...(result.isError && { is_error: true }),
    ...encodeCache(result.cache),
    ...keptFields(result),
  }
}

/** Other dialects have ids (`functions.add:0`) with characters that are refused here: `^[a-zA-Z0-9_-]+$`. */
function encodeId(id: string): string {
  return id.replace(/[^\w-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`) || '_'
}

/** Images are one type of block, all else that can be read is a document: a PDF, or text. */
function encodeMedia(part: MediaPart, path: string): JsonObject {
  const fields = keptFields(part)
  const { source, mediaType, name } = part
  if (fields['type'] !== undefined && source.type === 'file') {
    return { ...fields, file_id: source.id, ...encodeCache(part.cache) }
  }
  const isImage = mediaType.startsWith('image/') || (mediaType === '' && source.type === 'url')
  return {
    type: isImage ? 'image' : 'document',
    source: isImage ? encodeImage(part, path) : encodeDocument(part, path),
    ...(!isImage && name !== undefined && { title: name }),
    ...encodeCache(part.cache),
    ...fields,
  }
}

function encodeImage({ source, mediaType }: MediaPart, path: string): JsonObject {
  if (source.type === 'base64') return { type: 'base64', media_type: mediaType, data: source.base64 }
  if (source.type === 'text') throw unsupported('an image that is text cannot be said', path)
  return encodeReference(source, path)
}

function encodeDocument({ source, mediaType }: MediaPart, path: string): JsonObject {
  const isText = /^text\/|[/+](json|xml|yaml|csv)$/.test(mediaType)
  if (source.type === 'text') return { type: 'text', media_type: 'text/plain', data: source.text }
  if (source.type === 'base64' && isText) {
    return { type: 'text', media_type: 'text/plain', data: textOf(source.base64, path) }
  }
  const isPdf = mediaType === 'application/pdf' || (source.type === 'file' && mediaType === '')
  if (!isPdf) throw unsupported(`media of type "${mediaType.slice(0, 80)}" cannot be said`, path)
  return source.type === 'base64'
    ? { type: 'base64', media_type: mediaType, data: source.base64 }
    : encodeReference(source, path)
}

/** Files of Anthropic's have ids that begin so: `file_011CNha8iCJcU1wXNR6q4V8w`. */
function encodeReference(
  source: Extract<MediaPart['source'], { readonly type: 'url' | 'file' }>,
  path: string,
): JsonObject {
  if (source.type === 'url') return { type: 'url', url: source.url }
  if (!source.id.startsWith('file_')) throw unsupported('this file is kept by another provider', path)
  return { type: 'file', file_id: source.id }
}

function textOf(base64: string, path: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0)))
  } catch {
    throw unsupported('this is no base64', path)
  }
}
