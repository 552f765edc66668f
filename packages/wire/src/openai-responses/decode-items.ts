/** Decodes the items of a request's `input` as messages. */
import { parseJson, type Unread } from '../json.ts'
import { isShallow, keep, without } from '../kept-fields.ts'
import {
  type AssistantPart,
  type JsonObject,
  type MediaPart,
  type Message,
  type ReasoningPart,
  text,
  type TextPart,
  type ToolResult,
} from '../message.ts'
import { arrayAt, isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { messageOf } from './encode-items.ts'
import {
  callData,
  callInput,
  decodeCitations,
  decodeOther,
  isCall,
  messageFields,
  paragraphs,
  reasoningFields,
  responses,
} from './items.ts'
import { decodeMedia } from './decode-media.ts'

/** Items that only this dialect can say: they go back as they came. */
const ownItems: ReadonlySet<unknown> = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'computer_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'tool_search_call',
  'mcp_call',
  'mcp_approval_request',
  'image_generation_call',
  'computer_call_output',
  'local_shell_call_output',
  'shell_call_output',
  'apply_patch_call_output',
  'tool_search_output',
  'mcp_list_tools',
  'mcp_approval_response',
  'additional_tools',
  'configuration_update',
  'compaction',
  'compaction_summary',
  'compaction_trigger',
  'context_compaction',
  'item_reference',
  'program',
  'program_output',
])

/**
 * The items that a model wrote, one behind the other, are one message: an answer. Results that follow each
 * other answer one step, and are one message too.
 */
export function decodeItems(items: readonly unknown[]): Message[] {
  const messages: Message[] = []
  let results: ToolResult[] | undefined
  let answer: AssistantPart[] | undefined
  for (const [index, element] of items.entries()) {
    const path = `input[${index}]`
    const item = objectAt(element, path)
    if (!isShallow(item)) throw unsupported('this is nested too deeply', path)
    const type = isAbsent(item['type']) ? 'message' : stringAt(item['type'], `${path}.type`)
    const isResult = type === 'function_call_output' || type === 'custom_tool_call_output'
    const isAsked = type === 'message' && item['role'] !== 'assistant'
    if (!isResult) results = undefined
    if (isResult || isAsked) answer = undefined
    if (isAsked) {
      messages.push(decodeMessage(item, path))
    } else if (isResult) {
      if (results === undefined) messages.push({ role: 'tool', content: (results = []) })
      results.push(decodeResult(item, path))
    } else {
      if (answer === undefined) messages.push({ role: 'assistant', content: (answer = []) })
      addParts(answer, decodeAnswered(item, type, path))
    }
  }
  return messages
}

/** A message behind another one of the same answer is told apart from a further part of it. */
function addParts(answer: AssistantPart[], parts: readonly AssistantPart[]): void {
  const before = answer.at(-1)
  if (parts[0]?.type === 'text' && before?.type === 'text' && messageOf(before) === undefined) {
    answer[answer.length - 1] = withMessage(before, {})
  }
  for (const part of parts) answer.push(part)
}

function withMessage(part: TextPart, message: JsonObject): TextPart {
  return { ...part, data: { [responses]: { ...part.data?.[responses], message } } }
}

function decodeMessage(item: Unread, path: string): Message {
  const { role, content, type: _type, ...rest } = item
  const data = keep(responses, rest)
  const parts = decodeContent(content, `${path}.content`)
  if (role === 'user') return { role, content: parts, ...data }
  if (role !== 'system' && role !== 'developer')
    throw unsupported(`unknown role ${shown(role)}`, `${path}.role`)
  const words = parts.map((part, index) => {
    if (part.type === 'text') return part
    throw unsupported('only text can stand here', `${path}.content[${index}]`)
  })
  return { role: 'system', content: words, ...(role === 'developer' && { isDeveloper: true }), ...data }
}

/** An empty text is no part. */
function decodeContent(wire: unknown, path: string): (TextPart | MediaPart)[] {
  if (typeof wire === 'string') return wire === '' ? [] : [text(wire)]
  return arrayAt(wire, path).map((element, index) => {
    const part = objectAt(element, `${path}[${index}]`)
    const { type, text: words, prompt_cache_breakpoint: breakpoint, ...rest } = part
    const isWords = type === 'input_text' || type === 'output_text' || type === 'text'
    if (!isWords) return decodeMedia(part, `${path}[${index}]`)
    const fields = {
      ...rest,
      ...(type !== 'input_text' && { type }),
      ...(!isAbsent(breakpoint) && { prompt_cache_breakpoint: breakpoint }),
    }
    return {
      type: 'text',
      text: stringAt(words, `${path}[${index}].text`),
      ...(!isAbsent(breakpoint) && { cache: {} }),
      ...keep(responses, fields),
    }
  })
}

function decodeResult(item: Unread, path: string): ToolResult {
  const { type, call_id, output, ...rest } = item
  return {
    type: 'tool-result',
    id: stringAt(call_id, `${path}.call_id`),
    name: '',
    output: decodeContent(output, `${path}.output`),
    isError: false,
    ...keep(responses, { ...(type !== 'function_call_output' && { type }), ...rest }),
  }
}

function decodeAnswered(item: Unread, type: string, path: string): AssistantPart[] {
  if (type === 'message') return decodeAnswer(item, path)
  if (type === 'reasoning') {
    for (const list of ['summary', 'content']) {
      if (!isAbsent(item[list])) arrayAt(item[list], `${path}.${list}`)
    }
    return [decodeReasoning(item)]
  }
  if (isCall(type)) {
    stringAt(item[type === 'function_call' ? 'arguments' : 'input'], `${path}.arguments`)
    const inputText = callInput(item)
    return [
      {
        type: 'tool-call',
        id: stringAt(item['call_id'], `${path}.call_id`),
        name: stringAt(item['name'], `${path}.name`),
        input: parseJson(inputText),
        inputText,
        data: callData(item),
      },
    ]
  }
  const isOwn = ownItems.has(type) || type.startsWith('openrouter:')
  if (!isOwn) throw unsupported(`unknown item ${shown(type)}`, `${path}.type`)
  return [decodeOther(item)]
}

/** What it thought: its own words (DeepSeek, gpt-oss), else the summary of them. */
function decodeReasoning(item: Unread): ReasoningPart {
  const text = paragraphs(item['content']) || paragraphs(item['summary'])
  return { type: 'reasoning', text, data: { [responses]: reasoningFields(item) } }
}

/** A message of the model's: its last text keeps what the item has besides. */
function decodeAnswer(item: Unread, path: string): AssistantPart[] {
  const { content } = item
  const list = typeof content === 'string' ? [{ type: 'output_text', text: content }] : content
  const parts = arrayAt(list, `${path}.content`).map((element, index) =>
    decodeAnswerPart(objectAt(element, `${path}.content[${index}]`), `${path}.content[${index}]`),
  )
  const message = messageFields(item)
  const last = parts.pop()
  if (last === undefined) return [withMessage(text(''), { ...message, content: [] })]
  return [...parts, Object.keys(message).length > 0 ? withMessage(last, message) : last]
}

function decodeAnswerPart(wire: Unread, path: string): TextPart {
  const { type } = wire
  const isRefusal = type === 'refusal'
  if (!isRefusal && type !== 'output_text' && type !== 'text' && type !== 'input_text')
    throw unsupported(`unknown part ${shown(type)}`, `${path}.type`)
  const words = stringAt(wire[isRefusal ? 'refusal' : 'text'], `${path}.${isRefusal ? 'refusal' : 'text'}`)
  const citations = isRefusal ? [] : decodeCitations(wire['annotations'])
  const names = ['type', isRefusal ? 'refusal' : 'text', ...(isRefusal ? [] : ['annotations'])]
  const rest = without(wire, names)
  // Empty logprobs say nothing.
  const said =
    Array.isArray(rest['logprobs']) && rest['logprobs'].length === 0 ? without(rest, ['logprobs']) : rest
  const part = { ...(type !== 'output_text' && { type }), ...said } as JsonObject
  return {
    type: 'text',
    text: words,
    ...(citations.length > 0 && { citations }),
    ...(Object.keys(part).length > 0 && { data: { [responses]: { part } } }),
  }
}
