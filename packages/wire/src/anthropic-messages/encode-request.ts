/** Encodes a request for a message. https://platform.claude.com/docs/en/api/messages */
import { isObject, type Unread } from '../json.ts'
import { writeRequest } from '../kept-fields.ts'
import type { Message } from '../message.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest, OutputFormat, ToolDefinition } from '../request.ts'
import { given, listOrNone } from '../given.ts'
import { unsupported } from '../strict.ts'
import { toolName } from '../tool-name.ts'
import { encodeContent, moreOf, nameLength } from './encode-parts.ts'
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
    ...encodeMessages(request.messages),
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
 * The conversation, and what stands before it: also what another dialect says in between, as only newer models take a
 * system message there, and it keeps its weight at the start where it would lose it in the user's mouth. Tool results
 * are the user's here: they, and what stands next to them, are one message, the results first.
 */
function encodeMessages(messages: readonly Message[]): Unread {
  const system: Unread[] = []
  const encoded: WireMessage[] = []
  let before: string | undefined
  for (const [index, message] of messages.entries()) {
    const { content, role } = index === messages.length - 1 ? trimmed(message) : message
    const blocks = encodeContent(content, `messages[${index}].content`, role)
    const fields = keptFields(message)
    // https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
    if (role === 'system' && fields['role'] !== role) {
      for (const block of blocks) system.push(block)
      continue
    }
    const last = encoded.at(-1)
    const continues = before === 'tool' && role !== 'assistant' && Object.keys(fields).length === 0
    if (continues && last) last.content.push(...blocks)
    else if (blocks.length > 0)
      encoded.push({ role: role === 'tool' ? 'user' : role, content: blocks, ...fields })
    before = role
  }
  return { system: listOrNone(system), messages: encoded }
}

interface WireMessage {
  readonly role: string
  readonly content: Unread[]
}

/** The beginning of an answer must not end in blanks: "final assistant content cannot end with trailing whitespace". */
function trimmed(message: Message): Message {
  const last = message.content.at(-1)
  if (message.role !== 'assistant' || last?.type !== 'text') return message
  return { ...message, content: [...message.content.slice(0, -1), { ...last, text: last.text.trimEnd() }] }
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
