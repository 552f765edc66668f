/** Encodes a request for the dialect. https://platform.openai.com/docs/api-reference/responses/create */
import { isObject } from '../json.ts'
import { kept, writeRequest } from '../kept-fields.ts'
import type {
  AssistantMessage,
  Json,
  JsonObject,
  MediaPart,
  Message,
  TextPart,
  ToolMessage,
} from '../message.ts'
import type { ModelRequest, OutputFormat, ToolChoice, ToolDefinition } from '../request.ts'
import { writeSettings } from '../settings.ts'
import { unsupported } from '../strict.ts'
import {
  type Draft,
  drafts,
  encodeCall,
  encodeOther,
  encodeReasoning,
  encodeText,
  isOwn,
  messageOf,
} from './encode-items.ts'
import { responses } from './items.ts'
import { encodeMedia } from './media.ts'
import { logprobsField, settings } from './settings.ts'

/** The body. What has no field here (seed, penalties, top-k) is left out; what must not be is refused. */
export function encodeRequest(request: ModelRequest): string {
  const { instructions, input } = encodeMessages(request)
  const { text, reasoning, include, ...fields } = kept(responses, request)
  if (request.stop !== undefined && request.stop.length > 0)
    throw unsupported('stop words cannot be said in this dialect', 'stop')
  return writeRequest({
    ...(request.model !== '' && { model: request.model }),
    instructions,
    ...(input.length > 0 && { input }),
    tools: request.tools?.map(encodeTool),
    ...(request.toolChoice !== undefined && { tool_choice: encodeToolChoice(request.toolChoice) }),
    ...writeSettings(settings, request),
    metadata: request.metadata,
    text: merged(
      text,
      request.outputFormat === undefined ? undefined : { format: encodeFormat(request.outputFormat) },
    ),
    reasoning: merged(reasoning, encodeReasoningSettings(request, reasoning)),
    include,
    ...encodeLogprobs(request, include),
    ...(request.stream && { stream: true }),
    ...fields,
  })
}

function merged(kept: Json | undefined, fields: JsonObject | undefined): Json | undefined {
  if (!isObject(kept)) return fields ?? kept
  return { ...fields, ...kept }
}

interface Encoded {
  readonly instructions: string | undefined
  readonly input: readonly JsonObject[]
}

function encodeMessages(request: ModelRequest): Encoded {
  const [first, ...rest] = request.messages
  const isInstructions = first?.role === 'system' && kept(responses, first)['instructions'] === true
  const isUnstored = kept(responses, request)['store'] === false
  const customs = new Set<string>()
  for (const { role, content } of request.messages) {
    if (role !== 'assistant') continue
    for (const part of content) {
      if (part.type === 'tool-call' && kept(responses, part)['type'] === 'custom_tool_call')
        customs.add(part.id)
    }
  }
  const messages = isInstructions ? rest : request.messages
  return {
    instructions: isInstructions ? first.content.map(({ text }) => text).join('\n\n') : undefined,
    input: messages.flatMap((message, index) => {
      const path = `messages[${isInstructions ? index + 1 : index}]`
      if (message.role === 'assistant') return encodeAssistant(message, isUnstored, path)
      return message.role === 'tool' ? encodeResults(message, customs, path) : [encodeMessage(message, path)]
    }),
  }
}

function encodeMessage(message: Exclude<Message, AssistantMessage | ToolMessage>, path: string): JsonObject {
  const { instructions: _notFirst, ...fields } = kept(responses, message)
  return {
    role: message.role === 'user' ? 'user' : message.isDeveloper === true ? 'developer' : 'system',
    content: encodeContent(message.content, `${path}.content`),
    ...fields,
  }
}

/** One text is written as such; that is what a list of one says too. */
function encodeContent(content: readonly (TextPart | MediaPart)[], path: string): Json {
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
function encodeAssistant({ content }: AssistantMessage, isUnstored: boolean, path: string): JsonObject[] {
  const encode = (draft: Draft): JsonObject | null => {
    if (isTexts(draft)) return encodeAnswer(draft)
    if (draft.type === 'tool-call') return encodeCall(draft)
    if (draft.type === 'reasoning') return encodeReasoning(draft)
    if (draft.type === 'media' && !isOwn(draft))
      throw unsupported(
        'a model cannot have answered with media',
        `${path}.content[${content.indexOf(draft)}]`,
      )
    return encodeOther(draft)
  }
  return drafts(content).flatMap((draft) => {
    const item = encode(draft)
    return item === null || (isUnstored && isLost(item)) ? [] : [item]
  })
}

/**
 * Whether a reasoning item is only a name for what OpenAI keeps. Where nothing is stored it is not found
 * (https://github.com/continuedev/continue/issues/11994), and the request fails.
 */
function isLost({ type, encrypted_content, content }: JsonObject): boolean {
  const isSaid = typeof encrypted_content === 'string' || (Array.isArray(content) && content.length > 0)
  return type === 'reasoning' && !isSaid
}

function encodeAnswer(texts: readonly TextPart[]): JsonObject {
  const [first] = texts
  const last = texts.at(-1)
  const message = last === undefined ? undefined : messageOf(last)
  const hasFields = message !== undefined && Object.keys(message).length > 0
  const isPlain =
    first !== undefined && first.citations === undefined && kept(responses, first)['part'] === undefined
  if (!hasFields && isPlain && texts.length === 1) return { role: 'assistant', content: first.text }
  const content = texts.map((part) => encodeText(part))
  return { type: 'message', role: 'assistant', content, ...message }
}

function encodeResults({ content }: ToolMessage, customs: ReadonlySet<string>, path: string): JsonObject[] {
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
function encodeTool(tool: ToolDefinition, index: number): JsonObject {
  if (tool.type === 'provider') {
    if (tool.dialect === responses) return tool.definition
    throw unsupported(`only ${tool.dialect} has this tool`, `tools[${index}]`)
  }
  const { name, description, inputSchema, strict } = tool
  const isEmpty = Object.keys(inputSchema).length === 0
  return {
    type: 'function',
    name,
    ...(description !== '' && { description }),
    parameters: isEmpty && !isOwn(tool) ? { type: 'object', properties: {} } : inputSchema,
    ...((strict !== undefined || !isOwn(tool)) && { strict: strict ?? false }),
    ...kept(responses, tool),
  }
}

function encodeToolChoice(choice: ToolChoice): Json {
  return choice.type === 'tool' ? { type: 'function', name: choice.name } : choice.type
}

/** A schema needs a name here. */
function encodeFormat(format: OutputFormat): JsonObject {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  const { name, description, schema, strict } = format
  return {
    type: 'json_schema',
    name: name === '' ? 'answer' : name,
    ...(description !== undefined && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  }
}

/** What this dialect said itself is kept; a budget becomes an effort, which is all that there is. */
function encodeReasoningSettings({ reasoning }: ModelRequest, own: Json | undefined): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  const { isEnabled, effort, budget, isShown } = reasoning
  const said = effort ?? (isEnabled === false ? 'none' : budget === undefined ? undefined : effortOf(budget))
  const isKept = isObject(own) && (own['max_tokens'] !== undefined || own['enabled'] !== undefined)
  const fields: JsonObject = {
    ...(said !== undefined && (effort !== undefined || !isKept) && { effort: said }),
    ...(isShown === true && { summary: 'auto' }),
  }
  return Object.keys(fields).length > 0 || isObject(own) ? fields : undefined
}

function effortOf(budget: number): string {
  if (budget <= 0) return 'none'
  return budget <= 2048 ? 'low' : budget <= 8192 ? 'medium' : 'high'
}

function encodeLogprobs({ logprobs }: ModelRequest, own: Json | undefined): JsonObject {
  if (logprobs === undefined) return {}
  const include: readonly Json[] = Array.isArray(own) ? own : []
  return {
    ...(logprobs > 0 && { top_logprobs: logprobs }),
    include: include.includes(logprobsField) ? include : [...include, logprobsField],
  }
}

function isTexts(draft: unknown): draft is readonly TextPart[] {
  return Array.isArray(draft)
}
