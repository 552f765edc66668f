/**
 * Reasoning of other dialects, as OpenRouter's `reasoning_details` carry it: signatures and encrypted reasoning go
 * through a client of this dialect and come back to where they are from.
 * https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 */
import { isObject, stringOr, type Unread } from '../json.ts'
import type { JsonObject, ProviderData, ReasoningPart } from '../message.ts'
import { arrayAt, objectAt } from '../strict.ts'
import { own, ownOf } from './own.ts'

const formats = {
  anthropic: 'anthropic-claude-v1',
  responses: 'openai-responses-v1',
  gemini: 'google-gemini-v1',
}

/** The details that say a part; none where plain text says all of it. */
export function encodeDetails(part: ReasoningPart, index: number): readonly JsonObject[] {
  const known = ownOf(part)?.['reasoning_details']
  if (Array.isArray(known)) return known as JsonObject[]
  const { text, data = {} } = part
  const words = (format: string): JsonObject => ({ type: 'reasoning.text', text, format, index })
  const secret = (format: string, value: string, id: string | null): JsonObject => ({
    type: 'reasoning.encrypted',
    data: value,
    id,
    format,
    index,
  })
  const { 'anthropic-messages': anthropic = {}, 'openai-responses': responses = {}, gemini = {} } = data
  // Claude signs the same on Bedrock.
  const bedrock = data['bedrock-converse'] ?? {}
  const signature = stringOr(anthropic['signature'] ?? bedrock['signature'])
  if (signature !== null) return [{ ...words(formats.anthropic), signature }]
  const redacted = stringOr(anthropic['data']) ?? plainOf(bedrock['redactedContent'])
  if (redacted !== null) return [secret(formats.anthropic, redacted, null)]
  const encrypted = stringOr(responses['encrypted_content'])
  if (encrypted !== null) {
    const id = stringOr(responses['id'])
    const summary = { type: 'reasoning.summary', summary: text, id, format: formats.responses, index }
    return [...(text === '' ? [] : [summary]), secret(formats.responses, encrypted, id)]
  }
  const thought = stringOr(gemini['thoughtSignature'])
  if (thought === null) return []
  return [...(text === '' ? [] : [words(formats.gemini)]), secret(formats.gemini, thought, null)]
}

/** Bedrock writes Anthropic's text in base64 once more. */
function plainOf(redacted: unknown): string | null {
  try {
    return typeof redacted === 'string' ? atob(redacted) : null
  } catch {
    return null
  }
}

/** What the details of an assistant's message say. */
export interface Details {
  readonly parts: readonly ReasoningPart[]
  /** Gemini's signatures of tool calls, by their ids. */
  readonly signatures: ReadonlyMap<string, string>
}

/** One part for each detail, but for what says more of the one before it. Each keeps what it was made of. */
export function decodeDetails(wire: unknown, path: string, callIds: ReadonlySet<unknown>): Details {
  const signatures = new Map<string, string>()
  const groups: Unread[][] = []
  for (const [index, element] of arrayAt(wire, path).entries()) {
    const detail = objectAt(element, `${path}[${index}]`)
    const group = groups.at(-1)
    if (group !== undefined && completes(detail, group)) group.push(detail)
    else groups.push([detail])
    const { format, id, data } = detail
    if (format === formats.gemini && typeof data === 'string' && callIds.has(id))
      signatures.set(String(id), data)
  }
  const parts = groups.map((group) => {
    const text = group.map((detail) => stringOr(detail['text']) ?? stringOr(detail['summary']) ?? '').join('')
    const kept = own({ reasoning_details: group as unknown as JsonObject[] })
    const merged: Unread = Object.fromEntries(group.flatMap((detail) => Object.entries(detail)))
    const foreign = callIds.has(merged['id']) ? {} : decodeForeign(merged, text)
    return { type: 'reasoning', text, data: { ...kept, ...foreign } } as const
  })
  return { parts, signatures }
}

/**
 * More of the same, from clients that keep the deltas of a stream apart; a signature, which comes behind the words;
 * or the secret behind a summary.
 */
function completes(detail: Unread, group: readonly Unread[]): boolean {
  const last = group.at(-1)
  if (last === undefined || last['index'] !== detail['index']) return false
  if ((last['format'] ?? detail['format']) !== detail['format']) return false
  if (last['type'] === detail['type'] && detail['type'] !== 'reasoning.encrypted')
    return !isObject(last['signature']) && !stringOr(last['signature'])
  const isSecret = detail['type'] === 'reasoning.encrypted' && last['type'] !== 'reasoning.encrypted'
  return isSecret && detail['format'] === formats.responses
}

function decodeForeign(detail: Unread, text: string): ProviderData {
  const { format, id, data, signature } = detail
  switch (format) {
    case formats.anthropic:
      if (typeof signature === 'string') return { 'anthropic-messages': { signature } }
      return typeof data === 'string' ? { 'anthropic-messages': { type: 'redacted_thinking', data } } : {}
    case formats.responses: {
      if (typeof data !== 'string') return {}
      const summary = text === '' ? [] : [{ type: 'summary_text', text }]
      const named = typeof id === 'string' ? { id } : {}
      return { 'openai-responses': { ...named, summary, encrypted_content: data } }
    }
    case formats.gemini:
      return typeof data === 'string' ? { gemini: { thoughtSignature: data } } : {}
    default:
      return {}
  }
}

/** What is known of a detail before its words come; undefined where it is not known whether there will be one. */
export function encodeDetailHead(data: ProviderData | undefined, index: number): JsonObject | undefined {
  const known = data === undefined ? undefined : ownOf({ data })
  if (typeof known?.['type'] === 'string') return known
  if (data?.['anthropic-messages'] !== undefined)
    return { type: 'reasoning.text', format: formats.anthropic, index }
  if (data?.['gemini'] !== undefined) return { type: 'reasoning.text', format: formats.gemini, index }
  // Many models' reasoning; only Claude's is signed, in the end.
  if (data?.['bedrock-converse'] !== undefined) return { type: 'reasoning.text', format: null, index }
  if (data?.['openai-responses'] === undefined) return undefined
  return {
    type: 'reasoning.summary',
    id: stringOr(data['openai-responses']['id']),
    format: formats.responses,
    index,
  }
}
