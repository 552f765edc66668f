/** Encodes a request for a message. https://platform.claude.com/docs/en/api/messages */
import { isObject, type Unread } from '../json.ts'
import { writeRequest } from '../kept-fields.ts'
import type { Message } from '../message.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest, OutputFormat, ToolDefinition } from '../request.ts'
import { given, listOrNone } from '../given.ts'
import { unsupported } from '../strict.ts'
import { toolName } from '../tool-name.ts'
import { encodePart, encodeText, isBlank, moreOf, nameLength, type Part } from './encode-parts.ts'
import { keptFields, name } from './name.ts'
import { encodeSettings } from './reasoning.ts'

/** Where the cloud names the model in the URL, the body names the version of the API instead. */
const versions = { vertex: 'vertex-2023-10-16', bedrock: 'bedrock-2023-05-31' } as const

/** The request's body, its keys in one fixed order. Throws a WireError for what cannot be said. */
export function encodeRequest(request: ModelRequest, { host }: Provider): string {
  const { output_config: config, metadata, anthropic_beta: betas, ...rest } = keptFields(request)
  const { thinking, effort, ...settings } = encodeSettings(request)
  const tools = listOrNone(request.tools ?? [])
  return writeRequest({
    anthropic_version: host && versions[host],
    model: host ? undefined : request.model,
    ...settings,
    system: encodeSystem(request.messages),
    messages: encodeMessages(request.messages),
    tools: tools?.map(encodeTool),
    tool_choice: tools && encodeToolChoice(request),
    thinking,
    output_config: someOf(
      { effort, format: rest['output_format'] ? undefined : encodeFormat(request.outputFormat) },
      config,
    ),
    metadata: someOf({ user_id: request.user }, metadata),
    // Elsewhere these are a header.
    anthropic_beta: host === 'bedrock' ? betas : undefined,
    ...rest,
    stream: (request.stream && host !== 'bedrock') || undefined,
  })
}

/**
 * What stands before the conversation, and what another dialect says in between: only newer models take a system
 * message there, and it keeps its weight at the start where it would lose it in the user's mouth.
 */
function encodeSystem(messages: readonly Message[]): readonly Unread[] | undefined {
  const content = messages.flatMap((message) =>
    message.role === 'system' && !isInBetween(message) ? message.content : [],
  )
  return listOrNone(content.filter((part) => !isBlank(part)).map(encodeText))
}

/** https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages */
function isInBetween(message: Message): boolean {
  return keptFields(message)['role'] === 'system'
}

interface WireMessage {
  readonly role: string
  readonly content: Unread[]
}

/** Tool results are the user's here: they, and what stands next to them, are one message, the results first. */
function encodeMessages(messages: readonly Message[]): WireMessage[] {
  const encoded: WireMessage[] = []
  let before: Message | undefined
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system' && !isInBetween(message)) continue
    const content = encodeContent(
      index === messages.length - 1 ? trimmed(message) : message,
      `messages[${index}].content`,
    )
    const fields = keptFields(message)
    const last = encoded.at(-1)
    const role = message.role === 'tool' ? 'user' : message.role
    const continues = before?.role === 'tool' && role === 'user' && Object.keys(fields).length === 0
    if (continues && last) last.content.push(...content)
    else if (content.length > 0) encoded.push({ role, content, ...fields })
    before = message
  }
  return encoded
}

/** The beginning of an answer must not end in blanks: "final assistant content cannot end with trailing whitespace". */
function trimmed(message: Message): Message {
  const last = message.content.at(-1)
  if (message.role !== 'assistant' || last?.type !== 'text') return message
  return { ...message, content: [...message.content.slice(0, -1), { ...last, text: last.text.trimEnd() }] }
}

function encodeContent({ role, content }: Message, path: string): Unread[] {
  const parts: readonly Part[] = content
  // Nothing but blank text is what its asker said: the API says what it thinks of it.
  const isAllBlank = role === 'user' && parts.every(isBlank)
  return parts.flatMap<Unread>((part, index) =>
    isBlank(part) && !isAllBlank ? [] : (encodePart(part, `${path}[${index}]`, role === 'assistant') ?? []),
  )
}

function encodeTool(tool: ToolDefinition, index: number): Unread {
  if (tool.type === 'provider') {
    if (tool.dialect === name) return tool.definition
    throw unsupported(`a tool of ${tool.dialect} cannot be said`, `tools[${index}]`)
  }
  return {
    name: toolName(tool, nameLength, `tools[${index}]`),
    description: tool.description || undefined,
    // A schema without a type is refused.
    input_schema: { type: 'object', ...tool.inputSchema },
    strict: tool.strict,
    ...moreOf(tool),
  }
}

function encodeToolChoice({ toolChoice, parallelToolCalls }: ModelRequest): Unread | undefined {
  if ((toolChoice ?? parallelToolCalls) === undefined) return undefined
  const choice = toolChoice ?? { type: 'auto' }
  const { type } = choice
  return {
    ...choice,
    type: type === 'required' ? 'any' : type,
    disable_parallel_tool_use:
      parallelToolCalls === undefined || type === 'none' ? undefined : !parallelToolCalls,
  }
}

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
function encodeFormat(format: OutputFormat | undefined): Unread | undefined {
  if (format?.type === 'json') throw unsupported('JSON without a schema cannot be asked for', 'outputFormat')
  return format?.type === 'json-schema' ? { type: 'json_schema', schema: format.schema } : undefined
}

/** The fields that say something, and those that were kept; undefined for none. */
function someOf(fields: Unread, keptOnes: unknown): Unread | undefined {
  const all = { ...given(fields), ...(isObject(keptOnes) && keptOnes) }
  return Object.keys(all).length > 0 ? all : undefined
}
