/** Encodes a request for version 2 of Cohere's chat. */
import { encodeFunctionTool } from '../function-tool.ts'
import { kept, writeRequest } from '../kept-fields.ts'
import type { Unread } from '../json.ts'
import type { AssistantMessage, MediaPart, Message, TextPart, ToolCall, ToolMessage } from '../message.ts'
import type { ModelRequest, OutputFormat, ToolChoice } from '../request.ts'
import { writeSettings } from '../settings.ts'
import { unsupported } from '../strict.ts'
import { reasoningField } from './plan.ts'
import { encodeThinking, settings } from './settings.ts'

/** The request's body. Throws a WireError for what the dialect cannot say. */
export function encodeRequest(request: ModelRequest): string {
  const { tools, toolChoice, outputFormat, reasoning, logprobs, stream } = request
  const areStrict = tools?.some((tool) => tool.type === 'function' && tool.strict === true) ?? false
  return writeRequest({
    model: request.model,
    messages: request.messages.flatMap((message, index) =>
      encodeMessage(message, request.model, `messages[${index}]`),
    ),
    tools: tools?.map((tool, index) => encodeFunctionTool('cohere', tool, index)),
    tool_choice: toolChoice && encodeToolChoice(toolChoice),
    // One word for all tools: where one must be held to its schema, all are.
    strict_tools: areStrict || undefined,
    ...writeSettings(settings, request),
    response_format: outputFormat && encodeFormat(outputFormat),
    thinking: reasoning && encodeThinking(reasoning),
    logprobs: logprobs === undefined ? undefined : true,
    ...kept('cohere', request),
    stream,
  })
}

function encodeFormat(format: OutputFormat): Unread {
  if (format.type === 'text') return { type: 'text' }
  return { type: 'json_object', ...(format.type === 'json-schema' && { json_schema: format.schema }) }
}

function encodeToolChoice({ type }: ToolChoice): string | undefined {
  if (type === 'tool') throw unsupported('the tool to call cannot be named', 'toolChoice')
  return type === 'auto' ? undefined : type.toUpperCase()
}

function encodeMessage(message: Message, model: string, path: string): Unread[] {
  switch (message.role) {
    case 'tool':
      return encodeToolMessage(message, path)
    case 'assistant':
      return [{ ...encodeAssistant(message, model, `${path}.content`), ...kept('cohere', message) }]
    case 'system':
    case 'user':
      return [
        {
          role: message.role,
          content: encodeContent(message.content, `${path}.content`),
          ...kept('cohere', message),
        },
      ]
  }
}

/** Calls that a provider ran itself, and their results, are left out. */
function encodeAssistant({ content }: AssistantMessage, model: string, path: string): Unread {
  const calls = content.filter((part) => part.type === 'tool-call')
  const blocks: Unread[] = []
  const citations: unknown[] = []
  let plan: string | undefined
  for (const [index, part] of content.entries()) {
    if (part.type === 'media') throw unsupported('a model can only have said text', `${path}[${index}]`)
    if (part.type === 'text') {
      blocks.push(encodeText(part))
      for (const { start, end, data } of part.citations ?? []) {
        if (data?.['cohere'] !== undefined) citations.push({ start, end, ...data['cohere'] })
      }
    } else if (part.type === 'reasoning' && part.text !== '') {
      const { field: _field, ...rest } = kept('cohere', part)
      const field = reasoningField(part, model, calls.length > 0)
      if (field === 'tool_plan') plan = (plan ?? '') + part.text
      else if (field !== undefined) blocks.push({ type: 'thinking', thinking: part.text, ...rest })
    }
  }
  const isSilent = blocks.length === 0 && calls.length > 0
  return {
    role: 'assistant',
    tool_plan: plan,
    content: isSilent ? undefined : plain(blocks),
    tool_calls: calls.length > 0 ? calls.map(encodeCall) : undefined,
    citations: citations.length > 0 ? citations : undefined,
  }
}

/** The input goes back byte for byte. */
export function encodeCall({ id, name, inputText, data }: ToolCall): Unread {
  return { id, type: 'function', function: { name, arguments: inputText }, ...data?.['cohere'] }
}

/** A result can only be text and documents: media follows in a message of the user's, behind all results. */
function encodeToolMessage({ content }: ToolMessage, path: string): Unread[] {
  const media: Unread[] = []
  const results = content.map((result, index) => ({
    role: 'tool',
    tool_call_id: result.id,
    content: plain(
      result.output.map((part, place) => {
        if (part.type === 'text') return encodeText(part)
        const image = encodeMedia(part, `${path}.content[${index}].output[${place}]`)
        if (image['type'] === 'text') return image
        media.push({ type: 'text', text: `[image] of tool call ${result.id}:` }, image)
        return { type: 'text', text: '[image]' }
      }),
    ),
    ...kept('cohere', result),
  }))
  return media.length === 0 ? results : [...results, { role: 'user', content: media }]
}

function encodeContent(content: readonly (TextPart | MediaPart)[], path: string): unknown {
  return plain(
    content.map((part, index) =>
      part.type === 'text' ? encodeText(part) : encodeMedia(part, `${path}[${index}]`),
    ),
  )
}

/** Content that is only one text is written as it. */
function plain(blocks: readonly Unread[]): unknown {
  const [first, ...rest] = blocks
  if (first === undefined) return ''
  const isText = rest.length === 0 && first['type'] === 'text' && Object.keys(first).length === 2
  return isText ? first['text'] : blocks
}

/** A document is kept as it was; for all others it is text. */
function encodeText(part: TextPart): Unread {
  const { document, ...rest } = kept('cohere', part)
  return document === undefined
    ? { type: 'text', text: part.text, ...rest }
    : { type: 'document', document, ...rest }
}

function encodeMedia(part: MediaPart, path: string): Unread {
  const { mediaType, source, detail } = part
  if (source.type === 'text') return { type: 'text', text: source.text }
  const isImage = mediaType === '' || mediaType.startsWith('image/')
  if (!isImage || source.type === 'file') throw unsupported('only images can be sent, by URL or base64', path)
  const url = source.type === 'url' ? source.url : `data:${mediaType};base64,${source.base64}`
  const { image_url, ...rest } = kept('cohere', part)
  return { type: 'image_url', image_url: { url, detail, ...(image_url as object | undefined) }, ...rest }
}
