/** Encodes a request for chat completions. https://platform.openai.com/docs/api-reference/chat/create */
import { WireError } from '../error.ts'
import type {
  AssistantMessage,
  Json,
  JsonObject,
  MediaPart,
  Message,
  TextPart,
  ToolCall,
  ToolMessage,
} from '../message.ts'
import { textOf } from '../message.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest, ToolChoice, ToolDefinition } from '../request.ts'

/**
 * The request's body. Keys stand in one fixed order, that of the recordings this project grew from, so
 * that equal requests are equal bytes. Throws a WireError for what chat completions cannot say.
 */
export function encodeRequest(request: ModelRequest, provider: Provider): string {
  const { quirks } = provider
  const hasTools = request.tools !== undefined && request.tools.length > 0
  return JSON.stringify({
    messages: request.messages.flatMap((message, index) =>
      encodeMessage(message, `messages[${index}]`, provider),
    ),
    model: request.model,
    [quirks.maxTokensField]: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    stop: request.stop,
    seed: request.seed,
    stream_options: request.stream ? { include_usage: true } : undefined,
    tool_choice: hasTools ? encodeToolChoice(request.toolChoice) : undefined,
    tools: hasTools ? request.tools.map(encodeTool) : undefined,
    ...request.extra,
    ...quirks.body,
    stream: request.stream ? true : undefined,
  })
}

function encodeMessage(message: Message, path: string, provider: Provider): JsonObject[] {
  switch (message.role) {
    case 'system':
      return [{ content: encodeText(message.content), role: 'system' }]
    case 'user':
      return [{ content: encodeContent(message.content, path), role: 'user' }]
    case 'assistant':
      return [encodeAssistant(message, provider)]
    case 'tool':
      return encodeToolMessage(message, path)
  }
}

function encodeText(content: readonly TextPart[]): Json {
  const [first, ...rest] = content
  return rest.length === 0 ? (first?.text ?? '') : content.map(({ text }) => ({ text, type: 'text' }))
}

function encodeContent(content: readonly (TextPart | MediaPart)[], path: string): Json {
  if (content.every((part) => part.type === 'text')) return encodeText(content)
  return content.map((part, index) =>
    part.type === 'text' ? { text: part.text, type: 'text' } : encodeMedia(part, `${path}.content[${index}]`),
  )
}

function encodeMedia({ mediaType, source, name }: MediaPart, path: string): JsonObject {
  const url = source.type === 'url' ? source.url : `data:${mediaType};base64,${source.base64}`
  if (mediaType.startsWith('image/') || (mediaType === '' && source.type === 'url')) {
    return { image_url: { url }, type: 'image_url' }
  }
  if (!mediaType.startsWith('audio/')) {
    return { file: { ...(name !== undefined && { filename: name }), file_data: url }, type: 'file' }
  }
  if (source.type === 'url')
    throw new WireError('unsupported', 'audio must be sent as base64, not as a URL', { path })
  return { input_audio: { data: source.base64, format: audioFormat(mediaType) }, type: 'input_audio' }
}

function audioFormat(mediaType: string): string {
  const subtype = mediaType.slice('audio/'.length)
  return subtype === 'mpeg' ? 'mp3' : subtype
}

/** The content is left out where there is only a tool call: some providers refuse an empty one. */
function encodeAssistant({ content }: AssistantMessage, { quirks }: Provider): JsonObject {
  const words = textOf(content)
  const calls = content.filter((part) => part.type === 'tool-call')
  return {
    ...((words !== '' || calls.length === 0) && { content: words }),
    ...(calls.length > 0 && { tool_calls: calls.map(encodeToolCall) }),
    role: 'assistant',
    ...encodeReasoning(content, quirks.reasoningField),
  }
}

function encodeReasoning(
  content: AssistantMessage['content'],
  field: Provider['quirks']['reasoningField'],
): JsonObject {
  const reasoning = content.find((part) => part.type === 'reasoning')
  if (reasoning === undefined || field === null) return {}
  if (field === 'reasoning_content') return { reasoning_content: reasoning.text }
  const details = reasoning.data?.['openai-chat']?.['reasoning_details']
  return details === undefined ? { reasoning: reasoning.text } : { reasoning_details: details }
}

/** The input goes back byte for byte: a provider's prompt cache sees the same prefix. */
function encodeToolCall({ id, name, inputText, data }: ToolCall): JsonObject {
  return { id, function: { arguments: inputText, name }, type: 'function', ...data?.['openai-chat'] }
}

/**
 * One message for each result, which can only be text. Media follows in a message of the user's, behind all
 * results: between them it would part a call from its result.
 */
function encodeToolMessage({ content }: ToolMessage, path: string): JsonObject[] {
  const results = content.map(({ id, output }) => ({
    content: encodeText(output.map((part) => (part.type === 'text' ? part : stands(part)))),
    tool_call_id: id,
    role: 'tool',
  }))
  const media = content.flatMap(({ id, output }, index) =>
    output.flatMap((part, place): Json[] => {
      if (part.type === 'text') return []
      const where = `${path}.content[${index}].output[${place}]`
      return [{ text: `${stands(part).text} of tool call ${id}:`, type: 'text' }, encodeMedia(part, where)]
    }),
  )
  return media.length === 0 ? results : [...results, { content: media, role: 'user' }]
}

/** What stands where media cannot. */
function stands({ mediaType }: MediaPart): TextPart {
  return { type: 'text', text: `[${mediaType === '' ? 'media' : mediaType}]` }
}

function encodeToolChoice(choice: ToolChoice = { type: 'auto' }): Json {
  return choice.type === 'tool' ? { function: { name: choice.name }, type: 'function' } : choice.type
}

function encodeTool({ name, description, inputSchema }: ToolDefinition): JsonObject {
  return { function: { name, strict: false, description, parameters: inputSchema }, type: 'function' }
}
