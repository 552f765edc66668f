/** Parts as items: what the history in a request and the output of an answer have in common. */
import { isObject } from '../json.ts'
import { kept } from '../kept-fields.ts'
import type { AssistantPart, Citation, JsonObject, TextPart, ToolCall } from '../message.ts'
import { responses } from './items.ts'

/** The text parts of one message item, or any other part. */
export type Draft = readonly TextPart[] | Exclude<AssistantPart, TextPart>

/** Whether a part or a message is this dialect's own: it has its data, if only an empty one. */
export function isOwn(part: { readonly data?: TextPart['data'] }): boolean {
  return part.data?.[responses] !== undefined
}

/** What a message item has besides its content; undefined when the message goes on behind this part. */
export function messageOf(part: TextPart): JsonObject | undefined {
  const { message } = kept(responses, part)
  return isObject(message) ? message : undefined
}

/** Text parts that follow each other are one message, up to the one that keeps a message's fields. */
export function drafts(content: readonly AssistantPart[]): Draft[] {
  const all: Draft[] = []
  let open: TextPart[] | undefined
  for (const part of content) {
    if (part.type !== 'text') {
      open = undefined
      all.push(part)
      continue
    }
    if (open === undefined) all.push((open = []))
    open.push(part)
    if (messageOf(part) !== undefined) open = undefined
  }
  return all
}

/** A part of a message item. */
export function encodeText(part: TextPart): JsonObject {
  const { type, ...fields } = (kept(responses, part)['part'] ?? {}) as JsonObject
  if (type === 'refusal') return { type, refusal: part.text, ...fields }
  const annotations = (part.citations ?? []).flatMap((citation) => encodeCitation(citation, part.text.length))
  return { type: 'output_text', text: part.text, annotations, ...fields }
}

/** Only what has a URL can be said of another dialect's citation. */
function encodeCitation(citation: Citation, length: number): JsonObject[] {
  const own = citation.data?.[responses]
  if (own !== undefined) return [own]
  const { url, title = '', start = 0, end = length } = citation
  return url === undefined ? [] : [{ type: 'url_citation', start_index: start, end_index: end, title, url }]
}

/** The input goes back byte for byte. */
export function encodeCall(call: ToolCall): JsonObject {
  const fields = kept(responses, call)
  const isCustom = fields['type'] === 'custom_tool_call'
  return {
    type: 'function_call',
    call_id: call.id,
    name: call.name,
    [isCustom ? 'input' : 'arguments']: call.inputText,
    ...fields,
  }
}

/** Null for reasoning of another dialect, and for what its provider did: nobody else can say it. */
export function encodeOther(part: Exclude<AssistantPart, TextPart | ToolCall>): JsonObject | null {
  const own = part.data?.[responses]
  if (own === undefined) return null
  if (part.type === 'reasoning') return { type: 'reasoning', summary: [], ...own }
  if (part.type !== 'media') return own
  return { ...own, result: part.source.type === 'base64' ? part.source.base64 : null }
}
