/** Encodes the messages of a request for the Converse API. */
import type { Unread } from '../json.ts'
import { kept } from '../kept-fields.ts'
import type {
  AssistantPart,
  CacheBreakpoint,
  Message,
  ReasoningPart,
  TextPart,
  ToolCall,
  ToolResult,
} from '../message.ts'
import { inputObject } from '../tool-input.ts'
import { unsupported } from '../strict.ts'
import { calledName } from '../tool-name.ts'
import { encodeMedia } from './media.ts'
import { makerOf } from './makers.ts'
import { name } from './name.ts'
import { encodeProviderPart } from './provider-parts.ts'

/** How long the name of a tool may be. */
export const nameLength = 64

/** Roles must alternate: messages of one side that follow each other become one. Empty ones are left out. */
export function encodeMessages(messages: readonly Message[], model: string): Unread[] {
  const encoded: { readonly role: string; readonly content: Unread[] }[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system') continue
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = message.content.flatMap((part, place) =>
      withCache(encodePart(part, model, `messages[${index}].content[${place}]`), part, model),
    )
    const last = encoded.at(-1)
    if (content.length === 0) continue
    if (last?.role === role) last.content.push(...content)
    else if (last === undefined && role === 'assistant')
      throw unsupported('a conversation must start with the user', `messages[${index}]`)
    else encoded.push({ role, content })
  }
  return encoded
}

/** Models that refuse cache points; for others, and those behind a profile's name, they are written. */
const cacheless = /\b(meta|mistral|cohere|ai21|deepseek|openai|qwen|amazon\.titan)\b/

/** What was written of something, and the mark behind what is worth keeping. */
export function withCache(
  blocks: Unread[],
  of: { readonly type?: string; readonly cache?: CacheBreakpoint },
  model: string,
): Unread[] {
  if (of.cache === undefined || blocks.length === 0 || cacheless.test(model)) return blocks
  return [...blocks, { cachePoint: { type: 'default', ttl: of.cache.ttl } }]
}

function encodePart(part: AssistantPart | ToolResult, model: string, path: string): Unread[] {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'media':
      return [encodeMedia(part, path)]
    case 'tool-call':
      return [encodeToolCall(part)]
    case 'tool-result':
      return [encodeToolResult(part, path)]
    case 'reasoning':
      return encodeReasoning(part, model)
    case 'provider-call':
    case 'provider-result':
      return encodeProviderPart(part)
  }
}

/** What only Bedrock can say goes back as it came. Blank text is refused by the API, and left out. */
export function encodeText(part: TextPart): Unread[] {
  const own = kept(name, part)
  if (Object.keys(own).length > 0) return [own]
  if (part.text.trim() === '') return []
  const citations = part.citations?.map(({ data }) => data?.[name])
  if (citations?.every((own) => own !== undefined))
    return [{ citationsContent: { content: [{ text: part.text }], citations } }]
  return [{ text: part.text }]
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html */
function encodeToolCall(call: ToolCall): Unread {
  return {
    toolUse: {
      toolUseId: toolId(call.id),
      name: calledName(call, nameLength),
      input: inputObject(call),
      ...kept(name, call),
    },
  }
}

/** Ids of other dialects may be longer, and have other characters. */
function toolId(id: string): string {
  return id.replaceAll(/[^\w.:-]/g, '_').slice(-64) || '_'
}

function encodeToolResult(result: ToolResult, path: string): Unread {
  const content = result.output.flatMap((part, index) =>
    part.type === 'text' ? encodeText(part) : [encodeMedia(part, `${path}.output[${index}]`)],
  )
  return {
    toolResult: {
      toolUseId: toolId(result.id),
      content,
      status: result.isError ? 'error' : undefined,
      ...kept(name, result),
    },
  }
}

/**
 * Bedrock's own reasoning goes back, and for Claude also what Anthropic's API signed: the signatures are the
 * same. Claude refuses reasoning without one, other models that of anyone else.
 */
export function encodeReasoning({ text, data }: ReasoningPart, model: string): Unread[] {
  const isClaude = makerOf(model) === 'claude'
  const own = data?.[name]
  const theirs = isClaude ? data?.['anthropic-messages'] : undefined
  const redacted = own?.['redactedContent'] ?? redactedOf(theirs?.['data'])
  if (redacted !== undefined) return [{ reasoningContent: { redactedContent: redacted } }]
  const signature = own?.['signature'] ?? theirs?.['signature']
  if (signature === undefined && (own === undefined || isClaude)) return []
  return [{ reasoningContent: { reasoningText: { text, signature } } }]
}

/** Bedrock writes Anthropic's text in base64 once more. */
function redactedOf(data: unknown): string | undefined {
  return typeof data === 'string' && /^[\w+/=-]+$/.test(data) ? btoa(data) : undefined
}
