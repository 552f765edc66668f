/** Encodes a request for Ollama's native chat. */
import { encodeFunctionTool } from '../function-tool.ts'
import { kept, writeRequest } from '../kept-fields.ts'
import type { Unread } from '../json.ts'
import type { AssistantMessage, MediaPart, Message, TextPart, ToolCall, ToolMessage } from '../message.ts'
import { textOf } from '../message.ts'
import type { ModelRequest, OutputFormat } from '../request.ts'
import { writeSettings } from '../settings.ts'
import { unsupported } from '../strict.ts'
import { inputObject } from '../tool-input.ts'
import { encodeThink, options } from './settings.ts'

/** The request's body. Throws a WireError for what the dialect cannot say. */
export function encodeRequest(request: ModelRequest): string {
  const { toolChoice, tools, logprobs } = request
  const { options: keptOptions, ...rest } = kept('ollama', request)
  if (toolChoice?.type === 'required' || toolChoice?.type === 'tool')
    throw unsupported('a call cannot be asked for', 'toolChoice')
  const settings = Object.entries(writeSettings(options, request)).filter(([, value]) => value !== undefined)
  const written = { ...Object.fromEntries(settings), ...(keptOptions as object | undefined) }
  return writeRequest({
    model: request.model,
    messages: encodeMessages(request.messages),
    // Without a word for "no calls", no tools is what says it.
    tools:
      toolChoice?.type === 'none'
        ? undefined
        : tools?.map((tool, index) => encodeFunctionTool('ollama', tool, index)),
    format: encodeFormat(request.outputFormat),
    options: Object.keys(written).length > 0 ? written : undefined,
    think: request.reasoning && encodeThink(request.reasoning),
    logprobs: logprobs === undefined ? undefined : true,
    top_logprobs: logprobs || undefined,
    ...rest,
    stream: request.stream,
  })
}

function encodeFormat(format: OutputFormat | undefined): unknown {
  if (format === undefined || format.type === 'text') return undefined
  return format.type === 'json' ? 'json' : format.schema
}

/** A result names its tool, which its call says where it does not itself. */
function encodeMessages(messages: readonly Message[]): Unread[] {
  const names = new Map<string, string>()
  return messages.flatMap((message, index) => {
    const path = `messages[${index}]`
    if (message.role === 'tool') return encodeResults(message, path, names)
    const rest = kept('ollama', message)
    if (message.role !== 'assistant')
      return [{ role: message.role, ...encodeContent(message.content, `${path}.content`), ...rest }]
    for (const part of message.content) if (part.type === 'tool-call') names.set(part.id, part.name)
    return [{ ...encodeAssistant(message, path), ...rest }]
  })
}

/** Calls that a provider ran itself, and their results, are left out. */
function encodeAssistant({ content }: AssistantMessage, path: string): Unread {
  const calls = content.filter((part) => part.type === 'tool-call')
  const thinking = content.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  const images = content.flatMap((part, index) =>
    part.type === 'media' ? [encodeImage(part, `${path}.content[${index}]`)] : [],
  )
  return {
    role: 'assistant',
    content: textOf(content),
    thinking: thinking || undefined,
    images: images.length > 0 ? images : undefined,
    tool_calls: calls.length > 0 ? calls.map(encodeCall) : undefined,
  }
}

function encodeCall(call: ToolCall): Unread {
  const { function: keptFunction, id, ...rest } = kept('ollama', call)
  const asked = { name: call.name, arguments: inputObject(call), ...(keptFunction as object | undefined) }
  return { id: id === null ? undefined : call.id || undefined, function: asked, ...rest }
}

function encodeResults({ content }: ToolMessage, path: string, names: ReadonlyMap<string, string>): Unread[] {
  return content.map((result, index) => {
    const { tool_name: name, tool_call_id: id, ...rest } = kept('ollama', result)
    return {
      role: 'tool',
      ...encodeContent(result.output, `${path}.content[${index}].output`),
      tool_name: name === null ? undefined : result.name || names.get(result.id) || undefined,
      tool_call_id: id === null ? undefined : result.id || undefined,
      ...rest,
    }
  })
}

/** Texts become one, images stand beside it, files of text are text. */
function encodeContent(content: readonly (TextPart | MediaPart)[], path: string): Unread {
  const texts: string[] = []
  const images: string[] = []
  for (const [index, part] of content.entries()) {
    if (part.type === 'text') texts.push(part.text)
    else if (part.source.type === 'text') texts.push(part.source.text)
    else images.push(encodeImage(part, `${path}[${index}]`))
  }
  return { content: texts.join('\n'), images: images.length > 0 ? images : undefined }
}

function encodeImage({ mediaType, source }: MediaPart, path: string): string {
  const isImage = mediaType === '' || mediaType.startsWith('image/')
  if (isImage && source.type === 'base64') return source.base64
  throw unsupported('only images can be sent, as base64', path)
}
