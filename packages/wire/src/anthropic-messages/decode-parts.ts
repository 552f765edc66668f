/** Decodes what a message of a request is made of, strictly. https://platform.claude.com/docs/en/api/messages */
import { isObject, stringOr, type Unread } from '../json.ts'
import type {
  AssistantPart,
  CacheBreakpoint,
  JsonObject,
  MediaPart,
  MediaSource,
  ProviderData,
  TextPart,
  ToolResult,
} from '../message.ts'
import { text } from '../message.ts'
import { arrayAt, booleanAt, isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { decodeCitation } from './citations.ts'
import { keepRest } from './name.ts'
import { decodeProviderPart, decodeUpload, isProviderBlock } from './provider-parts.ts'

/** What the user, or a tool, says. */
export type UserPart = TextPart | MediaPart | ToolResult

/** Decodes `content`, which is text or a list of blocks. */
export function decodeContent<Part>(
  wire: unknown,
  path: string,
  decode: (block: Unread, path: string) => Part,
): (Part | TextPart)[] {
  if (typeof wire === 'string') return wire === '' ? [] : [text(wire)]
  return arrayAt(wire, path).map((block, index) => {
    const where = `${path}[${index}]`
    return decode(objectAt(block, where), where)
  })
}

/** Decodes one block of the user's. Throws a WireError for a type that is not known. */
export function decodeUserPart(block: Unread, path: string): UserPart {
  return decodeBlock(userBlocks, block, path)
}

/** Decodes one block of the model's. Throws a WireError for a type that is not known. */
export function decodeAssistantPart(block: Unread, path: string): AssistantPart {
  const type = stringOr(block['type']) ?? ''
  return isProviderBlock(type) ? decodeProviderPart(block) : decodeBlock(assistantBlocks, block, path)
}

/** Decodes a text, and nothing else. Throws a WireError. */
export function decodeTextPart(block: Unread, path: string): TextPart {
  return decodeBlock(textBlocks, block, path)
}

type Decoders<Part> = ReadonlyMap<unknown, (block: Unread, path: string) => Part>

function decodeBlock<Part>(decoders: Decoders<Part>, block: Unread, path: string): Part {
  const decode = decoders.get(block['type'])
  if (decode === undefined) throw unsupported(`unknown block ${shown(block['type'])}`, `${path}.type`)
  return decode(block, path)
}

const textBlocks: Decoders<TextPart> = new Map([['text', decodeText]])

const outputBlocks: Decoders<TextPart | MediaPart> = new Map<
  string,
  (block: Unread, path: string) => TextPart | MediaPart
>([
  ['text', decodeText],
  ['image', decodeImage],
  ['document', decodeDocument],
  ['search_result', decodeSearchResult],
  ['tool_reference', decodeReference],
])

const userBlocks: Decoders<UserPart> = new Map<unknown, (block: Unread, path: string) => UserPart>([
  ...outputBlocks,
  ['container_upload', (block, path) => ({ ...decodeUpload(without(block)), ...cacheOf(block, path) })],
  ['tool_result', decodeResult],
])

const assistantBlocks: Decoders<AssistantPart> = new Map<
  unknown,
  (block: Unread, path: string) => AssistantPart
>([
  ['text', decodeText],
  ['thinking', decodeThinking],
  [
    'redacted_thinking',
    (block, path) => {
      stringAt(block['data'], `${path}.data`)
      return { type: 'reasoning', text: '', ...keepRest(block, []) }
    },
  ],
  ['tool_use', decodeCall],
])

function decodeText(block: Unread, path: string): TextPart {
  const where = `${path}.citations`
  const citations = isAbsent(block['citations']) ? [] : arrayAt(block['citations'], where)
  return {
    type: 'text',
    text: stringAt(block['text'], `${path}.text`),
    ...(citations.length > 0 && {
      citations: citations.map((citation, index) => decodeCitation(objectAt(citation, `${where}[${index}]`))),
    }),
    ...restOf(block, ['type', 'text', 'citations'], path),
  }
}

/** A text that says where it is from: the block is kept whole, other dialects have its words. */
function decodeSearchResult(block: Unread, path: string): TextPart {
  const content = decodeContent(block['content'], `${path}.content`, decodeTextPart)
  return { type: 'text', text: content.map((part) => part.text).join(''), ...restOf(block, [], path) }
}

/** A tool that a search has found: other dialects have its name. */
function decodeReference(block: Unread, path: string): TextPart {
  return { type: 'text', text: stringAt(block['tool_name'], `${path}.tool_name`), ...restOf(block, [], path) }
}

/** One without its signature could not go back. */
function decodeThinking(block: Unread, path: string): AssistantPart {
  const signature = isAbsent(block['signature']) ? '' : stringAt(block['signature'], `${path}.signature`)
  return {
    type: 'reasoning',
    text: stringAt(block['thinking'], `${path}.thinking`),
    ...keepRest(block, ['type', 'thinking', ...(signature === '' ? ['signature'] : [])]),
  }
}

function decodeCall(block: Unread, path: string): AssistantPart {
  const input = objectAt(block['input'], `${path}.input`)
  return {
    type: 'tool-call',
    id: stringAt(block['id'], `${path}.id`),
    name: stringAt(block['name'], `${path}.name`),
    input,
    inputText: JSON.stringify(input),
    ...restOf(block, ['type', 'id', 'name', 'input'], path),
  }
}

function decodeResult(block: Unread, path: string): ToolResult {
  const { content, is_error: isError } = block
  return {
    type: 'tool-result',
    id: stringAt(block['tool_use_id'], `${path}.tool_use_id`),
    name: '',
    output: isAbsent(content)
      ? []
      : decodeContent(content, `${path}.content`, (part, where) => decodeBlock(outputBlocks, part, where)),
    isError: !isAbsent(isError) && booleanAt(isError, `${path}.is_error`),
    ...restOf(block, ['type', 'tool_use_id', 'content', 'is_error'], path),
  }
}

function decodeImage(block: Unread, path: string): MediaPart {
  const [mediaType, source] = decodeSource(block['source'], 'image/*', `${path}.source`)
  return { type: 'media', mediaType, source, ...restOf(block, ['type', 'source'], path) }
}

/** A document's URL is always one of a PDF. One of blocks is kept whole; other dialects have its text. */
function decodeDocument(block: Unread, path: string): MediaPart {
  const where = `${path}.source`
  const source = objectAt(block['source'], where)
  const title = stringOr(block['title'])
  const isBlocks = source['type'] === 'content'
  const names = ['type', 'title', ...(isBlocks ? [] : ['source'])]
  const kind = source['type'] === 'file' ? '' : 'application/pdf'
  const [mediaType, read] = isBlocks ? blocksOf(source, where) : decodeSource(source, kind, where)
  return {
    type: 'media',
    mediaType,
    source: read,
    ...(title !== null && { name: title }),
    ...restOf(block, names, path),
  }
}

function blocksOf(source: Unread, path: string): readonly [mediaType: string, source: MediaSource] {
  const content = decodeContent(source['content'], `${path}.content`, (block, where) =>
    decodeBlock(outputBlocks, block, where),
  )
  const words = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return ['text/plain', { type: 'text', text: words }]
}

function decodeSource(
  wire: unknown,
  kind: string,
  path: string,
): readonly [mediaType: string, source: MediaSource] {
  const source = objectAt(wire, path)
  const at = (field: string): string => stringAt(source[field], `${path}.${field}`)
  switch (source['type']) {
    case 'base64':
      return [at('media_type'), { type: 'base64', base64: at('data') }]
    case 'text':
      return ['text/plain', { type: 'text', text: at('data') }]
    case 'url':
      return [kind, { type: 'url', url: at('url') }]
    case 'file':
      return [kind, { type: 'file', id: at('file_id') }]
    default:
      throw unsupported(`unknown source ${shown(source['type'])}`, `${path}.type`)
  }
}

/** A block's cache breakpoint, and the fields without a canonical form. */
export function restOf(
  block: Unread,
  names: readonly string[],
  path: string,
): { readonly cache?: CacheBreakpoint; readonly data?: ProviderData } {
  const cache = cacheOf(block, path)
  const isPlain = !isObject(block['cache_control']) || Object.keys(block['cache_control']).every(isCacheField)
  return { ...cache, ...keepRest(block, isPlain ? [...names, 'cache_control'] : names) }
}

function isCacheField(field: string): boolean {
  return field === 'type' || field === 'ttl'
}

function cacheOf(block: Unread, path: string): { readonly cache?: CacheBreakpoint } {
  if (isAbsent(block['cache_control'])) return {}
  const where = `${path}.cache_control`
  const { type, ttl } = objectAt(block['cache_control'], where) as JsonObject
  if (type !== 'ephemeral') throw unsupported(`unknown type ${shown(type)}`, `${where}.type`)
  return { cache: isAbsent(ttl) ? {} : { ttl: stringAt(ttl, `${where}.ttl`) } }
}

/** Without its cache breakpoint, which is read apart. */
function without({ cache_control: _cache, ...block }: Unread): Unread {
  return block
}
