/** Encodes the parts of an answer as the items of a response's output. */
import type { TokenLogprob } from '../answer.ts'
import { kept } from '../kept-fields.ts'
import type { AssistantPart, JsonObject, ReasoningPart, TextPart, ToolCall } from '../message.ts'
import { type Draft, drafts, encodeCall, encodeOther, encodeText, messageOf } from './encode-items.ts'
import { isOwn } from './encode-items.ts'
import { responses } from './items.ts'

/** The ids of items that have none of their own: `msg_<id of the response>_0`. */
export type ItemIds = (prefix: string) => string

export function itemIds(response: string): ItemIds {
  let count = 0
  const base = response.replace(/^resp_/, '')
  return (prefix) => `${prefix}_${base}_${count++}`
}

/** The items; what other dialects alone can say is left out. Logprobs stand with the last text. */
export function encodeOutput(
  content: readonly AssistantPart[],
  ids: ItemIds,
  logprobs: readonly TokenLogprob[] = [],
): JsonObject[] {
  const all = drafts(content)
  const last = all.findLastIndex((draft) => isTexts(draft) && draft.some(isWritten))
  return all.flatMap((draft, index) => encodeDraft(draft, ids, index === last ? logprobs : []))
}

function encodeDraft(draft: Draft, ids: ItemIds, logprobs: readonly TokenLogprob[]): JsonObject[] {
  if (isTexts(draft)) return [messageItem(draft, ids, logprobs)]
  if (draft.type === 'tool-call') return [callItem(draft, ids)]
  const item = draft.type === 'reasoning' ? reasoningItem(draft, ids) : encodeOther(draft)
  return item === null ? [] : [item]
}

export function messageItem(
  texts: readonly TextPart[],
  ids: ItemIds,
  logprobs: readonly TokenLogprob[] = [],
): JsonObject {
  const end = texts.at(-1)
  const last = texts.findLast(isWritten)
  const message = end === undefined ? undefined : messageOf(end)
  return {
    type: 'message',
    id: typeof message?.['id'] === 'string' ? message['id'] : ids('msg'),
    status: 'completed',
    role: 'assistant',
    content: texts.map((part) => textPart(part, part === last ? logprobs : [])),
    ...message,
  }
}

/** A part of a message, with its logprobs: a refusal has none. */
export function textPart(part: TextPart, logprobs: readonly TokenLogprob[] = []): JsonObject {
  const encoded = encodeText(part)
  if (encoded['type'] !== 'output_text') return encoded
  return { ...encoded, logprobs: encoded['logprobs'] ?? logprobs.map(encodeLogprob) }
}

/** Only this dialect gives a call its item's id beside the call's own. */
export function callItem(call: ToolCall, ids: ItemIds): JsonObject {
  if (isOwn(call)) return encodeCall(call)
  return { ...encodeCall(call), id: ids('fc'), status: 'completed' }
}

/** Another dialect's reasoning is a summary. Null for what has no text: it is encrypted for somebody else. */
export function reasoningItem(part: ReasoningPart, ids: ItemIds): JsonObject | null {
  const own = encodeOther(part)
  if (own !== null) return 'id' in own ? own : { id: ids('rs'), ...kept(responses, part), ...own }
  if (part.text === '') return null
  return { type: 'reasoning', id: ids('rs'), summary: [{ type: 'summary_text', text: part.text }] }
}

/** Whether a text is not a refusal. */
function isWritten(part: TextPart): boolean {
  return encodeText(part)['type'] === 'output_text'
}

function isTexts(draft: Draft): draft is readonly TextPart[] {
  return Array.isArray(draft)
}

function encodeLogprob({ token, logprob, top }: TokenLogprob): JsonObject {
  return {
    ...encodeToken(token, logprob),
    top_logprobs: top.map((one) => encodeToken(one.token, one.logprob)),
  }
}

function encodeToken(token: string, logprob: number): JsonObject {
  return { token, bytes: [...new TextEncoder().encode(token)], logprob }
}
