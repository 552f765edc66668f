/** Decodes a request for chat completions, strictly: a part that is not known would change the question. */
import { WireError } from '../error.ts'
import { arrayOr, isObject, objectOr, stringOr, type Unread } from '../json.ts'
import type { AssistantPart, Json, JsonObject, MediaPart, Message, TextPart, ToolResult } from '../message.ts'
import { text } from '../message.ts'
import type { ModelRequest, ToolChoice, ToolDefinition } from '../request.ts'
import { Reasoning } from './reasoning.ts'
import { decodeToolCalls } from './tool-calls.ts'
import { withThinking } from './decode-response.ts'

/** Reads a request's body, parsed. Throws a WireError that names the place for what it does not know. */
export function decodeRequest(body: unknown): ModelRequest {
  if (!isObject(body)) throw new WireError('malformed', 'a request is a JSON object', { path: '' })
  if (!Array.isArray(body['messages']))
    throw new WireError('malformed', 'an array is needed', { path: 'messages' })
  const { messages, model, tools, tool_choice, max_tokens, max_completion_tokens, stream, ...rest } = body
  const { temperature, top_p, stop, seed, stream_options: _streamOptions, ...extra } = rest
  return {
    model: stringOr(model) ?? '',
    messages: decodeMessages(arrayOr(messages)),
    ...(Array.isArray(tools) && { tools: tools.map(decodeTool) }),
    ...(tool_choice !== undefined && { toolChoice: decodeToolChoice(tool_choice) }),
    ...numberField('maxOutputTokens', max_completion_tokens ?? max_tokens),
    ...numberField('temperature', temperature),
    ...numberField('topP', top_p),
    ...numberField('seed', seed),
    ...(stop !== undefined && stop !== null && { stop: (Array.isArray(stop) ? stop : [stop]).map(String) }),
    stream: stream === true,
    extra: extra as JsonObject,
  }
}

function numberField<Name extends string>(name: Name, value: unknown): { readonly [K in Name]?: number } {
  return typeof value === 'number' ? ({ [name]: value } as { readonly [K in Name]: number }) : {}
}

/** Tool messages that follow each other answer one step, and are one message. */
function decodeMessages(wire: readonly unknown[]): Message[] {
  const messages: Message[] = []
  wire.forEach((element, index) => {
    const message = decodeMessage(element, `messages[${index}]`)
    const last = messages.at(-1)
    if (message.role === 'tool' && last?.role === 'tool') {
      messages[messages.length - 1] = { role: 'tool', content: [...last.content, ...message.content] }
    } else {
      messages.push(message)
    }
  })
  return messages
}

function decodeMessage(wire: unknown, path: string): Message {
  if (!isObject(wire)) throw new WireError('malformed', 'a message is a JSON object', { path })
  const content = decodeContent(wire['content'], `${path}.content`)
  switch (wire['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', content: onlyText(content, path) }
    case 'user':
      return { role: 'user', content }
    case 'assistant':
      return { role: 'assistant', content: decodeAssistant(wire, onlyText(content, path)) }
    case 'tool':
      return { role: 'tool', content: [decodeToolResult(wire, content)] }
    default:
      throw new WireError('unsupported', `unknown role ${JSON.stringify(wire['role'])}`, {
        path: `${path}.role`,
      })
  }
}

function decodeAssistant(wire: Unread, texts: readonly TextPart[]): AssistantPart[] {
  const reasoning = new Reasoning()
  reasoning.add(withThinking(wire))
  return [...reasoning.finish(), ...texts, ...decodeToolCalls(arrayOr(wire['tool_calls']))]
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

function decodeContent(wire: unknown, path: string): (TextPart | MediaPart)[] {
  if (wire === undefined || wire === null || wire === '') return []
  if (typeof wire === 'string') return [text(wire)]
  if (!Array.isArray(wire)) throw new WireError('malformed', 'text or a list of parts is needed', { path })
  return wire
    .filter((part: unknown) => !(isObject(part) && part['type'] === 'thinking'))
    .map((part: unknown, index) => decodePart(part, `${path}[${index}]`))
}

function decodePart(wire: unknown, path: string): TextPart | MediaPart {
  const part = objectOr(wire)
  const type = stringOr(part['type']) ?? ''
  const decode = partDecoders.get(type)
  if (decode === undefined)
    throw new WireError('unsupported', `unknown part "${type}"`, { path: `${path}.type` })
  return decode(part[type])
}

/** By part type; what a part says stands in a field of the same name. */
const partDecoders = new Map<string, (field: unknown) => TextPart | MediaPart>([
  ['text', (field) => text(stringOr(field) ?? '')],
  ['refusal', (field) => text(stringOr(field) ?? '')],
  ['image_url', (field) => decodeUrl(urlOf(field), 'image/*')],
  ['document_url', (field) => decodeUrl(urlOf(field), 'application/pdf')],
  ['input_audio', decodeAudio],
  ['file', decodeFile],
])

function urlOf(field: unknown): string {
  return stringOr(isObject(field) ? field['url'] : field) ?? ''
}

/** Audio is base64 with a format (OpenAI), or the base64 alone (Mistral). */
function decodeAudio(field: unknown): MediaPart {
  const base64 = stringOr(isObject(field) ? field['data'] : field) ?? ''
  const format = isObject(field) ? (stringOr(field['format']) ?? '*') : '*'
  return {
    type: 'media',
    mediaType: `audio/${format === 'mp3' ? 'mpeg' : format}`,
    source: { type: 'base64', base64 },
  }
}

function decodeFile(field: unknown): MediaPart {
  const file = objectOr(field)
  const name = stringOr(file['filename'])
  const url = stringOr(file['file_data']) ?? stringOr(file['file_id']) ?? ''
  return { ...decodeUrl(url, 'application/octet-stream'), ...(name !== null && { name }) }
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
    name: stringOr(tool['name']) ?? '',
    description: stringOr(tool['description']) ?? '',
    inputSchema: (isObject(tool['parameters']) ? tool['parameters'] : {}) as JsonObject,
  }
}

function decodeToolChoice(wire: unknown): ToolChoice {
  if (wire === 'none' || wire === 'required' || wire === 'auto') return { type: wire }
  if (wire === 'any') return { type: 'required' }
  const name = isObject(wire) && isObject(wire['function']) ? stringOr(wire['function']['name']) : null
  if (name !== null) return { type: 'tool', name }
  throw new WireError('unsupported', `unknown choice ${JSON.stringify(wire as Json)}`, {
    path: 'tool_choice',
  })
}
