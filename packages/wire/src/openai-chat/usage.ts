/** Decodes tokens and cost. */
import type { Usage } from '../answer.ts'
import { countOr, isObject, objectOr, type Unread } from '../json.ts'
import { type Cost, decodeCost } from '../money.ts'

/** The usage object of a chunk or a response: at the top, or in `choices[0]` (Moonshot). */
export function findUsage(wire: Unread): Unread | null {
  const usage = wire['usage']
  if (isObject(usage)) return usage
  const choice: unknown = Array.isArray(wire['choices']) ? wire['choices'][0] : undefined
  return isObject(choice) && isObject(choice['usage']) ? choice['usage'] : null
}

/**
 * Decodes tokens as the provider counts them: xAI counts reasoning beside the completion tokens, all
 * others among them. Null when all counts are zero: such a chunk says nothing.
 */
export function decodeUsage(wire: Unread): Usage | null {
  const inputTokens = countOr(wire['prompt_tokens'])
  const outputTokens = countOr(wire['completion_tokens'])
  if (inputTokens === 0 && outputTokens === 0) return null
  const cached = objectOr(wire['prompt_tokens_details'])['cached_tokens']
  return {
    inputTokens,
    outputTokens,
    // DeepSeek's own API has `prompt_cache_hit_tokens` instead of the details.
    cachedInputTokens: countOr(cached ?? wire['prompt_cache_hit_tokens']),
    reasoningTokens: countOr(objectOr(wire['completion_tokens_details'])['reasoning_tokens']),
  }
}

/** Decodes the cost that a gateway reports: `usage.cost`; Perplexity nests a `total_cost` in it. */
export function decodeUsageCost(wire: Unread): Cost | null {
  const cost = wire['cost']
  return decodeCost(isObject(cost) ? cost['total_cost'] : cost)
}
