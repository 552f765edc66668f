/** Decodes a request for chat completions, strictly: a part that is not known would change the question. */
import { WireError } from '../error.ts'
import { isObject, objectOr, stringOr, type Unread } from '../json.ts'
import type { AssistantPart, JsonObject, MediaPart, Message, TextPart, ToolResult } from '../message.ts'
import { text } from '../message.ts'
import type { ModelRequest, ToolChoice, ToolDefinition } from '../request.ts'
import { Reasoning } from './reasoning.ts'
import { decodeToolCalls } from './tool-calls.ts'
import { withThinking } from './decode-response.ts'

/** Reads a request's body, parsed. Throws a WireError that names the place for what it does not know. */
export function decodeRequest(body: unknown): ModelRequest {
  if (!isObject(body)) throw new WireError('malformed', 'a request is a JSON object', { path: '' })
  const { messages, model, tools, tool_choice, max_tokens, max_completion_tokens, stream, ...rest } = body
  const { temperature, top_p, stop, seed, stream_options: _streamOptions, ...extra } = rest
  return {
    model: isAbsent(model) ? '' : stringAt(model, 'model'),
    messages: decodeMessages(arrayAt(messages, 'messages')),
    ...(!isAbsent(tools) && { tools: arrayAt(tools, 'tools').map(decodeTool) }),
    ...(!isAbsent(tool_choice) && { toolChoice: decodeToolChoice(tool_choice) }),
    ...(!isAbsent(max_completion_tokens ?? max_tokens) && {
      maxOutputTokens: numberAt(max_completion_tokens ?? max_tokens, 'max_tokens'),
    }),
    ...(!isAbsent(temperature) && { temperature: numberAt(temperature, 'temperature') }),
    ...(!isAbsent(top_p) && { topP: numberAt(top_p, 'top_p') }),
    ...(!isAbsent(seed) && { seed: numberAt(seed, 'seed') }),
    ...(!isAbsent(stop) && {
      stop: (Array.isArray(stop) ? stop : [stop]).map((word) => stringAt(word, 'stop')),
    }),
    stream: stream === true,
    extra: extra as JsonObject,
  }
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function stringAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new WireError('malformed', 'a string is needed', { path })
  return value
}

function numberAt(value: unknown, path: string): number {
  if (typeof value !== 'number') throw new WireError('malformed', 'a number is needed', { path })
  return value
}

function arrayAt(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new WireError('malformed', 'an array is needed', { path })
  return value
}

/** Tool messages that follow each other answer one step, and are one message. */
function decodeMessages(wire: readonly unknown[]): Message[] {
  const messages: Message[] = []
  for (const [index, element] of wire.entries()) {
    const message = decodeMessage(element, `messages[${index}]`)
    const last = messages.at(-1)
    if (message.role === 'tool' && last?.role === 'tool') {
      messages[messages.length - 1] = { role: 'tool', content: [...last.content, ...message.content] }
    } else {
      messages.push(message)
    }
  }
  return messages
}

function decodeMessage(wire: unknown, path: string): Message {
  if (!isObject(wire)) throw new WireError('malformed', 'a message is a JSON object', { path })
  const { role } = wire
  const content = decodeContent(wire['content'], `${path}.content`, role)
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: onlyText(content, path) }
    case 'user':
      return { role: 'user', content }
    case 'assistant':
      return { role: 'assistant', content: decodeAssistant(wire, onlyText(content, path), path) }
    case 'tool':
      return { role: 'tool', content: [decodeToolResult(wire, content)] }
    default:
      throw new WireError('unsupported', `unknown role ${shown(role)}`, { path: `${path}.role` })
  }
}

function decodeAssistant(wire: Unread, texts: readonly TextPart[], path: string): AssistantPart[] {
  for (const field of ['function_call', 'audio']) {
    if (isAbsent(wire[field])) continue
    throw new WireError('unsupported', 'this cannot be carried', { path: `${path}.${field}` })
  }
  const reasoning = new Reasoning()
  reasoning.addWhole(withThinking(wire))
  const refusal = stringOr(wire['refusal'])
  const said = texts.length === 0 && refusal !== null ? [text(refusal)] : texts
  const calls = isAbsent(wire['tool_calls']) ? [] : arrayAt(wire['tool_calls'], `${path}.tool_calls`)
  for (const [index, call] of calls.entries()) {
    if (isObject(call) && isObject(call['function'])) continue
    throw new WireError('unsupported', 'only functions can be called', {
      path: `${path}.tool_calls[${index}]`,
    })
  }
  return [...reasoning.finish(), ...said, ...decodeToolCalls(calls)]
}

function decodeToolResult(wire: Unread, output: readonly (TextPart | MediaPart)[]): ToolResult {
  const id = stringOr(wire['tool_call_id']) ?? ''
  return { type: 'tool-result', id, name: stringOr(wire['name']) ?? '', output, isError: false }
}

function onlyText(content: readonly (TextPart | MediaPart)[], path: string): TextPart[] {
  return content.map((part, index) => {
    if (part.type === 'text') return part
    throw new WireError('unsupported', 'only text can stand here', { path: `${path}.content[${index}]` })
  })
}

/** What an assistant thought (Mistral's parts) is left to its reasoning. */
function decodeContent(wire: unknown, path: string, role: unknown): (TextPart | MediaPart)[] {
  if (isAbsent(wire) || wire === '') return []
  if (typeof wire === 'string') return [text(wire)]
  if (!Array.isArray(wire)) throw new WireError('malformed', 'text or a list of parts is needed', { path })
  return wire.flatMap((part: unknown, index) => {
    const isThought = role === 'assistant' && isObject(part) && part['type'] === 'thinking'
    return isThought ? [] : [decodePart(part, `${path}[${index}]`)]
  })
}

function decodePart(wire: unknown, path: string): TextPart | MediaPart {
  const part = objectOr(wire)
  const type = stringOr(part['type']) ?? ''
  const decode = partDecoders.get(type)
  if (decode === undefined)
    throw new WireError('unsupported', `unknown part "${type}"`, { path: `${path}.type` })
  return decode(part[type], `${path}.${type}`)
}

/** By part type; what a part says stands in a field of the same name. */
const partDecoders = new Map<string, (field: unknown, path: string) => TextPart | MediaPart>([
  ['text', (field, path) => text(stringAt(field, path))],
  ['refusal', (field, path) => text(stringAt(field, path))],
  ['image_url', (field, path) => decodeUrl(urlAt(field, path), 'image/*')],
  ['document_url', (field, path) => decodeUrl(urlAt(field, path), 'application/pdf')],
  ['input_audio', decodeAudio],
  ['file', decodeFile],
])

function urlAt(field: unknown, path: string): string {
  return isObject(field) ? stringAt(field['url'], `${path}.url`) : stringAt(field, path)
}

/** Audio is base64 with a format (OpenAI), or the base64 alone (Mistral). */
function decodeAudio(field: unknown, path: string): MediaPart {
  const base64 = isObject(field) ? stringAt(field['data'], `${path}.data`) : stringAt(field, path)
  const format = isObject(field) ? (stringOr(field['format']) ?? '*') : '*'
  return {
    type: 'media',
    mediaType: `audio/${format === 'mp3' ? 'mpeg' : format}`,
    source: { type: 'base64', base64 },
  }
}

/** A file by its id cannot be carried: only the provider that keeps it knows it. */
function decodeFile(field: unknown, path: string): MediaPart {
  const file = objectOr(field)
  const name = stringOr(file['filename'])
  if (!isAbsent(file['file_id']))
    throw new WireError('unsupported', 'a file must be sent itself', { path: `${path}.file_id` })
  return {
    ...decodeUrl(stringAt(file['file_data'], `${path}.file_data`), 'application/octet-stream'),
    ...(name !== null && { name }),
  }
}

/** A `data:` URL gives its bytes and its own media type. */
function decodeUrl(url: string, mediaType: string): MediaPart {
  const match = /^data:([^;,]*);base64,(.*)$/s.exec(url)
  if (match === null) return { type: 'media', mediaType, source: { type: 'url', url } }
  return {
    type: 'media',
    mediaType: match[1] || mediaType,
    source: { type: 'base64', base64: match[2] ?? '' },
  }
}

function decodeTool(wire: unknown, index: number): ToolDefinition {
  const path = `tools[${index}]`
  const tool = isObject(wire) && isObject(wire['function']) ? wire['function'] : undefined
  if (tool === undefined) throw new WireError('unsupported', 'only functions can be tools here', { path })
  return {
    name: stringAt(tool['name'], `${path}.function.name`),
    description: stringOr(tool['description']) ?? '',
    inputSchema: (isObject(tool['parameters']) ? tool['parameters'] : {}) as JsonObject,
  }
}

function decodeToolChoice(wire: unknown): ToolChoice {
  if (wire === 'none' || wire === 'required' || wire === 'auto') return { type: wire }
  if (wire === 'any') return { type: 'required' }
  const name = isObject(wire) && isObject(wire['function']) ? stringOr(wire['function']['name']) : null
  if (name !== null) return { type: 'tool', name }
  throw new WireError('unsupported', `unknown choice ${shown(wire)}`, { path: 'tool_choice' })
}

/** What is not known, in a message: short, and never the whole of what was sent. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : `of type ${typeof value}`
}
