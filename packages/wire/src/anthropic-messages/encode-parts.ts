/** Encodes what a message is made of; fields that are undefined are not written. https://platform.claude.com/docs/en/api/messages */
import { listOrNone } from '../given.ts'
import type { Unread } from '../json.ts'
import type {
  AssistantPart,
  CacheBreakpoint,
  MediaPart,
  ProviderData,
  ReasoningPart,
  TextPart,
  ToolCall,
  ToolResult,
} from '../message.ts'
import { unsupported } from '../strict.ts'
import { inputObject } from '../tool-input.ts'
import { calledName } from '../tool-name.ts'
import { encodeCitations } from './citations.ts'
import { keptFields } from './name.ts'
import { encodeProviderPart } from './provider-parts.ts'

/** How long the name of a tool may be. */
export const nameLength = 128

/** Any part of a message. */
export type Part = AssistantPart | ToolResult

/** Blank text is refused, and says nothing. */
export function isBlank(part: Part): boolean {
  return part.type === 'text' && part.text.trim() === ''
}

/** One part; null for one that only another dialect can say. Throws a WireError for what cannot be said. */
export function encodePart(part: Part, path: string, isAnswer: boolean): Unread | null {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'media':
      if (isAnswer && keptFields(part)['type'] === undefined)
        throw unsupported('a model says no media here', path)
      return encodeMedia(part, path)
    case 'reasoning':
      return encodeReasoning(part)
    case 'tool-call':
      return encodeCall(part)
    case 'tool-result':
      return encodeResult(part, path)
    case 'provider-call':
    case 'provider-result':
      return encodeProviderPart(part)
  }
}

/** Search results and tool references are texts of a type of their own, which is kept. */
export function encodeText(part: TextPart): Unread {
  const more = moreOf(part)
  if (more['type'] !== undefined) return more
  return { type: 'text', text: part.text, citations: listOrNone(encodeCitations(part.citations)), ...more }
}

/** What a part has besides what it says: where a prompt is worth keeping, and what was kept. */
export function moreOf(part: { readonly cache?: CacheBreakpoint; readonly data?: ProviderData }): Unread {
  const { cache } = part
  return { cache_control: cache && { type: 'ephemeral', ...cache }, ...keptFields(part) }
}

/** Thinking goes back only with its signature; without one the API refuses it. */
export function encodeReasoning(part: ReasoningPart): Unread | null {
  const fields = keptFields(part)
  if (fields['type'] !== undefined) return fields
  return fields['signature'] === undefined ? null : { type: 'thinking', thinking: part.text, ...fields }
}

function encodeCall(call: ToolCall): Unread {
  return {
    type: 'tool_use',
    id: encodeId(call.id),
    name: calledName(call, nameLength),
    input: inputObject(call),
    ...moreOf(call),
  }
}

function encodeResult(result: ToolResult, path: string): Unread {
  const content = result.output.flatMap((part, index) =>
    isBlank(part) ? [] : [encodePart(part, `${path}.output[${index}]`, false)],
  )
  return {
    type: 'tool_result',
    tool_use_id: encodeId(result.id),
    content: listOrNone(content),
    is_error: result.isError || undefined,
    ...moreOf(result),
  }
}

/** Other dialects have ids (`functions.add:0`) with characters that are refused here: `^[a-zA-Z0-9_-]+$`. */
function encodeId(id: string): string {
  return id.replace(/[^\w-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`) || '_'
}

/** Images are one type of block, all else that can be read is a document: a PDF, or text. */
function encodeMedia(part: MediaPart, path: string): Unread {
  const more = moreOf(part)
  const { source, mediaType, name } = part
  if (more['type'] !== undefined && source.type === 'file') return { ...more, file_id: source.id }
  const isImage = mediaType.startsWith('image/') || (mediaType === '' && source.type === 'url')
  return {
    type: isImage ? 'image' : 'document',
    source: encodeSource(part, isImage, path),
    title: isImage ? undefined : name,
    ...more,
  }
}

/** Files of Anthropic's have ids that begin so: `file_011CNha8iCJcU1wXNR6q4V8w`. */
function encodeSource({ source, mediaType }: MediaPart, isImage: boolean, path: string): Unread {
  const isText = /^text\/|[/+](json|xml|yaml|csv)$/.test(mediaType)
  if (!isImage && source.type === 'text') return encodePlain(source.text)
  if (!isImage && source.type === 'base64' && isText) return encodePlain(textOf(source.base64, path))
  const isRead = isImage || mediaType === 'application/pdf' || (source.type === 'file' && mediaType === '')
  if (!isRead || source.type === 'text')
    throw unsupported(`media of type "${mediaType.slice(0, 80)}" cannot be said`, path)
  if (source.type === 'base64') return { type: 'base64', media_type: mediaType, data: source.base64 }
  if (source.type === 'url') return source
  if (!source.id.startsWith('file_')) throw unsupported('this file is kept by another provider', path)
  return { type: 'file', file_id: source.id }
}

function encodePlain(data: string): Unread {
  return { type: 'text', media_type: 'text/plain', data }
}

function textOf(base64: string, path: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0)))
  } catch {
    throw unsupported('this is no base64', path)
  }
}
