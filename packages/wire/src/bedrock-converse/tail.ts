/** Decodes what Bedrock says when an answer is done: why, and how many tokens. */
import type { FinishReason, Usage } from '../answer.ts'
import { given } from '../given.ts'
import { countOr, objectOr, type Unread } from '../json.ts'
import { isShallow } from '../kept-fields.ts'

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_use', 'tool-calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['guardrail_intervened', 'content-filter'],
  ['content_filtered', 'content-filter'],
  ['malformed_model_output', 'error'],
  ['malformed_tool_use', 'error'],
])

/** Decodes `stopReason`. One from the future is `other`. */
export function decodeFinishReason(wire: string | null): FinishReason {
  return wire === null ? 'other' : (finishReasons.get(wire) ?? 'other')
}

/** `inputTokens` are without those that the cache gave or took. Null when all are zero, which says nothing. */
export function decodeUsage(wire: Unread): Usage | null {
  const cached = countOr(wire['cacheReadInputTokens'])
  const written = wire['cacheWriteInputTokens']
  const inputTokens = countOr(wire['inputTokens']) + cached + countOr(written)
  const outputTokens = countOr(wire['outputTokens'])
  if (inputTokens === 0 && outputTokens === 0) return null
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: cached,
    ...(typeof written === 'number' && { cacheWriteTokens: countOr(written) }),
    reasoningTokens: 0,
  }
}

/** What an answer says besides, and is kept: which guardrails stepped in, how long it took. */
const keptFields = ['trace', 'additionalModelResponseFields', 'performanceConfig', 'serviceTier']

export function decodeRest(wire: Unread): Unread {
  const { metrics, usage } = wire
  const rest: Record<string, unknown> = {}
  for (const name of keptFields) rest[name] = wire[name]
  if (countOr(objectOr(metrics)['latencyMs']) > 0) rest['metrics'] = metrics
  const { cacheDetails } = objectOr(usage)
  if (Array.isArray(cacheDetails)) rest['cacheDetails'] = cacheDetails
  return Object.fromEntries(Object.entries(given(rest)).filter(([, value]) => isShallow(value)))
}
