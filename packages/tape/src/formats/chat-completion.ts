/** Makes a chat completion of what a fixture says of its answer. The one shape of a model's that this package knows. */
import { type Entry, field, isAbsent, isFields, items, jsonOf, number, text } from './values.ts'

export interface Completion {
  /** A fixture's `response`. */
  readonly response: Entry
  readonly model: string
}

export function isCompletion(response: Entry): boolean {
  const modalities = ['audio', 'image', 'images', 'video', 'transcription', 'embedding']
  if (modalities.some((name) => !isAbsent(field(response, name).value))) return false
  return ['content', 'toolCalls', 'blocks', 'reasoning'].some(
    (name) => !isAbsent(field(response, name).value),
  )
}

interface ToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

interface Parts {
  readonly content: string | null
  readonly reasoning: string | undefined
  readonly toolCalls: readonly ToolCall[]
}

export function completionBody(completion: Completion): string {
  const { content, reasoning, toolCalls } = partsOf(completion.response)
  const message = {
    role: 'assistant',
    content,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  }
  const choice = { index: 0, message, finish_reason: finishReasonOf(completion.response, toolCalls) }
  const usage = usageOf(completion.response)
  return JSON.stringify({
    ...envelope(completion, 'chat.completion'),
    choices: [choice],
    ...(usage && { usage }),
  })
}

/** The answer as a stream of about so many frames, the last of them `[DONE]`. */
export function completionFrames(completion: Completion, wanted: number): readonly string[] {
  const { response } = completion
  const { content, reasoning, toolCalls } = partsOf(response)
  const usage = usageOf(response)
  const frame = (choices: readonly object[], more = {}): string =>
    `data: ${JSON.stringify({ ...envelope(completion, 'chat.completion.chunk'), choices, ...more })}\n\n`
  const delta = (fields: object, reason: string | null = null): string =>
    frame([{ index: 0, delta: fields, finish_reason: reason }])
  const fixed = [
    ...(reasoning === undefined ? [] : [delta({ reasoning_content: reasoning })]),
    ...toolCalls.map((call, index) => delta({ tool_calls: [{ index, ...call }] })),
    delta({}, finishReasonOf(response, toolCalls)),
    ...(usage === undefined ? [] : [frame([], { usage })]),
    'data: [DONE]\n\n',
  ]
  const before = reasoning === undefined ? 0 : 1
  const texts = pieces(content ?? '', wanted - fixed.length - 1).map((piece) => delta({ content: piece }))
  return [
    delta({ role: 'assistant', content: '' }),
    ...fixed.slice(0, before),
    ...texts,
    ...fixed.slice(before),
  ]
}

/** The text in so many pieces, or as many as it has characters. */
function pieces(whole: string, count: number): readonly string[] {
  const characters = Array.from(whole)
  const size = Math.ceil(characters.length / Math.max(1, count))
  const found: string[] = []
  for (let at = 0; at < characters.length; at += size) found.push(characters.slice(at, at + size).join(''))
  return found
}

function envelope({ response, model }: Completion, object: string): object {
  return {
    id: text(field(response, 'id')) ?? 'chatcmpl-aimock',
    object,
    created: number(field(response, 'created')) ?? 0,
    model: text(field(response, 'model')) ?? model,
  }
}

/** `blocks` say in which order text and calls came; a completion has one text and the calls behind it. */
function partsOf(response: Entry): Parts {
  const blocks = items(field(response, 'blocks'))
  const reasoning = text(field(response, 'reasoning'))
  if (blocks.length > 0) {
    const said = blocks.filter((block) => !isCall(block)).map((block) => text(field(block, 'text')) ?? '')
    return {
      content: said.length > 0 ? said.join('') : null,
      reasoning,
      toolCalls: blocks.filter(isCall).map(toolCall),
    }
  }
  const { value } = field(response, 'content')
  const content = isAbsent(value) ? null : textOrJson(value)
  return { content, reasoning, toolCalls: items(field(response, 'toolCalls')).map(toolCall) }
}

function isCall(block: Entry): boolean {
  return text(field(block, 'type')) === 'toolCall'
}

function toolCall(entry: Entry, position: number): ToolCall {
  const { value } = field(entry, 'arguments')
  return {
    id: text(field(entry, 'id')) ?? `call_${position}`,
    type: 'function',
    function: {
      name: text(field(entry, 'name')) ?? '',
      arguments: isAbsent(value) ? '{}' : textOrJson(value),
    },
  }
}

/** Whoever writes a fixture by hand may leave JSON as it is. */
function textOrJson(value: unknown): string {
  return typeof value === 'string' ? value : jsonOf(value)
}

/** aimock keeps it in the words of this dialect, whatever was recorded. */
function finishReasonOf(response: Entry, toolCalls: readonly ToolCall[]): string {
  return text(field(response, 'finishReason')) ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop')
}

function usageOf(response: Entry): object | undefined {
  const usage = field(response, 'usage')
  if (!isFields(usage.value)) return undefined
  const prompt = firstNumber(usage, ['prompt_tokens', 'input_tokens', 'promptTokenCount'])
  const completion = firstNumber(usage, ['completion_tokens', 'output_tokens', 'candidatesTokenCount'])
  const others = Object.fromEntries(
    Object.entries(usage.value).filter(([name]) => !/token/i.test(name) || name.endsWith('details')),
  )
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: firstNumber(usage, ['total_tokens', 'totalTokenCount'], prompt + completion),
    ...others,
  }
}

function firstNumber(entry: Entry, names: readonly string[], otherwise = 0): number {
  return names.map((name) => number(field(entry, name))).find((found) => found !== undefined) ?? otherwise
}
