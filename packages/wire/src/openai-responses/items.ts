/** Items as parts: what the history in a request and the output of an answer have in common. */
import { given } from '../given.ts'
import { objectsOr, stringIn, stringOr, type Unread } from '../json.ts'
import { isShallow, keep, without } from '../kept-fields.ts'
import type {
  Citation,
  Json,
  JsonObject,
  MediaPart,
  ProviderCall,
  ProviderData,
  ProviderResult,
  ReasoningPart,
} from '../message.ts'

export const responses = 'openai-responses'

/**
 * What of an item that the provider's tools made says what they were asked for; the rest is kept as data.
 * https://platform.openai.com/docs/api-reference/responses/object#responses-object-output
 */
export const inputFields: ReadonlyMap<unknown, string> = new Map([
  ['web_search_call', 'action'],
  ['file_search_call', 'queries'],
  ['code_interpreter_call', 'code'],
  ['computer_call', 'action'],
  ['local_shell_call', 'action'],
  ['shell_call', 'action'],
  ['apply_patch_call', 'operation'],
  ['tool_search_call', 'arguments'],
  ['mcp_call', 'arguments'],
  ['mcp_approval_request', 'arguments'],
])

/** The text of a part of a message: what it says, or why the model will not. Empty for any other part. */
export function textOfPart({ type, text, refusal }: Unread): string {
  const words = type === 'refusal' ? refusal : type === 'output_text' && text
  return stringOr(words) ?? ''
}

/**
 * The citations of a text. An annotation that says more than a citation can, or less, is kept whole: files
 * of the provider, a web page without a title.
 */
export function decodeCitations(annotations: unknown): Citation[] {
  return objectsOr(annotations)
    .filter((wire) => isShallow(wire))
    .map(decodeCitation)
}

function decodeCitation(wire: Unread): Citation {
  const { type, title, start_index, end_index } = wire
  const said = given({
    url: stringIn(wire, 'url'),
    title: stringIn(wire, 'title', 'filename'),
    start: placeOr(start_index),
    end: placeOr(end_index),
  })
  const isAll =
    type === 'url_citation' &&
    typeof title === 'string' &&
    Object.keys(said).length === 4 &&
    Object.keys(wire).length === 5
  return isAll ? said : { ...said, data: { [responses]: wire as JsonObject } }
}

function placeOr(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** What a message has besides its content. The last text part of the message keeps it. */
export function messageFields(item: Unread): JsonObject {
  return keptOf(item, ['type', 'role', 'content'])
}

/**
 * What a reasoning item thought: its own words (DeepSeek, gpt-oss), else the summary of them. The parts of
 * a summary are paragraphs.
 */
export function reasoningText(item: Unread): string {
  return paragraphs(item['content']) || paragraphs(item['summary'])
}

/** The text of one list of a reasoning item, `content` or `summary`. */
export function paragraphs(parts: unknown): string {
  return objectsOr(parts)
    .flatMap(({ text }) => stringOr(text) ?? [])
    .join('\n\n')
}

/** The item is kept whole: it goes back as it came, with `summary: []` and what is encrypted. */
export function reasoningFields(item: Unread): JsonObject {
  return keptOf(item, ['type'])
}

export function decodeReasoning(item: Unread): ReasoningPart {
  return { type: 'reasoning', text: reasoningText(item), data: { [responses]: reasoningFields(item) } }
}

/** Whether a reasoning item is but a name for what OpenAI keeps: no words, nothing encrypted. It is carried as such. */
export function isReference(item: Unread): boolean {
  return stringIn(item, 'encrypted_content') === null && reasoningText(item) === ''
}

/** The input of a call: JSON for a function, any text for a custom tool. */
export function callInput(item: Unread): string {
  return stringIn(item, item['type'] === 'custom_tool_call' ? 'input' : 'arguments') ?? ''
}

/** What a tool call has besides. Bedrock's `item_id` and `output_index` belong to its event, not to the item. */
export function callData(item: Unread): ProviderData | undefined {
  const own = item['type'] === 'function_call' ? ['type', 'arguments'] : ['input']
  return keep(responses, keptOf(item, ['call_id', 'name', 'item_id', 'output_index', ...own])).data
}

export function isCall(type: unknown): boolean {
  return type === 'function_call' || type === 'custom_tool_call'
}

/** Any other item: an image that the model made, or something that only this dialect can say. */
export function decodeOther(item: Unread): MediaPart | ProviderCall | ProviderResult | null {
  if (!isShallow(item)) return null
  const type = stringIn(item, 'type') ?? ''
  const id = stringIn(item, 'id', 'call_id') ?? ''
  const image = type === 'image_generation_call' ? stringIn(item, 'result') : null
  if (image !== null) return decodeImage(item, image)
  const field = inputFields.get(type)
  if (field === undefined && !type.endsWith('_call')) {
    const data = { [responses]: item as JsonObject }
    return { type: 'provider-result', id, name: type, output: null, isError: false, data }
  }
  const input = (item[field ?? ''] ?? null) as Json
  return {
    type: 'provider-call',
    id,
    name: type.replace(/_call$/, ''),
    input,
    data: { [responses]: keptOf(item, input === null ? [] : [field ?? '']) },
  }
}

function decodeImage(item: Unread, base64: string): MediaPart {
  return {
    type: 'media',
    mediaType: `image/${stringIn(item, 'output_format') ?? 'png'}`,
    source: { type: 'base64', base64 },
    data: { [responses]: keptOf(item, ['result']) },
  }
}

/** The fields without some; none of them where they are nested too deeply to be written again. */
function keptOf(item: Unread, names: readonly string[]): JsonObject {
  const fields = without(item, names)
  return (isShallow(fields) ? fields : {}) as JsonObject
}
