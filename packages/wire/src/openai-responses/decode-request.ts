/** Decodes a request of the dialect, strictly: an item that is not known would change the question. */
import { WireError } from '../error.ts'
import { isObject, type Unread } from '../json.ts'
import { keep, without } from '../kept-fields.ts'
import { type JsonObject, type Message, type ProviderData, text } from '../message.ts'
import type { ModelRequest, OutputFormat, ReasoningSettings, ToolChoice, ToolDefinition } from '../request.ts'
import { readSettings, type Setting } from '../settings.ts'
import { arrayAt, booleanAt, isAbsent, numberAt, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { decodeItems } from './decode-items.ts'
import { responses } from './items.ts'
import { logprobsField, settings } from './settings.ts'

/** Reads a request's body, parsed. Throws a WireError that names the place for what it does not know. */
export function decodeRequest(body: unknown): ModelRequest {
  if (!isObject(body)) throw new WireError('malformed', 'a request is a JSON object', { path: '' })
  const [known, others] = readSettings(settings, body)
  const [openrouter] = readSettings(openrouterSettings, others)
  const {
    model,
    input,
    instructions,
    tools,
    tool_choice,
    text: words,
    reasoning,
    stream,
    ...others2
  } = others
  const { metadata, include, top_logprobs, ...fields } = others2
  const format = decodeFormat(words)
  const thinking = decodeReasoning(reasoning)
  const choice = decodeToolChoice(tool_choice)
  const wanted = decodeLogprobs(include, top_logprobs)
  const notes = decodeMetadata(metadata)
  const kept = {
    ...fields,
    ...choice.rest,
    ...format.rest,
    ...thinking.rest,
    ...wanted.rest,
    ...(notes === undefined && !isAbsent(metadata) && { metadata }),
  }
  return {
    ...known,
    ...openrouter,
    model: isAbsent(model) ? '' : stringAt(model, 'model'),
    messages: decodeMessages(instructions, input),
    ...(!isAbsent(tools) && { tools: arrayAt(tools, 'tools').map(decodeTool) }),
    ...(choice.value !== undefined && { toolChoice: choice.value }),
    ...(format.value !== undefined && { outputFormat: format.value }),
    ...(thinking.value !== undefined && { reasoning: thinking.value }),
    ...(wanted.value !== undefined && { logprobs: wanted.value }),
    ...(notes !== undefined && { metadata: notes }),
    stream: stream === true,
    ...keep(responses, kept),
  }
}

/** OpenRouter has these here too. They are kept as well: OpenAI refuses them, so only what came with them is sent with them. */
const openrouterSettings: readonly Setting[] = [
  ['top_k', 'topK'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
]

/** What a field says in a request, and what of it is kept. */
interface Read<Value> {
  readonly value: Value | undefined
  readonly rest: Unread
}

/** The system message that stood in `instructions` goes back there: it is not carried over to the next response. */
const instructionsData: ProviderData = { [responses]: { instructions: true } }

function decodeMessages(instructions: unknown, input: unknown): Message[] {
  const items = isAbsent(input) ? [] : typeof input === 'string' ? [{ role: 'user', content: input }] : input
  const messages = decodeItems(arrayAt(items, 'input'))
  if (isAbsent(instructions)) return messages
  const content = [text(stringAt(instructions, 'instructions'))]
  return [{ role: 'system', content, data: instructionsData }, ...messages]
}

/** What is not said, as another dialect would not say it, is noted: `strict` above all, which is true when absent. */
function decodeTool(wire: unknown, index: number): ToolDefinition {
  const path = `tools[${index}]`
  const tool = objectAt(wire, path)
  if (stringAt(tool['type'], `${path}.type`) !== 'function') {
    return { type: 'provider', dialect: responses, definition: tool as JsonObject }
  }
  const { type: _type, name, description, parameters, strict, ...rest } = tool
  const isAllSaid =
    typeof strict === 'boolean' && isObject(parameters) && description !== null && description !== ''
  const fields = {
    ...(strict === null && { strict }),
    ...(parameters === null && { parameters }),
    ...((description === null || description === '') && { description }),
    ...rest,
  }
  return {
    type: 'function',
    name: stringAt(name, `${path}.name`),
    description: isAbsent(description) ? '' : stringAt(description, `${path}.description`),
    inputSchema: (isAbsent(parameters) ? {} : objectAt(parameters, `${path}.parameters`)) as JsonObject,
    ...(!isAbsent(strict) && { strict: booleanAt(strict, `${path}.strict`) }),
    ...(isAllSaid && Object.keys(parameters).length > 0
      ? keep(responses, fields)
      : { data: { [responses]: fields } }),
  }
}

/** A choice of a provider's tool, or among some tools, is kept as it is. */
function decodeToolChoice(wire: unknown): Read<ToolChoice> {
  if (isAbsent(wire)) return { value: undefined, rest: {} }
  if (wire === 'none' || wire === 'required' || wire === 'auto') return { value: { type: wire }, rest: {} }
  if (!isObject(wire)) throw unsupported(`unknown choice ${shown(wire)}`, 'tool_choice')
  const { type, name, ...rest } = wire
  const isTool = type === 'function' && typeof name === 'string' && Object.keys(rest).length === 0
  if (isTool) return { value: { type: 'tool', name }, rest: {} }
  stringAt(type, 'tool_choice.type')
  return { value: undefined, rest: { tool_choice: wire } }
}

function decodeFormat(wire: unknown): Read<OutputFormat> {
  if (isAbsent(wire)) return { value: undefined, rest: {} }
  const { format, ...rest } = objectAt(wire, 'text')
  const kept = Object.keys(rest).length > 0 || isAbsent(format) ? { text: rest } : {}
  if (isAbsent(format)) return { value: undefined, rest: kept }
  const { type, name, description, schema, strict } = objectAt(format, 'text.format')
  if (type === 'text') return { value: { type }, rest: kept }
  if (type === 'json_object') return { value: { type: 'json' }, rest: kept }
  if (type !== 'json_schema') throw unsupported(`unknown format ${shown(type)}`, 'text.format.type')
  const value: OutputFormat = {
    type: 'json-schema',
    name: stringAt(name, 'text.format.name'),
    ...(!isAbsent(description) && { description: stringAt(description, 'text.format.description') }),
    schema: objectAt(schema, 'text.format.schema') as JsonObject,
    ...(!isAbsent(strict) && { strict: strict === true }),
  }
  return { value, rest: kept }
}

/** The effort, whether a summary is shown, and OpenRouter's `enabled` and `max_tokens`. */
function decodeReasoning(wire: unknown): Read<ReasoningSettings> {
  if (isAbsent(wire)) return { value: undefined, rest: {} }
  const { effort, ...rest } = objectAt(wire, 'reasoning')
  const { summary, enabled, max_tokens } = rest
  const value: ReasoningSettings = {
    ...(typeof enabled === 'boolean' && { isEnabled: enabled }),
    ...(!isAbsent(effort) && { effort: stringAt(effort, 'reasoning.effort') }),
    ...(!isAbsent(max_tokens) && { budget: numberAt(max_tokens, 'reasoning.max_tokens') }),
    ...(!isAbsent(summary) && { isShown: true }),
  }
  const isAll = isAbsent(effort) || Object.keys(rest).length > 0
  return { value: Object.keys(value).length > 0 ? value : undefined, rest: isAll ? { reasoning: rest } : {} }
}

/** `top_logprobs` alone gets none: they have to be included. */
function decodeLogprobs(include: unknown, count: unknown): Read<number> {
  const top = isAbsent(count) ? undefined : numberAt(count, 'top_logprobs')
  const listed = isAbsent(include) ? {} : { include: arrayAt(include, 'include') }
  if (Array.isArray(include) && include.includes(logprobsField)) return { value: top ?? 0, rest: listed }
  return { value: undefined, rest: { ...listed, ...(top !== undefined && { top_logprobs: top }) } }
}

function decodeMetadata(wire: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(wire) || !Object.values(wire).every((note) => typeof note === 'string')) return undefined
  return without(wire, []) as Record<string, string>
}
