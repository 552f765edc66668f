/** Encodes a request for chat completions. https://platform.openai.com/docs/api-reference/chat/create */
import { effortOf } from '../effort.ts'
import { listOrNone } from '../given.ts'
import type { Unread } from '../json.ts'
import { writeRequest } from '../kept-fields.ts'
import type { Json } from '../message.ts'
import type { Provider, Quirks } from '../provider.ts'
import type { ModelRequest, OutputFormat, ReasoningSettings, ToolChoice, ToolDefinition } from '../request.ts'
import { unsupported } from '../strict.ts'
import { encodeMessage, moreOf } from './encode-message.ts'
import { dialect, ownOf } from './own.ts'

/**
 * The request's body. Keys stand in one fixed order, that of the recordings this project grew from, so
 * that equal requests are equal bytes. Throws a WireError for what chat completions cannot say.
 */
export function encodeRequest(request: ModelRequest, { quirks }: Provider): string {
  const { model, logprobs, outputFormat, stream } = request
  const tools = request.tools?.map((tool, index) => encodeTool(tool, `tools[${index}]`, quirks))
  const { reasoning, ...effort } = encodeReasoning(request.reasoning ?? {}, quirks.reasoningSettings)
  return writeRequest({
    messages: request.messages.flatMap((message, index) =>
      encodeMessage(message, `messages[${index}]`, quirks),
    ),
    model: model || undefined,
    [quirks.maxTokensField]: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: quirks.isStrict ? undefined : request.topK,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    stop: request.stop,
    seed: request.seed,
    response_format: outputFormat && encodeOutputFormat(outputFormat),
    logprobs: logprobs === undefined ? undefined : true,
    top_logprobs: logprobs || undefined,
    parallel_tool_calls: request.parallelToolCalls,
    user: request.user,
    metadata: request.metadata,
    ...effort,
    stream_options: stream && quirks.streamUsage !== 'always' ? { include_usage: true } : undefined,
    tool_choice: tools?.length ? encodeToolChoice(request.toolChoice) : undefined,
    tools: listOrNone(tools ?? []),
    reasoning,
    ...ownOf(request),
    ...quirks.body,
    stream: stream || undefined,
  })
}

export function encodeOutputFormat(format: OutputFormat): Json {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  const { type: _type, name, ...rest } = format
  // OpenAI wants a name.
  return { type: 'json_schema', json_schema: { name: name || 'answer', ...rest } }
}

type Form = Quirks['reasoningSettings']

/** What a provider's form cannot say is left out: it is how, not what. */
function encodeReasoning({ isEnabled, effort, budget, isShown }: ReasoningSettings, form: Form): Unread {
  if ((isEnabled ?? effort ?? budget ?? isShown) === undefined) return {}
  const isOff = isEnabled === false || effort === 'none'
  const isOn = isEnabled ?? budget !== undefined
  if (form === 'thinking') {
    const thinking = { type: isOff ? 'disabled' : 'enabled', budget_tokens: budget }
    return { thinking: isOff || isOn ? thinking : undefined, reasoning_effort: isOff ? undefined : effort }
  }
  if (form === 'reasoning_effort') {
    const meant = budget === undefined ? undefined : effortOf(budget)
    return { reasoning_effort: isOff ? 'none' : (effort ?? meant) }
  }
  if (form !== 'reasoning')
    return { enable_thinking: isEnabled, thinking_budget: budget, reasoning_effort: effort }
  const exclude = isShown === undefined ? undefined : !isShown
  return { reasoning: { enabled: isEnabled, effort, max_tokens: budget, exclude } }
}

function encodeToolChoice(choice: ToolChoice = { type: 'auto' }): Json {
  return choice.type === 'tool' ? { function: { name: choice.name }, type: 'function' } : choice.type
}

export function encodeTool(tool: ToolDefinition, path: string, quirks: Quirks): object {
  if (tool.type === 'provider') {
    if (tool.dialect !== dialect) throw unsupported(`only ${tool.dialect} has this tool`, path)
    return tool.definition
  }
  const { name, strict, description, inputSchema } = tool
  return {
    function: { name, strict, description: description || undefined, parameters: inputSchema },
    type: 'function',
    ...moreOf(tool, quirks),
  }
}
