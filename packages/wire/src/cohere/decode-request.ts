/** Decodes a request for version 2 of Cohere's chat, strictly: what is not known would change the question. */
import { decodeFunctionTool } from '../function-tool.ts'
import { joinResults } from '../join-results.ts'
import { isObject, parseJson, type Unread } from '../json.ts'
import { keep, textAt } from '../kept-fields.ts'
import type {
  AssistantMessage,
  AssistantPart,
  JsonObject,
  MediaPart,
  Message,
  ReasoningPart,
  TextPart,
  ToolCall,
  ToolMessage,
} from '../message.ts'
import { text } from '../message.ts'
import type { ModelRequest, OutputFormat, ToolChoice } from '../request.ts'
import { readSettings } from '../settings.ts'
import { arrayAt, isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { decodeCitation, isOfText } from './citations.ts'
import { decodeThinking, settings } from './settings.ts'

/** Reads a request's body, parsed. Throws a WireError that names the place for what it does not know. */
export function decodeRequest(body: unknown): ModelRequest {
  const [common, others] = readSettings(settings, objectAt(body, ''))
  const { model, messages, tools, strict_tools, tool_choice, response_format, thinking, ...rest } = others
  const { stream, logprobs, ...extra } = rest
  const areStrict = strict_tools === true && Array.isArray(tools) && tools.length > 0
  const choice = isAbsent(tool_choice) ? undefined : decodeToolChoice(tool_choice)
  return {
    model: isAbsent(model) ? '' : stringAt(model, 'model'),
    messages: decodeMessages(arrayAt(messages, 'messages')),
    ...(!isAbsent(tools) && {
      tools: arrayAt(tools, 'tools').map((tool, index) => ({
        ...decodeFunctionTool('cohere', tool, index),
        ...(areStrict && { strict: true }),
      })),
    }),
    ...(choice !== undefined && { toolChoice: choice }),
    ...common,
    ...(!isAbsent(response_format) && { outputFormat: decodeFormat(response_format) }),
    ...(!isAbsent(thinking) && { reasoning: decodeThinking(thinking) }),
    ...(logprobs === true && { logprobs: 0 }),
    stream: stream === true,
    ...keep('cohere', {
      ...extra,
      ...(!areStrict && strict_tools !== undefined && { strict_tools }),
      ...(logprobs !== true && logprobs !== undefined && { logprobs }),
    }),
  }
}

/** The words are written in capitals, and read in any case. */
function decodeToolChoice(wire: unknown): ToolChoice {
  const type = typeof wire === 'string' ? wire.toLowerCase() : ''
  if (type === 'required' || type === 'none') return { type }
  throw unsupported(`unknown choice ${shown(wire)}`, 'tool_choice')
}

function decodeFormat(wire: unknown): OutputFormat {
  const { type, json_schema, schema } = objectAt(wire, 'response_format')
  if (type === 'text') return { type }
  if (type !== 'json_object') throw unsupported(`unknown format ${shown(type)}`, 'response_format.type')
  const shape = json_schema ?? schema
  if (isAbsent(shape)) return { type: 'json' }
  const object = objectAt(shape, 'response_format.json_schema') as JsonObject
  return { type: 'json-schema', name: '', schema: object }
}

/** Tool messages that follow each other answer one step, and are one message. */
function decodeMessages(wire: readonly unknown[]): Message[] {
  const messages: Message[] = []
  for (const [index, element] of wire.entries()) {
    messages.push(decodeMessage(element, `messages[${index}]`))
  }
  return joinResults(messages)
}

function decodeMessage(element: unknown, path: string): Message {
  const { role, content, ...wire } = objectAt(element, path)
  const place = `${path}.content`
  switch (role) {
    case 'system':
      return { role, content: decodeContent(content, place, ['text']) as TextPart[], ...keep('cohere', wire) }
    case 'user': {
      const parts = decodeContent(content, place, ['text', 'image_url', 'document'])
      return { role, content: parts as (TextPart | MediaPart)[], ...keep('cohere', wire) }
    }
    case 'assistant':
      return decodeAssistant(wire, decodeContent(content, place, ['text', 'thinking']), path)
    case 'tool':
      return decodeTold(wire, decodeContent(content, place, ['text', 'document']) as TextPart[], path)
    default:
      throw unsupported(`unknown role ${shown(role)}`, `${path}.role`)
  }
}

function decodeTold(wire: Unread, output: readonly TextPart[], path: string): ToolMessage {
  const { tool_call_id, ...rest } = wire
  const id = isAbsent(tool_call_id) ? '' : stringAt(tool_call_id, `${path}.tool_call_id`)
  const data = keep('cohere', rest)
  return { role: 'tool', content: [{ type: 'tool-result', id, name: '', output, isError: false, ...data }] }
}

function decodeAssistant(wire: Unread, said: readonly Part[], path: string): AssistantMessage {
  const { tool_plan, tool_calls, citations, ...rest } = wire
  const content = [...said] as AssistantPart[]
  const others: unknown[] = []
  for (const citation of isAbsent(citations) ? [] : arrayAt(citations, `${path}.citations`)) {
    if (!isObject(citation) || !isOfText(citation) || !addCitation(content, citation)) others.push(citation)
  }
  const plan = isAbsent(tool_plan) ? '' : stringAt(tool_plan, `${path}.tool_plan`)
  if (plan !== '') content.push({ type: 'reasoning', text: plan, ...keep('cohere', { field: 'tool_plan' }) })
  const calls = isAbsent(tool_calls) ? [] : arrayAt(tool_calls, `${path}.tool_calls`)
  content.push(...calls.map((call, index) => decodeCall(call, `${path}.tool_calls[${index}]`)))
  return {
    role: 'assistant',
    content,
    ...keep('cohere', { ...rest, ...(others.length > 0 && { citations: others }) }),
  }
}

/** Adds a citation to the part that it is of: the one of its index, else the last text. */
function addCitation(content: AssistantPart[], wire: Unread): boolean {
  const { content_index } = wire
  const isText = typeof content_index === 'number' && content[content_index]?.type === 'text'
  const index = isText ? content_index : content.findLastIndex((part) => part.type === 'text')
  const part = content[index]
  if (part?.type !== 'text') return false
  content[index] = { ...part, citations: [...(part.citations ?? []), decodeCitation(wire)] }
  return true
}

function decodeCall(wire: unknown, path: string): ToolCall {
  const { id, type, function: called, ...rest } = objectAt(wire, path)
  if (!isAbsent(type) && type !== 'function') throw unsupported(`unknown call ${shown(type)}`, `${path}.type`)
  const asked = objectAt(called, `${path}.function`)
  const input = asked['arguments']
  const inputText = isAbsent(input) ? '' : stringAt(input, `${path}.function.arguments`)
  return {
    type: 'tool-call',
    id: isAbsent(id) ? '' : stringAt(id, `${path}.id`),
    name: stringAt(asked['name'], `${path}.function.name`),
    input: parseJson(inputText),
    inputText,
    ...keep('cohere', rest),
  }
}

type Part = TextPart | MediaPart | ReasoningPart

/** Empty text is no part. */
function decodeContent(wire: unknown, path: string, types: readonly string[]): Part[] {
  if (isAbsent(wire) || wire === '') return []
  if (typeof wire === 'string') return [text(wire)]
  return arrayAt(wire, path)
    .map((part, index) => decodePart(part, `${path}[${index}]`, types))
    .filter((part) => part.type !== 'text' || part.text !== '' || part.data !== undefined)
}

function decodePart(element: unknown, path: string, types: readonly string[]): Part {
  const { type, ...wire } = objectAt(element, path)
  const decode = typeof type === 'string' && types.includes(type) ? partDecoders.get(type) : undefined
  if (decode === undefined) throw unsupported(`unknown part ${shown(type)}`, `${path}.type`)
  return decode(wire, path)
}

const partDecoders = new Map<string, (wire: Unread, path: string) => Part>([
  [
    'text',
    ({ text: words, ...rest }, path) => ({
      ...text(stringAt(words, `${path}.text`)),
      ...keep('cohere', rest),
    }),
  ],
  [
    'thinking',
    ({ thinking, ...rest }, path) => ({
      type: 'reasoning',
      text: stringAt(thinking, `${path}.thinking`),
      ...keep('cohere', { ...rest, field: 'thinking' }),
    }),
  ],
  ['image_url', decodeImage],
  ['document', decodeDocument],
])

/** A document of a tool result: its data are text, or fields, which everyone else reads as JSON. */
function decodeDocument(wire: Unread, path: string): TextPart {
  const { data } = objectAt(wire['document'], `${path}.document`)
  const words = typeof data === 'string' ? data : isAbsent(data) ? '' : textAt(data, `${path}.document.data`)
  return { type: 'text', text: words, ...keep('cohere', wire) }
}

function decodeImage({ image_url, ...rest }: Unread, path: string): MediaPart {
  const { url, detail, ...others } = objectAt(image_url, `${path}.image_url`)
  const address = stringAt(url, `${path}.image_url.url`)
  const match = /^data:([^;,]*);base64,(.*)$/s.exec(address)
  return {
    type: 'media',
    mediaType: match === null ? 'image/*' : match[1] || 'image/*',
    source: match === null ? { type: 'url', url: address } : { type: 'base64', base64: match[2] ?? '' },
    ...(!isAbsent(detail) && { detail: stringAt(detail, `${path}.image_url.detail`) }),
    ...keep('cohere', { ...rest, ...(Object.keys(others).length > 0 && { image_url: others }) }),
  }
}
