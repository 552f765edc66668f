/** Encodes a request for the dialect. https://platform.openai.com/docs/api-reference/responses/create */
import { effortOf } from '../effort.ts'
import { listOrNone } from '../given.ts'
import { arrayOr, isObject, objectOr, type Unread } from '../json.ts'
import { kept, writeRequest } from '../kept-fields.ts'
import type {
  AssistantMessage,
  Json,
  MediaPart,
  SystemMessage,
  TextPart,
  ToolMessage,
  UserMessage,
} from '../message.ts'
import type { ModelRequest, OutputFormat, ReasoningSettings, ToolChoice, ToolDefinition } from '../request.ts'
import { unsupported } from '../strict.ts'
import { type Draft, drafts, encodeCall, encodeOther, encodeText, isOwn, messageOf } from './encode-items.ts'
import { responses } from './items.ts'
import { encodeMedia } from './media.ts'
import { logprobsField } from './settings.ts'

/**
 * The body; fields that are undefined are not written. What has no field here (seed, penalties, top-k) is left out;
 * what must not be is refused.
 */
export function encodeRequest(request: ModelRequest): string {
  const { instructions, input } = encodeMessages(request)
  const { text, reasoning, include, ...fields } = kept(responses, request)
  const { model, tools, toolChoice, metadata, outputFormat, logprobs } = request
  if (request.stop?.length) throw unsupported('stop words cannot be said in this dialect', 'stop')
  return writeRequest({
    model: model || undefined,
    instructions,
    input: listOrNone(input),
    tools: tools?.map(encodeTool),
    tool_choice: toolChoice && encodeToolChoice(toolChoice),
    max_output_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    parallel_tool_calls: request.parallelToolCalls,
    user: request.user,
    metadata,
    text: merged(outputFormat && { format: encodeFormat(outputFormat) }, text),
    reasoning: merged(request.reasoning && encodeReasoningSettings(request.reasoning, reasoning), reasoning),
    top_logprobs: logprobs || undefined,
    include: logprobs === undefined ? include : withLogprobs(include),
    stream: request.stream || undefined,
    ...fields,
  })
}

/** What is said here, and what was kept beside it. */
function merged(said: Unread | undefined, kept: Json | undefined): unknown {
  return isObject(kept) ? { ...said, ...kept } : (said ?? kept)
}

interface Encoded {
  readonly instructions: string | undefined
  readonly input: readonly Unread[]
}

function encodeMessages(request: ModelRequest): Encoded {
  const [first] = request.messages
  const isInstructions = first?.role === 'system' && kept(responses, first)['instructions'] === true
  const isUnstored = kept(responses, request)['store'] === false
  const customs = new Set<unknown>()
  const input = request.messages.flatMap<Unread>((message, index) => {
    const path = `messages[${index}]`
    if (message.role === 'tool') return encodeResults(message, customs, path)
    if (message.role !== 'assistant') return index === 0 && isInstructions ? [] : encodeMessage(message, path)
    const items = encodeAssistant(message, isUnstored, path)
    for (const { type, call_id } of items) if (type === 'custom_tool_call') customs.add(call_id)
    return items
  })
  const instructions = isInstructions ? first.content.map(({ text }) => text).join('\n\n') : undefined
  return { instructions, input }
}

function encodeMessage(message: SystemMessage | UserMessage, path: string): Unread {
  const { instructions: _notFirst, ...fields } = kept(responses, message)
  const role = message.role === 'system' && message.isDeveloper ? 'developer' : message.role
  return { role, content: encodeContent(message.content, `${path}.content`), ...fields }
}

/** One text is written as such; that is what a list of one says too. */
function encodeContent(content: readonly (TextPart | MediaPart)[], path: string): unknown {
  const [first] = content
  if (first === undefined) return ''
  if (content.length === 1 && first.type === 'text' && !isOwn(first)) return first.text
  return content.map((part, index) =>
    part.type === 'text'
      ? { type: 'input_text', text: part.text, ...kept(responses, part) }
      : encodeMedia(part, `${path}[${index}]`),
  )
}

/** A reasoning item stays with the item behind it: both are written in the order in which they came. */
function encodeAssistant({ content }: AssistantMessage, isUnstored: boolean, path: string): Unread[] {
  return drafts(content).flatMap<Unread>((draft) => {
    if (isTexts(draft)) return encodeAnswer(draft)
    if (draft.type === 'tool-call') return encodeCall(draft)
    if (draft.type === 'media' && !isOwn(draft))
      throw unsupported(
        "a model's media cannot be said in this dialect",
        `${path}.content[${content.indexOf(draft)}]`,
      )
    const item = encodeOther(draft)
    return item === null || (isUnstored && isLost(item)) ? [] : item
  })
}

/**
 * Whether a reasoning item is only a name for what OpenAI keeps. Where nothing is stored it is not found
 * (https://github.com/continuedev/continue/issues/11994), and the request fails.
 */
function isLost({ type, encrypted_content, content }: Unread): boolean {
  return type === 'reasoning' && !encrypted_content && arrayOr(content).length === 0
}

function encodeAnswer(texts: readonly TextPart[]): Unread {
  const message = texts.map(messageOf).at(-1)
  const [first] = texts
  const isPlain = first?.citations === undefined && first?.data?.[responses]?.['part'] === undefined
  if (texts.length === 1 && isPlain && Object.keys(message ?? {}).length === 0)
    return { role: 'assistant', content: first?.text }
  return { type: 'message', role: 'assistant', content: texts.map(encodeText), ...message }
}

function encodeResults({ content }: ToolMessage, customs: ReadonlySet<unknown>, path: string): Unread[] {
  return content.map((result, index) => ({
    type: customs.has(result.id) ? 'custom_tool_call_output' : 'function_call_output',
    call_id: result.id,
    output: encodeContent(result.output, `${path}.content[${index}].output`),
    ...kept(responses, result),
  }))
}

/**
 * Without `strict` the API rewrites a schema to a strict one where it can
 * (https://platform.openai.com/docs/guides/function-calling#strict-mode): what nobody asked for is denied.
 */
function encodeTool(tool: ToolDefinition, index: number): Unread {
  if (tool.type === 'provider') {
    if (tool.dialect === responses) return tool.definition
    throw unsupported(`only ${tool.dialect} has this tool`, `tools[${index}]`)
  }
  const { name, description, inputSchema, strict } = tool
  const isFilled = isOwn(tool) || Object.keys(inputSchema).length > 0
  return {
    type: 'function',
    name,
    description: description || undefined,
    parameters: isFilled ? inputSchema : { type: 'object', properties: {} },
    strict: strict ?? (isOwn(tool) ? undefined : false),
    ...kept(responses, tool),
  }
}

function encodeToolChoice(choice: ToolChoice): Json {
  return choice.type === 'tool' ? { type: 'function', name: choice.name } : choice.type
}

/** A schema needs a name here. */
function encodeFormat(format: OutputFormat): Unread {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  const { name, description, schema, strict } = format
  return { type: 'json_schema', name: name || 'answer', description, schema, strict }
}

/** What this dialect said itself is kept; a budget becomes an effort, which is all that there is. */
function encodeReasoningSettings(settings: ReasoningSettings, own: Json | undefined): Unread | undefined {
  const { max_tokens, enabled } = objectOr(own)
  const isKept = (max_tokens ?? enabled) !== undefined
  const budget = settings.isEnabled === false ? 0 : settings.budget
  const effort = settings.effort ?? (isKept || budget === undefined ? undefined : effortOf(budget))
  const summary = settings.isShown ? 'auto' : undefined
  return effort || summary ? { effort, summary } : undefined
}

function withLogprobs(include: Json | undefined): readonly unknown[] {
  return [...new Set([...arrayOr(include), logprobsField])]
}

function isTexts(draft: Draft): draft is readonly TextPart[] {
  return Array.isArray(draft)
}
