/** Decodes messages, strictly. */
import { WireError } from '../error.ts'
import { joinResults } from '../join-results.ts'
import { isObject, stringOr, type Unread } from '../json.ts'
import {
  type AssistantMessage,
  type AssistantPart,
  type Message,
  type ReasoningPart,
  text,
  type ToolResult,
} from '../message.ts'
import { arrayAt, isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { type Content, decodeContent, decodeImage, onlyText } from './decode-part.ts'
import { decodeCache, decodeToolCall } from './decode-tool.ts'
import { encodeMessage } from './encode-message.ts'
import { leftOut } from './exact.ts'
import { decodeDetails } from './foreign-reasoning.ts'
import { own, ownOf } from './own.ts'
import { reasoningTextOf } from './reasoning.ts'
import { reference } from './reference.ts'

/** Tool messages that follow each other answer one step, and are one message. */
export function decodeMessages(wire: readonly unknown[]): Message[] {
  const messages: Message[] = []
  let functionId = ''
  for (const [index, element] of wire.entries()) {
    const path = `messages[${index}]`
    const fields = withoutFunctions(element, path, functionId, index)
    if (isObject(element) && isObject(element['function_call'])) functionId = `call_${index}`
    messages.push(decodeMessage(fields, path))
  }
  return joinResults(messages)
}

/** `function_call` and the role `function` are what tool calls and their results once were: they had no ids. */
function withoutFunctions(wire: unknown, path: string, id: string, index: number): Unread {
  if (!isObject(wire)) throw new WireError('malformed', 'a message is a JSON object', { path })
  const { function_call: call, role, ...rest } = wire
  if (role === 'function') return { ...rest, role: 'tool', tool_call_id: id }
  if (isAbsent(call)) return wire
  const tool_call = {
    id: `call_${index}`,
    type: 'function',
    function: objectAt(call, `${path}.function_call`),
  }
  return { ...rest, role, tool_calls: [tool_call] }
}

function decodeMessage(wire: Unread, path: string): Message {
  const { role } = wire
  const where = `${path}.content`
  switch (role) {
    case 'system':
    case 'developer': {
      const content = cached(wire, onlyText(decodeContent(wire['content'], where), where))
      const isDeveloper = role === 'developer'
      return withRest(wire, { role: 'system', content, ...(isDeveloper && { isDeveloper }) })
    }
    case 'user':
      return withRest(wire, {
        role,
        content: cached(wire, notThought(decodeContent(wire['content'], where), where)),
      })
    case 'assistant':
      return withRest(wire, decodeAssistant(wire, path), [...reasoningFields, 'refusal'])
    case 'tool':
      return { role, content: [decodeResult(wire, where)] }
    default:
      throw unsupported(`unknown role ${shown(role)}`, `${path}.role`)
  }
}

/** Mistral's parts for thoughts and quotations are the system's and the model's. */
function notThought(content: Content, path: string): Content {
  for (const [index, part] of content.entries()) {
    const type = ownOf(part)?.['type']
    if (type === 'thinking' || type === 'reference')
      throw unsupported(`unknown part "${type}"`, `${path}[${index}].type`)
  }
  return content
}

const reasoningFields = ['reasoning', 'reasoning_content', 'reasoning_text']

/** A breakpoint of the message is one behind its last part. The message keeps it too, to write it where it stood. */
function cached<Part extends Content[number]>(wire: Unread, content: readonly Part[]): readonly Part[] {
  const last = content.at(-1)
  return last === undefined ? content : [...content.slice(0, -1), { ...last, ...decodeCache(wire) }]
}

/** With the fields that would be lost. */
function withRest<Kind extends Exclude<Message, { readonly role: 'tool' }>>(
  wire: Unread,
  message: Kind,
  ignored: readonly string[] = [],
): Kind {
  const { cache_control } = wire
  const placed = isAbsent(cache_control) ? message : { ...message, data: own({ cache_control: true }) }
  const [written = {}] = encodeMessage(placed, '', reference)
  const more = leftOut(wire, written, ignored)
  // What was thought is said by nothing at all, which some servers want to see.
  const empty = wire['reasoning_content'] === '' ? { reasoning_content: '' } : {}
  const rest = { ...empty, ...more }
  return Object.keys(rest).length > 0 ? { ...message, data: own(rest) } : message
}

function decodeAssistant(wire: Unread, path: string): AssistantMessage {
  const { audio, images, tool_calls } = wire
  const said = decodeContent(wire['content'], `${path}.content`, true)
  const calls = isAbsent(tool_calls) ? [] : arrayAt(tool_calls, `${path}.tool_calls`)
  const ids = new Set(calls.map((call) => (isObject(call) ? (call['id'] ?? '') : '')))
  const thought = decodeReasoning(wire, path, ids)
  const refusal = stringOr(wire['refusal'])
  const content: AssistantPart[] = [
    ...thought.parts,
    ...(said.length === 0 && refusal !== null ? [text(refusal)] : said),
    ...(isAbsent(images) ? [] : arrayAt(images, `${path}.images`)).map((image, index) =>
      decodeImage(image, `${path}.images[${index}]`),
    ),
  ]
  if (!isAbsent(audio)) {
    const id = stringAt(objectAt(audio, `${path}.audio`)['id'], `${path}.audio.id`)
    content.push({ type: 'media', mediaType: 'audio/*', source: { type: 'file', id } })
  }
  content.push(
    ...calls.map((call, index) => decodeToolCall(call, `${path}.tool_calls[${index}]`, thought.signatures)),
  )
  return { role: 'assistant', content: cachedLast(wire, content) }
}

function cachedLast(wire: Unread, content: readonly AssistantPart[]): readonly AssistantPart[] {
  const last = content.at(-1)
  if (last?.type !== 'text' && last?.type !== 'tool-call') return content
  return [...content.slice(0, -1), { ...last, ...decodeCache(wire) }]
}

function decodeReasoning(
  wire: Unread,
  path: string,
  callIds: ReadonlySet<unknown>,
): { readonly parts: readonly ReasoningPart[]; readonly signatures: ReadonlyMap<string, string> } {
  const { reasoning_details: details, ...plain } = wire
  const words = reasoningTextOf(plain)
  const decoded = isAbsent(details)
    ? { parts: [], signatures: new Map<string, string>() }
    : decodeDetails(details, `${path}.reasoning_details`, callIds)
  // Words that stand beside details which have some are the same once more.
  const isSaid = words === '' || decoded.parts.some((part) => part.text !== '')
  return isSaid ? decoded : { ...decoded, parts: [{ type: 'reasoning', text: words }, ...decoded.parts] }
}

function decodeResult(wire: Unread, path: string): ToolResult {
  const result: ToolResult = {
    type: 'tool-result',
    id: stringOr(wire['tool_call_id']) ?? '',
    name: stringOr(wire['name']) ?? '',
    output: decodeContent(wire['content'], path),
    isError: false,
    ...decodeCache(wire),
  }
  const [written = {}] = encodeMessage({ role: 'tool', content: [result] }, '', reference)
  const more = leftOut(wire, written)
  return more === undefined ? result : { ...result, data: own(more) }
}
