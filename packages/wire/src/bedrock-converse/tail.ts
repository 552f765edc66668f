/** Decodes what Bedrock says when an answer is done: why, and how many tokens. */
import type { FinishReason, Usage } from '../answer.ts'
import { given } from '../given.ts'
import { countOr, objectOr, type Unread } from '../json.ts'
import { isShallow } from '../kept-fields.ts'

const finishReasons: readonly (readonly [FinishReason, RegExp])[] = [
  ['stop', /^(end_turn|stop_sequence)$/],
  ['tool-calls', /^tool_use$/],
  ['length', /^(max_tokens|model_context_window_exceeded)$/],
  ['content-filter', /^(guardrail_intervened|content_filtered)$/],
  ['error', /^malformed_/],
]

/** Decodes `stopReason`. One from the future is `other`. */
export function decodeFinishReason(wire: string | null): FinishReason {
  return finishReasons.find(([, words]) => words.test(wire ?? ''))?.[0] ?? 'other'
}

/** `inputTokens` are without those that the cache gave or took, which Nova calls a count. Null when all are zero, which says nothing. */
export function decodeUsage(wire: Unread): Usage | null {
  const cachedInputTokens = countOr(wire['cacheReadInputTokens'] ?? wire['cacheReadInputTokenCount'])
  const written = wire['cacheWriteInputTokens'] ?? wire['cacheWriteInputTokenCount']
  const inputTokens = countOr(wire['inputTokens']) + cachedInputTokens + countOr(written)
  const outputTokens = countOr(wire['outputTokens'])
  if (inputTokens + outputTokens === 0) return null
  const cacheWriteTokens = typeof written === 'number' ? countOr(written) : null
  return { inputTokens, outputTokens, cachedInputTokens, ...given({ cacheWriteTokens }), reasoningTokens: 0 }
}

/** What an answer says besides, and is kept: which guardrails stepped in, how long it took. */
export function decodeRest(wire: Unread): Unread {
  const { trace, additionalModelResponseFields, performanceConfig, serviceTier, metrics, usage } = wire
  const { cacheDetails } = objectOr(usage)
  const rest = given({
    trace,
    additionalModelResponseFields,
    performanceConfig,
    serviceTier,
    metrics: countOr(objectOr(metrics)['latencyMs']) > 0 ? metrics : null,
    cacheDetails,
  })
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => isShallow(value)))
}
