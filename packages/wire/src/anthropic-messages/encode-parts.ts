/** Encodes what a message is made of; fields that are undefined are not written. https://platform.claude.com/docs/en/api/messages */
import { listOrNone } from '../given.ts'
import type { Unread } from '../json.ts'
import type {
  AssistantPart,
  CacheBreakpoint,
  MediaPart,
  Message,
  ProviderData,
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

type Part = AssistantPart | ToolResult

/** The parts of a message of this role, or of a tool's result. Throws a WireError for what cannot be said. */
export function encodeContent(parts: readonly Part[], path: string, role: Message['role']): Unread[] {
  // Nothing but blank text is what its asker said: the API says what it thinks of it.
  const isAllBlank = role === 'user' && parts.every(isBlank)
  return parts.flatMap<Unread>((part, index) =>
    isBlank(part) && !isAllBlank ? [] : (encodePart(part, `${path}[${index}]`, role) ?? []),
  )
}

/** Blank text is refused, and says nothing. */
function isBlank(part: Part): boolean {
  return part.type === 'text' && part.text.trim() === ''
}

/** Null for what only another dialect can say. A part of a type without a canonical form goes back as it was kept. */
export function encodePart(part: Part, path: string, role: Message['role']): Unread | null {
  if (part.type === 'provider-call' || part.type === 'provider-result') return encodeProviderPart(part)
  const more = moreOf(part)
  if (more['type'] !== undefined) return more
  switch (part.type) {
    case 'text':
      return {
        type: 'text',
        text: part.text,
        citations: listOrNone(encodeCitations(part.citations)),
        ...more,
      }
    case 'media':
      if (role === 'assistant') throw unsupported('a model says no media here', path)
      return encodeMedia(part, path, more)
    case 'reasoning':
      // Thinking goes back only with its signature; without one the API refuses it.
      return more['signature'] === undefined ? null : { type: 'thinking', thinking: part.text, ...more }
    case 'tool-call':
      return encodeCall(part, more)
    case 'tool-result':
      return encodeResult(part, path, more)
  }
}

/** What a part has besides what it says: where a prompt is worth keeping, and what was kept. */
export function moreOf(part: { readonly cache?: CacheBreakpoint; readonly data?: ProviderData }): Unread {
  const { cache } = part
  return { cache_control: cache && { type: 'ephemeral', ...cache }, ...keptFields(part) }
}

function encodeCall(call: ToolCall, more: Unread): Unread {
  return {
    type: 'tool_use',
    id: encodeId(call.id),
    name: calledName(call, nameLength),
    input: inputObject(call),
    ...more,
  }
}

function encodeResult(result: ToolResult, path: string, more: Unread): Unread {
  return {
    type: 'tool_result',
    tool_use_id: encodeId(result.id),
    content: listOrNone(encodeContent(result.output, `${path}.output`, 'tool')),
    is_error: result.isError || undefined,
    ...more,
  }
}

/** Other dialects have ids (`functions.add:0`) with characters that are refused here: `^[a-zA-Z0-9_-]+$`. */
function encodeId(id: string): string {
  return id.replaceAll(/[^\w-]/g, '_') || '_'
}

/** Images are one type of block, all else that can be read is a document: a PDF, or text. */
function encodeMedia(part: MediaPart, path: string, more: Unread): Unread {
  const { source, mediaType, name } = part
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
