/** Encodes a request for a message. https://platform.claude.com/docs/en/api/messages */
import { isObject } from '../json.ts'
import { writeRequest } from '../kept-fields.ts'
import type { JsonObject, Message } from '../message.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest, OutputFormat, ToolChoice, ToolDefinition } from '../request.ts'
import { writeSettings } from '../settings.ts'
import { unsupported } from '../strict.ts'
import { encodeAssistantPart, encodeCache, encodeText, encodeUserPart, isBlank } from './encode-parts.ts'
import { keptFields, name } from './name.ts'
import { encodeThinking } from './reasoning.ts'
import { settings } from './settings.ts'

/** Where the cloud names the model in the URL, the body names the version of the API instead. */
const versions = { vertex: 'vertex-2023-10-16', bedrock: 'bedrock-2023-05-31' } as const

/** The request's body, its keys in one fixed order. Throws a WireError for what cannot be said. */
export function encodeRequest(request: ModelRequest, { host }: Provider): string {
  const { output_config: config, metadata, anthropic_beta: betas, ...rest } = keptFields(request)
  const { maxTokens, thinking, effort } = encodeThinking(request)
  const format = encodeFormat(request.outputFormat)
  const hasTools = request.tools !== undefined && request.tools.length > 0
  return writeRequest({
    anthropic_version: host === undefined ? undefined : versions[host],
    model: host === undefined ? request.model : undefined,
    ...writeSettings(settings, request),
    max_tokens: maxTokens,
    system: encodeSystem(request.messages),
    messages: encodeMessages(request.messages),
    tools: hasTools ? request.tools.map((tool, index) => encodeTool(tool, `tools[${index}]`)) : undefined,
    tool_choice: hasTools ? encodeToolChoice(request) : undefined,
    thinking,
    output_config: someOf({ ...(effort !== undefined && { effort }), ...format, ...objectOrNone(config) }),
    metadata: someOf({
      ...(request.user !== undefined && { user_id: request.user }),
      ...objectOrNone(metadata),
    }),
    // Elsewhere these are a header.
    anthropic_beta: host === 'bedrock' ? betas : undefined,
    ...rest,
    stream: request.stream && host !== 'bedrock' ? true : undefined,
  })
}

/**
 * What stands before the conversation, and what another dialect says in between: only newer models take a system
 * message there, and it keeps its weight at the start where it would lose it in the user's mouth.
 */
function encodeSystem(messages: readonly Message[]): JsonObject[] | undefined {
  const content = messages.flatMap((message) =>
    message.role === 'system' && !isInBetween(message) ? message.content : [],
  )
  const blocks = content.filter((part) => !isBlank(part)).map(encodeText)
  return blocks.length > 0 ? blocks : undefined
}

/** https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages */
function isInBetween(message: Message): boolean {
  return keptFields(message)['role'] === 'system'
}

interface WireMessage {
  readonly role: string
  readonly content: JsonObject[]
}

/** Tool results are the user's here: they, and what stands next to them, are one message, the results first. */
function encodeMessages(messages: readonly Message[]): WireMessage[] {
  const encoded: WireMessage[] = []
  let before: Message | undefined
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system' && !isInBetween(message)) continue
    const path = `messages[${index}]`
    const content = encodeContent(message, path)
    const last = encoded.at(-1)
    const isUsers = message.role === 'tool' || message.role === 'user'
    const continues = before?.role === 'tool' && isUsers && Object.keys(keptFields(message)).length === 0
    if (continues && last !== undefined) last.content.push(...content)
    else if (content.length > 0) {
      encoded.push({ role: isUsers ? 'user' : message.role, content, ...keptFields(message) })
    }
    before = message
  }
  return encoded
}

function encodeContent(message: Message, path: string): JsonObject[] {
  const { content } = message
  // Nothing but blank text is what its asker said: the API says what it thinks of it.
  const isAllBlank = message.role === 'user' && content.every(isBlank)
  return content.flatMap((part, index) => {
    const where = `${path}.content[${index}]`
    if (isBlank(part) && !isAllBlank) return []
    const block =
      message.role === 'assistant'
        ? encodeAssistantPart(part as (typeof message.content)[number], where)
        : encodeUserPart(part as Exclude<typeof message, { role: 'assistant' }>['content'][number], where)
    return block === null ? [] : [block]
  })
}

function encodeTool(tool: ToolDefinition, path: string): JsonObject {
  if (tool.type === 'provider') {
    if (tool.dialect !== name) throw unsupported(`a tool of ${tool.dialect} cannot be said`, path)
    return tool.definition
  }
  return {
    name: tool.name,
    ...(tool.description !== '' && { description: tool.description }),
    // A schema without a type is refused.
    input_schema: { type: 'object', ...tool.inputSchema },
    ...(tool.strict !== undefined && { strict: tool.strict }),
    ...encodeCache(tool.cache),
    ...keptFields(tool),
  }
}

const choices: Readonly<Record<ToolChoice['type'], string>> = {
  auto: 'auto',
  none: 'none',
  required: 'any',
  tool: 'tool',
}

function encodeToolChoice({ toolChoice, parallelToolCalls }: ModelRequest): JsonObject | undefined {
  if (toolChoice === undefined && parallelToolCalls === undefined) return undefined
  const choice = toolChoice ?? { type: 'auto' }
  return {
    type: choices[choice.type],
    ...(choice.type === 'tool' && { name: choice.name }),
    ...(parallelToolCalls !== undefined &&
      choice.type !== 'none' && { disable_parallel_tool_use: !parallelToolCalls }),
  }
}

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
function encodeFormat(format: OutputFormat | undefined): JsonObject {
  if (format === undefined || format.type === 'text') return {}
  if (format.type === 'json') throw unsupported('JSON without a schema cannot be asked for', 'outputFormat')
  return { format: { type: 'json_schema', schema: format.schema } }
}

function someOf(fields: JsonObject): JsonObject | undefined {
  return Object.keys(fields).length > 0 ? fields : undefined
}

function objectOrNone(value: unknown): JsonObject {
  return isObject(value) ? (value as JsonObject) : {}
}
