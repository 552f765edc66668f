/** Encodes messages. Fields that are undefined are left out. */
import type { Unread } from '../json.ts'
import {
  type AssistantMessage,
  type AssistantPart,
  type CacheBreakpoint,
  type JsonObject,
  type MediaPart,
  type Message,
  text,
  type TextPart,
  textOf,
  type ToolCall,
  type ToolMessage,
  type ToolResult,
} from '../message.ts'
import type { Quirks } from '../provider.ts'
import { unsupported } from '../strict.ts'
import { isCustom, ownOf } from './own.ts'

type Content = readonly (TextPart | MediaPart)[]

/** A message, or for tools' results one for each. Throws a WireError for what cannot be said. */
export function encodeMessage(message: Message, path: string, quirks: Quirks): Unread[] {
  if (message.role === 'tool') return encodeResults(message, path, quirks)
  if (message.role === 'assistant') return [encodeAssistant(message, path, quirks)]
  const own = ownOf(message)
  const isDeveloper = message.role === 'system' && message.isDeveloper
  return [
    {
      content: encodeContent(cachedBy(own, message.content), `${path}.content`, quirks),
      role: isDeveloper ? 'developer' : message.role,
      ...own,
    },
  ]
}

/** A breakpoint that the message has is not its last part's too. */
function cachedBy<Part extends object>(
  own: JsonObject | undefined,
  content: readonly Part[],
): readonly Part[] {
  const last = content.at(-1)
  if (last === undefined || own?.['cache_control'] === undefined) return content
  return [...content.slice(0, -1), { ...last, cache: undefined }]
}

/** One text is the content itself, unless it has something of its own. */
function encodeContent(content: Content, path: string, quirks: Quirks): unknown {
  const [first] = content
  if (first === undefined) return ''
  const cache = encodeCache(first, quirks)
  if (content.length === 1 && first.type === 'text' && ownOf(first) === undefined && cache === undefined)
    return first.text
  return content.map((part, index) => encodePart(part, `${path}[${index}]`, quirks))
}

/** A part that has a form of its own (`document_url`) goes back as it came. */
export function encodePart(part: TextPart | MediaPart, path: string, quirks: Quirks): Unread {
  const own = ownOf(part)
  if (own?.['type'] !== undefined) return own
  const wire = part.type === 'text' ? { text: part.text, type: 'text' } : encodeMedia(part, path)
  return { ...wire, cache_control: encodeCache(part, quirks), ...own }
}

/** A breakpoint; undefined where there is none, or the provider would refuse it. */
export function encodeCache({ cache }: { readonly cache?: CacheBreakpoint }, { isStrict }: Quirks): unknown {
  return isStrict ? undefined : cache && { type: 'ephemeral', ...cache }
}

function encodeMedia({ mediaType, source, name, detail }: MediaPart, path: string): Unread {
  if (source.type === 'text') return { text: source.text, type: 'text' }
  const [kind, subtype] = mediaType.split('/')
  const isUrl = source.type === 'url'
  if (source.type === 'file') return { file: { file_id: source.id, filename: name }, type: 'file' }
  const url = isUrl ? source.url : `data:${mediaType};base64,${source.base64}`
  if (kind === 'image' || (kind === '' && isUrl)) return { image_url: { url, detail }, type: 'image_url' }
  if (kind === 'video') return { video_url: { url }, type: 'video_url' }
  if (kind !== 'audio') return { file: { filename: name, file_data: url }, type: 'file' }
  if (isUrl) throw unsupported('audio must be sent as base64, not as a URL', path)
  const format = subtype === 'mpeg' ? 'mp3' : subtype
  return { input_audio: { data: source.base64, format }, type: 'input_audio' }
}

/** The content is left out where there is only a tool call: some providers refuse an empty one. */
function encodeAssistant(message: AssistantMessage, path: string, quirks: Quirks): Unread {
  const content = cachedBy(ownOf(message), message.content)
  const texts = content.filter((part) => part.type === 'text')
  const calls = content.filter((part) => part.type === 'tool-call')
  const words = textOf(content)
  // Several texts are one, unless they came apart: few servers take a list here.
  const isList = texts.some((part) => (ownOf(part) ?? encodeCache(part, quirks)) !== undefined)
  const isLeftOut = words === '' && calls.length > 0
  return {
    content: isLeftOut ? undefined : isList ? encodeContent(texts, path, quirks) : words,
    tool_calls: calls.length > 0 ? calls.map((call) => encodeToolCall(call, quirks)) : undefined,
    role: 'assistant',
    ...encodeReasoning(content, quirks.reasoningField),
    ...encodeSaidMedia(content, path),
    ...ownOf(message),
  }
}

function encodeReasoning(content: readonly AssistantPart[], field: Quirks['reasoningField']): Unread {
  let words = ''
  const details = content.flatMap<unknown>((part) => {
    if (part.type !== 'reasoning') return []
    const known = field === 'reasoning_details' && ownOf(part)?.['reasoning_details']
    if (Array.isArray(known)) return known as unknown[]
    words += part.text
    return []
  })
  if (field === 'reasoning_content') return { reasoning_content: words || undefined }
  if (field === null) return {}
  return { reasoning_details: details.length > 0 ? details : undefined, reasoning: words || undefined }
}

/** A sound of the model's is sent back by its id; its images are sent back themselves, as OpenRouter takes them. */
function encodeSaidMedia(content: readonly AssistantPart[], path: string): Unread {
  let audio: unknown
  const images: unknown[] = []
  for (const [index, part] of content.entries()) {
    if (part.type !== 'media') continue
    const id = part.source.type === 'file' ? part.source.id : ownOf(part)?.['id']
    if (part.mediaType.startsWith('image/')) images.push(encodeMedia(part, path))
    else if (id === undefined) throw unsupported('this cannot be sent back', `${path}.content[${index}]`)
    else audio = { id }
  }
  return { audio, images: images.length > 0 ? images : undefined }
}

/** The input goes back byte for byte: a provider's prompt cache sees the same prefix. */
export function encodeToolCall(call: ToolCall, quirks: Quirks): Unread {
  const { id, name, inputText } = call
  return {
    id,
    ...(isCustom(call)
      ? { custom: { input: inputText, name } }
      : { function: { arguments: inputText, name }, type: 'function' }),
    cache_control: encodeCache(call, quirks),
    ...ownOf(call),
  }
}

/**
 * One message for each result, which can only be text. Media follows in a message of the user's, behind all
 * results: between them it would part a call from its result.
 */
function encodeResults({ content }: ToolMessage, path: string, quirks: Quirks): Unread[] {
  const results: Unread[] = []
  const media: Unread[] = []
  for (const [index, result] of content.entries()) {
    const where = `${path}.content[${index}].output`
    results.push(encodeResult(result, where, quirks))
    for (const [place, part] of result.output.entries()) {
      // Content of its own has the media in it.
      if (part.type === 'text' || ownOf(result)?.['content'] !== undefined) continue
      const said = `${stands(part).text} of tool call ${result.id}:`
      media.push({ text: said, type: 'text' }, encodePart(part, `${where}[${place}]`, quirks))
    }
  }
  return media.length === 0 ? results : [...results, { content: media, role: 'user' }]
}

function encodeResult(result: ToolResult, path: string, quirks: Quirks): Unread {
  const output = result.output.map((part) => (part.type === 'text' ? part : stands(part)))
  return {
    content: encodeContent(output, path, quirks),
    tool_call_id: result.id,
    role: 'tool',
    cache_control: encodeCache(result, quirks),
    ...ownOf(result),
  }
}

/** What stands where media cannot. */
function stands({ mediaType }: MediaPart): TextPart {
  return text(`[${mediaType === '' ? 'media' : mediaType}]`)
}
