/** Decodes the messages of a request for the Converse API: each block is an object with one field, its kind. */
import { given } from '../given.ts'
import { isObject, stringOr, type Unread } from '../json.ts'
import { keep, textAt } from '../kept-fields.ts'
import type {
  AssistantPart,
  CacheBreakpoint,
  Json,
  JsonObject,
  MediaPart,
  Message,
  ReasoningPart,
  TextPart,
  ToolCall,
  ToolResult,
} from '../message.ts'
import { arrayAt, isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { decodeCitation, textOfBlocks } from './citations.ts'
import { decodeMedia } from './decode-media.ts'
import { mediaKinds } from './media.ts'
import { name as dialect } from './name.ts'

/** The parts of one message, by what says them. */
interface Run {
  readonly role: 'user' | 'assistant' | 'tool'
  readonly content: (AssistantPart | ToolResult)[]
}

/**
 * Results of tools are blocks of a user's message, and become a message of their own. Messages of one kind that
 * follow each other are one: the API wants roles that alternate.
 */
export function decodeMessages(wire: readonly unknown[]): Message[] {
  const runs: Run[] = []
  for (const [index, element] of wire.entries()) {
    const path = `messages[${index}]`
    const { role, content, ...rest } = objectAt(element, path)
    if (role !== 'user' && role !== 'assistant')
      throw unsupported(`unknown role ${shown(role)}`, `${path}.role`)
    const [unknown] = Object.keys(rest)
    if (unknown !== undefined) throw unsupported('this cannot be carried', `${path}.${unknown}`)
    const blocks = arrayAt(content, `${path}.content`)
    let isFirst = true
    for (const [place, element] of blocks.entries()) {
      takeBlock(
        runs,
        role,
        objectAt(element, `${path}.content[${place}]`),
        isFirst,
        `${path}.content[${place}]`,
      )
      isFirst = false
    }
  }
  return runs as unknown as Message[]
}

function takeBlock(
  runs: Run[],
  role: 'user' | 'assistant',
  block: Unread,
  isFirst: boolean,
  path: string,
): void {
  const last = runs.at(-1)
  if (block['cachePoint'] !== undefined) {
    const part = isFirst ? undefined : last?.content.pop()
    if (part === undefined) throw unsupported('nothing stands before this', path)
    last?.content.push(withCache(part, cacheAt(block, path), path))
    return
  }
  const part = role === 'user' ? decodeUserBlock(block, path) : decodeAssistantBlock(block, path)
  const kind = part.type === 'tool-result' ? 'tool' : role
  if (last?.role === kind) last.content.push(part)
  else runs.push({ role: kind, content: [part] })
}

/** What kind of block an object is, for a message. */
export function kindOf(block: Unread): string {
  return Object.keys(block)[0]?.slice(0, 80) ?? ''
}

/** Reads a cache point: `{cachePoint: {type: 'default', ttl}}`. */
export function cacheAt({ cachePoint }: Unread, path: string): CacheBreakpoint {
  const place = `${path}.cachePoint`
  const { type, ttl, ...rest } = objectAt(cachePoint, place)
  if (type !== 'default' || Object.keys(rest).length > 0) throw unsupported('unknown cache point', place)
  return isAbsent(ttl) ? {} : { ttl: stringAt(ttl, `${place}.ttl`) }
}

/** A part with a cache point behind it. */
export function withCache<Part extends AssistantPart | ToolResult>(
  part: Part,
  cache: CacheBreakpoint,
  path: string,
): Part {
  const canHave =
    part.type !== 'reasoning' && part.type !== 'provider-call' && part.type !== 'provider-result'
  if (!canHave || part.cache !== undefined) throw unsupported('a cache point cannot stand here', path)
  return { ...part, cache }
}

/** Reads what is text: plain, guarded, found by a search. Null for any other block. */
export function decodeTextBlock(block: Unread, path: string): TextPart | null {
  const { text, guardContent, searchResult } = block
  if (text !== undefined) return { type: 'text', text: stringAt(text, `${path}.text`) }
  if (isObject(guardContent) && isObject(guardContent['text'])) {
    const guarded = stringAt(guardContent['text']['text'], `${path}.guardContent.text.text`)
    return { type: 'text', text: guarded, ...keep(dialect, { guardContent }) }
  }
  if (!isObject(searchResult)) return null
  return { type: 'text', text: textOfBlocks(searchResult['content']), ...keep(dialect, { searchResult }) }
}

function decodeMediaBlock(block: Unread, path: string): MediaPart | null {
  const { guardContent } = block
  if (isObject(guardContent) && isObject(guardContent['image'])) {
    const part = decodeMedia('image', guardContent['image'], `${path}.guardContent.image`)
    return {
      ...part,
      data: { [dialect]: { ...part.data?.[dialect], guardContent: guardContent as JsonObject } },
    }
  }
  const kind = mediaKinds.find((one) => block[one] !== undefined)
  return kind === undefined ? null : decodeMedia(kind, block[kind], `${path}.${kind}`)
}

function decodeUserBlock(block: Unread, path: string): TextPart | MediaPart | ToolResult {
  const { toolResult } = block
  if (toolResult !== undefined) return decodeToolResult(objectAt(toolResult, `${path}.toolResult`), path)
  return decodeTextBlock(block, path) ?? decodeMediaBlock(block, path) ?? unknownBlock(block, path)
}

function unknownBlock(block: Unread, path: string): never {
  throw unsupported(`unknown block "${kindOf(block)}"`, path)
}

function decodeAssistantBlock(block: Unread, path: string): AssistantPart {
  const { toolUse, toolResult, reasoningContent, citationsContent } = block
  if (toolUse !== undefined) return decodeToolUse(objectAt(toolUse, `${path}.toolUse`), `${path}.toolUse`)
  if (reasoningContent !== undefined)
    return decodeReasoning(objectAt(reasoningContent, `${path}.reasoningContent`), path)
  if (isObject(citationsContent)) {
    const citations = isAbsent(citationsContent['citations'])
      ? []
      : arrayAt(citationsContent['citations'], `${path}.citationsContent.citations`)
    return {
      type: 'text',
      text: textOfBlocks(citationsContent['content']),
      citations: citations.map((one) => decodeCitation(objectAt(one, `${path}.citationsContent.citations`))),
    }
  }
  if (isObject(toolResult)) {
    const { toolUseId, type, content, status } = toolResult
    return {
      type: 'provider-result',
      id: stringAt(toolUseId, `${path}.toolResult.toolUseId`),
      name: stringOr(type) ?? '',
      output: (content ?? []) as Json,
      isError: status === 'error',
      data: { [dialect]: given({ status: stringOr(status) }) },
    }
  }
  return decodeTextBlock(block, path) ?? decodeMediaBlock(block, path) ?? unknownBlock(block, path)
}

/** Reasoning is marked as Bedrock's own, signed or not: only such reasoning is sent back. */
function decodeReasoning(wire: Unread, path: string): ReasoningPart {
  const { reasoningText, redactedContent } = wire
  if (typeof redactedContent === 'string')
    return { type: 'reasoning', text: '', data: { [dialect]: { redactedContent } } }
  const place = `${path}.reasoningContent.reasoningText`
  const { text, signature } = objectAt(reasoningText, place)
  return {
    type: 'reasoning',
    text: stringAt(text, `${place}.text`),
    data: { [dialect]: isAbsent(signature) ? {} : { signature: stringAt(signature, `${place}.signature`) } },
  }
}

function decodeToolUse(wire: Unread, path: string): AssistantPart {
  const { toolUseId, name, input, type, ...rest } = wire
  const id = stringAt(toolUseId, `${path}.toolUseId`)
  const tool = stringAt(name, `${path}.name`)
  const given = input ?? {}
  if (type === 'server_tool_use') {
    const data = { [dialect]: {} }
    return { type: 'provider-call', id, name: tool, input: given as Json, data }
  }
  const call: ToolCall = {
    type: 'tool-call',
    id,
    name: tool,
    input: given,
    inputText: textAt(given, `${path}.input`),
    ...keep(dialect, type === undefined ? rest : { ...rest, type }),
  }
  return call
}

/** A result in JSON is text to all others, and goes back as it was. */
function decodeToolResult(wire: Unread, path: string): ToolResult {
  const { toolUseId, content, status, ...rest } = wire
  const place = `${path}.toolResult`
  const blocks = isAbsent(content) ? [] : arrayAt(content, `${place}.content`)
  return {
    type: 'tool-result',
    id: stringAt(toolUseId, `${place}.toolUseId`),
    name: '',
    output: blocks.map((element, index) => {
      const where = `${place}.content[${index}]`
      const block = objectAt(element, where)
      const { json } = block
      if (json !== undefined)
        return { type: 'text', text: textAt(json, `${where}.json`), ...keep(dialect, { json }) }
      return decodeTextBlock(block, where) ?? decodeMediaBlock(block, where) ?? unknownBlock(block, where)
    }),
    isError: status === 'error',
    ...keep(dialect, isAbsent(status) || status === 'error' ? rest : { ...rest, status }),
  }
}
