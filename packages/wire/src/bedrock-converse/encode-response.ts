/** Encodes a plain answer of the Converse API. */
import type { Answer, FinishReason, Usage } from '../answer.ts'
import type { Unread } from '../json.ts'
import { kept } from '../kept-fields.ts'
import type { AssistantPart, ReasoningPart, TextPart } from '../message.ts'
import { inputObject } from '../tool-input.ts'
import { encodeCitation } from './citations.ts'
import { encodeMedia } from './media.ts'
import { name } from './name.ts'
import { encodeProviderPart } from './provider-parts.ts'
import { decodeFinishReason } from './tail.ts'

/** The body of a plain answer. */
export function encodeResponse(answer: Answer): string {
  const { metrics, rest, usage } = encodeTail(answer)
  return JSON.stringify({
    metrics,
    output: { message: { content: answer.message.content.flatMap(encodePart), role: 'assistant' } },
    stopReason: encodeStopReason(answer),
    usage,
    ...rest,
  })
}

/** What stands around an answer. Usage and metrics must be there, if only as zeros. */
export function encodeTail(answer: Answer): {
  readonly metrics: unknown
  readonly usage: Unread
  readonly rest: Unread
} {
  const { metrics, cacheDetails, ...rest } = kept(name, answer)
  const usage = { ...encodeUsage(answer.usage), ...(cacheDetails !== undefined && { cacheDetails }) }
  return { metrics: metrics ?? { latencyMs: 0 }, usage, rest }
}

function encodeUsage(usage: Usage | null): Unread {
  if (usage === null) return { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = usage
  return {
    inputTokens: inputTokens - cachedInputTokens - (cacheWriteTokens ?? 0),
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...((cachedInputTokens > 0 || cacheWriteTokens !== undefined) && {
      cacheReadInputTokens: cachedInputTokens,
    }),
    ...(cacheWriteTokens !== undefined && { cacheWriteInputTokens: cacheWriteTokens }),
  }
}

export function encodeStopReason({ finishReason, rawFinishReason }: Answer): string | undefined {
  const isOwn = decodeFinishReason(rawFinishReason) === finishReason
  return isOwn ? (rawFinishReason ?? undefined) : stopReasons[finishReason]
}

const stopReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filtered',
  error: 'malformed_model_output',
  other: 'other',
}

/** What cannot be said is left out: it was another dialect's. */
function encodePart(part: AssistantPart): Unread[] {
  switch (part.type) {
    case 'text':
      return [encodeText(part)]
    case 'reasoning':
      return encodeReasoning(part)
    case 'tool-call':
      return [{ toolUse: { toolUseId: part.id, name: part.name, input: inputObject(part) } }]
    case 'media':
      return part.source.type === 'base64' ? [encodeMedia(part, '')] : []
    case 'provider-call':
    case 'provider-result':
      return encodeProviderPart(part)
  }
}

function encodeText({ text, citations }: TextPart): Unread {
  if (citations === undefined) return { text }
  return { citationsContent: { content: [{ text }], citations: citations.map(encodeCitation) } }
}

/** The same field of a block, and of a delta of a stream. */
function encodeReasoning({ text, data }: ReasoningPart): Unread[] {
  const { redactedContent, signature } = data?.[name] ?? {}
  if (redactedContent !== undefined) return [{ reasoningContent: { redactedContent } }]
  if (text === '' && signature === undefined) return []
  return [{ reasoningContent: { reasoningText: { text, signature } } }]
}
