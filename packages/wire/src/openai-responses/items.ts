/** Items as parts: what the history in a request and the output of an answer have in common. */
import { given } from '../given.ts'
import { objectsOr, stringIn, stringOr, type Unread } from '../json.ts'
import { isShallow } from '../kept-fields.ts'
import type {
  Citation,
  Json,
  JsonObject,
  MediaPart,
  ProviderCall,
  ProviderData,
  ProviderResult,
} from '../message.ts'

export const responses = 'openai-responses'

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
  const { type, start_index, end_index } = wire
  const said = given({
    url: stringIn(wire, 'url'),
    title: stringIn(wire, 'title', 'filename'),
    start: placeOr(start_index),
    end: placeOr(end_index),
  })
  const isAll = type === 'url_citation' && Object.keys(said).length === 4 && Object.keys(wire).length === 5
  return isAll ? said : { ...said, data: { [responses]: wire as JsonObject } }
}

function placeOr(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** What a message has besides its content. The last text part of the message keeps it. */
export function messageFields(item: Unread): JsonObject {
  const { type: _type, role: _role, content: _content, ...fields } = item
  return fields as JsonObject
}

/** The text of one list of a reasoning item, `content` or `summary`: its parts are paragraphs. */
export function paragraphs(parts: unknown): string {
  return objectsOr(parts)
    .flatMap(({ text }) => stringOr(text) ?? [])
    .join('\n\n')
}

/**
 * The item is kept whole: it goes back as it came, with `summary: []` and what is encrypted. It may be but a name for
 * what OpenAI keeps.
 */
export function reasoningFields({ type: _type, ...fields }: Unread): JsonObject {
  return fields as JsonObject
}

/** The input of a call: JSON for a function, any text for a custom tool. */
export function callInput(item: Unread): string {
  return stringIn(item, 'arguments', 'input') ?? ''
}

/** What a tool call has besides. Bedrock's `item_id` and `output_index` belong to its event, not to the item. */
export function callData(item: Unread): ProviderData {
  const {
    call_id: _callId,
    name: _name,
    arguments: _arguments,
    input: _input,
    item_id: _itemId,
    output_index: _outputIndex,
    ...fields
  } = item
  return { [responses]: fields as JsonObject }
}

export function isCall(type: unknown): boolean {
  return type === 'function_call' || type === 'custom_tool_call'
}

/**
 * Any other item: an image that the model made, or something that only this dialect can say, which is kept whole.
 * https://platform.openai.com/docs/api-reference/responses/object#responses-object-output
 */
export function decodeOther(item: Unread): MediaPart | ProviderCall | ProviderResult {
  const { result, ...rest } = item
  const type = stringIn(item, 'type') ?? ''
  if (type === 'image_generation_call' && typeof result === 'string') return decodeImage(rest, result)
  const id = stringIn(item, 'id', 'call_id') ?? ''
  const data = { [responses]: item as JsonObject }
  if (!/_(call|request)$/.test(type))
    return { type: 'provider-result', id, name: type, output: null, isError: false, data }
  const { action, queries, code, operation, arguments: words } = item
  const input = (action ?? queries ?? code ?? operation ?? words ?? null) as Json
  return { type: 'provider-call', id, name: type.replace(/_call$/, ''), input, data }
}

function decodeImage(item: Unread, base64: string): MediaPart {
  return {
    type: 'media',
    mediaType: `image/${stringIn(item, 'output_format') ?? 'png'}`,
    source: { type: 'base64', base64 },
    data: { [responses]: item as JsonObject },
  }
}
