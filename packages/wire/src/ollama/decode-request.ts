/** Decodes a request for Ollama's native chat, strictly: what is not known would change the question. */
import { imageType } from '../image-type.ts'
import { decodeFunctionTool } from '../function-tool.ts'
import { joinResults } from '../join-results.ts'
import { isObject, type Unread } from '../json.ts'
import { keep, textAt, without } from '../kept-fields.ts'
import type { JsonObject, MediaPart, Message, TextPart, ToolCall, ToolResult } from '../message.ts'
import { text } from '../message.ts'
import type { ModelRequest, OutputFormat, ReasoningSettings } from '../request.ts'
import { readSettings, stringsAt } from '../settings.ts'
import { arrayAt, isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { options } from './settings.ts'

/** Reads a request's body, parsed. Throws a WireError that names the place for what it does not know. */
export function decodeRequest(body: unknown): ModelRequest {
  const { model, messages, tools, stream, format, options: written, think, ...rest } = objectAt(body, '')
  const [settings, keptOptions] = decodeOptions(written)
  const { logprobs, top_logprobs, ...extra } = rest
  const areWanted = logprobs === true && (isAbsent(top_logprobs) || typeof top_logprobs === 'number')
  return {
    model: isAbsent(model) ? '' : stringAt(model, 'model'),
    messages: decodeMessages(arrayAt(messages, 'messages')),
    ...(!isAbsent(tools) && {
      tools: arrayAt(tools, 'tools').map((tool, index) => decodeFunctionTool('ollama', tool, index)),
    }),
    ...settings,
    ...decodeFormat(format),
    ...(!isAbsent(think) && { reasoning: decodeThink(think) }),
    ...(areWanted && { logprobs: typeof top_logprobs === 'number' ? top_logprobs : 0 }),
    stream: stream !== false,
    ...keep('ollama', {
      ...(areWanted ? extra : rest),
      ...(Object.keys(keptOptions).length > 0 && { options: keptOptions }),
    }),
  }
}

/** No limit is a negative one, which only Ollama knows. */
function decodeOptions(written: unknown): readonly [Partial<ModelRequest>, Unread] {
  if (isAbsent(written)) return [{}, {}]
  const wire = objectAt(written, 'options')
  const limit = wire['num_predict']
  const isEndless = typeof limit === 'number' && limit < 0
  const [settings, rest] = readSettings(
    options,
    isEndless ? without(wire, ['num_predict']) : wire,
    'options.',
  )
  return [settings, isEndless ? { ...rest, num_predict: limit } : rest]
}

function decodeFormat(wire: unknown): { readonly outputFormat?: OutputFormat } {
  if (isAbsent(wire) || wire === '') return {}
  if (wire === 'json') return { outputFormat: { type: 'json' } }
  if (!isObject(wire)) throw unsupported(`unknown format ${shown(wire)}`, 'format')
  return { outputFormat: { type: 'json-schema', name: '', schema: wire as JsonObject } }
}

function decodeThink(wire: unknown): ReasoningSettings {
  return typeof wire === 'boolean' ? { isEnabled: wire } : { effort: stringAt(wire, 'think') }
}

/** The fields that a message of each role may have. */
const fieldsOf: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['system', ['content']],
  ['user', ['content', 'images']],
  ['assistant', ['content', 'images', 'thinking', 'tool_calls']],
  ['tool', ['content', 'images', 'tool_name', 'tool_call_id']],
])
const allFields = ['role', 'content', 'images', 'thinking', 'tool_calls', 'tool_name', 'tool_call_id']

/** Tool messages that follow each other answer one step, and are one message. */
function decodeMessages(wire: readonly unknown[]): Message[] {
  const messages: Message[] = []
  const ids = new CallIds()
  for (const [index, element] of wire.entries()) {
    messages.push(decodeMessage(element, `messages[${index}]`, ids))
  }
  return joinResults(messages)
}

function decodeMessage(element: unknown, path: string, ids: CallIds): Message {
  const wire = objectAt(element, path)
  const { role, thinking, tool_calls } = wire
  const fields = fieldsOf.get(role)
  if (fields === undefined) throw unsupported(`unknown role ${shown(role)}`, `${path}.role`)
  for (const name of allFields) {
    const value = wire[name]
    const isNothing = isAbsent(value) || value === '' || (Array.isArray(value) && value.length === 0)
    if (name !== 'role' && !isNothing && !fields.includes(name))
      throw unsupported(`a message of role ${shown(role)} has none`, `${path}.${name}`)
  }
  const rest = keep('ollama', { ...without(wire, allFields), ...(role === 'tool' && unsaid(wire)) })
  const texts = decodeText(wire['content'], `${path}.content`)
  const images = isAbsent(wire['images']) ? [] : stringsAt(wire['images'], `${path}.images`).map(imageOf)
  if (role === 'system') return { role, content: texts, ...rest }
  if (role === 'user') return { role, content: [...texts, ...images], ...rest }
  if (role === 'tool') {
    return { role, content: [{ ...decodeResult(wire, path, [...texts, ...images], ids), ...rest }] }
  }
  const calls = isAbsent(tool_calls) ? [] : arrayAt(tool_calls, `${path}.tool_calls`)
  const thoughts = isAbsent(thinking) ? '' : stringAt(thinking, `${path}.thinking`)
  return {
    role: 'assistant',
    content: [
      ...(thoughts === '' ? [] : [{ type: 'reasoning', text: thoughts } as const]),
      ...texts,
      ...images,
      ...calls.map((call, index) => decodeCall(call, `${path}.tool_calls[${index}]`, ids)),
    ],
    ...rest,
  }
}

/** What a result does not say of its call: it is null in its data, and is left out again. */
function unsaid(wire: Unread): Unread {
  const names = ['tool_name', 'tool_call_id'].filter((name) => isAbsent(wire[name]))
  return Object.fromEntries(names.map((name) => [name, null]))
}

/** Images come as bare base64. */
function imageOf(base64: string): MediaPart {
  return { type: 'media', mediaType: imageType(base64), source: { type: 'base64', base64 } }
}

function decodeText(wire: unknown, path: string): TextPart[] {
  const words = isAbsent(wire) ? '' : stringAt(wire, path)
  return words === '' ? [] : [text(words)]
}

function decodeCall(wire: unknown, path: string, ids: CallIds): ToolCall {
  const { id, function: called, ...rest } = objectAt(wire, path)
  const { name: wireName, arguments: input, ...others } = objectAt(called, `${path}.function`)
  const name = stringAt(wireName, `${path}.function.name`)
  const fields = isAbsent(input) ? {} : objectAt(input, `${path}.function.arguments`)
  return {
    type: 'tool-call',
    id: ids.ask(isAbsent(id) ? '' : stringAt(id, `${path}.id`), name),
    name,
    input: fields,
    inputText: textAt(fields, `${path}.function.arguments`),
    ...keep('ollama', {
      ...(isAbsent(id) && { id: null }),
      ...rest,
      ...(Object.keys(others).length > 0 && { function: others }),
    }),
  }
}

function decodeResult(
  { tool_call_id, tool_name }: Unread,
  path: string,
  output: readonly (TextPart | MediaPart)[],
  ids: CallIds,
): ToolResult {
  const name = isAbsent(tool_name) ? '' : stringAt(tool_name, `${path}.tool_name`)
  const id = isAbsent(tool_call_id) ? '' : stringAt(tool_call_id, `${path}.tool_call_id`)
  return { type: 'tool-result', id: ids.answer(id, name), name, output, isError: false }
}

/**
 * Gives ids to calls and results that have none, as before Ollama 0.12: a result answers the first call of
 * its tool that has none yet.
 */
class CallIds {
  readonly #owed: { readonly id: string; readonly name: string }[] = []
  #count = 0

  ask(id: string, name: string): string {
    const own = id === '' ? `call_${this.#count}` : id
    this.#count += 1
    this.#owed.push({ id: own, name })
    return own
  }

  answer(id: string, name: string): string {
    const at = this.#owed.findIndex((call) =>
      id === '' ? name === '' || call.name === name : call.id === id,
    )
    return (at === -1 ? undefined : this.#owed.splice(at, 1)[0]?.id) ?? id
  }
}
