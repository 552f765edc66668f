/** Encodes messages. Fields that are undefined are left out. */
import { listOrNone } from '../given.ts'
import type { Unread } from '../json.ts'
import {
  type AssistantMessage,
  type AssistantPart,
  type CacheBreakpoint,
  type JsonObject,
  type MediaPart,
  type Message,
  type ProviderData,
  text,
  type TextPart,
  textOf,
  type ToolCall,
  type ToolMessage,
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
  const [first, second] = content
  if (first === undefined) return ''
  if (second === undefined && first.type === 'text' && !hasMore(first, quirks)) return first.text
  return content.map((part, index) => encodePart(part, `${path}[${index}]`, quirks))
}

/** A part that has a form of its own (`document_url`) goes back as it came. */
export function encodePart(part: TextPart | MediaPart, path: string, quirks: Quirks): Unread {
  const own = ownOf(part)
  if (own?.['type'] !== undefined) return own
  const [type, said] = part.type === 'text' ? ['text', part.text] : formOf(part, path)
  return { [type]: said, type, ...moreOf(part, quirks) }
}

interface Owner {
  readonly cache?: CacheBreakpoint
  readonly data?: ProviderData
}

/** What a part has besides what it says: a breakpoint, unless the provider would refuse it, and what was kept. */
export function moreOf(owner: Owner, { isStrict }: Quirks): Unread {
  const { cache } = owner
  return { cache_control: isStrict ? undefined : cache && { type: 'ephemeral', ...cache }, ...ownOf(owner) }
}

function hasMore(owner: Owner, quirks: Quirks): boolean {
  return Object.values(moreOf(owner, quirks)).some((value) => value !== undefined)
}

/** The type of a part, and what stands under its name. */
function formOf(
  { mediaType, source, name, detail }: MediaPart,
  path: string,
): readonly [type: string, said: unknown] {
  if (source.type === 'text') return ['text', source.text]
  if (source.type === 'file') return ['file', { file_id: source.id, filename: name }]
  const isUrl = source.type === 'url'
  const [kind, subtype] = mediaType.split('/')
  const url = isUrl ? source.url : `data:${mediaType};base64,${source.base64}`
  if (kind === 'image' || (kind === '' && isUrl)) return ['image_url', { url, detail }]
  if (kind === 'video') return ['video_url', { url }]
  if (kind !== 'audio') return ['file', { filename: name, file_data: url }]
  if (isUrl) throw unsupported('audio must be sent as base64, not as a URL', path)
  return ['input_audio', { data: source.base64, format: subtype === 'mpeg' ? 'mp3' : subtype }]
}

/** The content is left out where there is only a tool call: some providers refuse an empty one. */
function encodeAssistant(message: AssistantMessage, path: string, quirks: Quirks): Unread {
  const content = cachedBy(ownOf(message), message.content)
  const texts = content.filter((part) => part.type === 'text')
  const calls = content.filter((part) => part.type === 'tool-call')
  const words = textOf(texts)
  // Several texts are one, unless they came apart: few servers take a list here.
  const said = texts.some((part) => hasMore(part, quirks)) ? texts : [text(words)]
  return {
    content: words === '' && calls.length > 0 ? undefined : encodeContent(said, path, quirks),
    tool_calls: listOrNone(calls.map((call) => encodeToolCall(call, quirks))),
    role: 'assistant',
    ...encodeReasoning(content, quirks.reasoningField),
    ...encodeSaidMedia(content, path, quirks),
    ...ownOf(message),
  }
}

function encodeReasoning(content: readonly AssistantPart[], field: Quirks['reasoningField']): Unread {
  if (field === null) return {}
  let words = ''
  const details: unknown[] = []
  for (const part of content) {
    if (part.type !== 'reasoning') continue
    const known = ownOf(part)?.['reasoning_details']
    if (field === 'reasoning_details' && Array.isArray(known))
      for (const detail of known) details.push(detail)
    else words += part.text
  }
  const name = field === 'reasoning_content' ? field : 'reasoning'
  return { reasoning_details: listOrNone(details), [name]: words || undefined }
}

/** A sound of the model's is sent back by its id; its images are sent back themselves, as OpenRouter takes them. */
function encodeSaidMedia(content: readonly AssistantPart[], path: string, quirks: Quirks): Unread {
  let audio: unknown
  const images: unknown[] = []
  for (const [index, part] of content.entries()) {
    if (part.type !== 'media') continue
    const place = `${path}.content[${index}]`
    const id = part.source.type === 'file' ? part.source.id : ownOf(part)?.['id']
    if (part.mediaType.startsWith('image/')) images.push(encodePart(part, place, quirks))
    else if (id === undefined) throw unsupported('this cannot be sent back', place)
    else audio = { id }
  }
  return { audio, images: listOrNone(images) }
}

/** The input goes back byte for byte: a provider's prompt cache sees the same prefix. */
export function encodeToolCall(call: ToolCall, quirks: Quirks): Unread {
  const { id, name, inputText } = call
  return {
    id,
    ...(isCustom(call)
      ? { custom: { input: inputText, name } }
      : { function: { arguments: inputText, name }, type: 'function' }),
    ...moreOf(call, quirks),
  }
}

/**
 * One message for each result, which can only be text. Media follows in a message of the user's, behind all
 * results: between them it would part a call from its result.
 */
function encodeResults({ content }: ToolMessage, path: string, quirks: Quirks): Unread[] {
  const media: Unread[] = []
  const results = content.map((result, index): Unread => {
    const where = `${path}.content[${index}].output`
    const more = moreOf(result, quirks)
    const output = result.output.map((part, place) => {
      if (part.type === 'text') return part
      const stands = text(`[${part.mediaType || 'media'}]`)
      // Content of its own has the media in it.
      if (more['content'] === undefined) {
        const said = `${stands.text} of tool call ${result.id}:`
        media.push({ text: said, type: 'text' }, encodePart(part, `${where}[${place}]`, quirks))
      }
      return stands
    })
    return { content: encodeContent(output, where, quirks), tool_call_id: result.id, role: 'tool', ...more }
  })
  return media.length === 0 ? results : [...results, { content: media, role: 'user' }]
}
