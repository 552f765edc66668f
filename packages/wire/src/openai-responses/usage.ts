/** Decodes tokens and cost. */
import type { Usage } from '../answer.ts'
import { countOr, objectOr } from '../json.ts'

/** Decodes `usage`; null where it counts nothing. */
export function decodeUsage(wire: unknown): Usage | null {
  const { input_tokens, output_tokens, input_tokens_details, output_tokens_details } = objectOr(wire)
  if (typeof input_tokens !== 'number' && typeof output_tokens !== 'number') return null
  const { cached_tokens, cache_write_tokens, cache_creation_input_tokens } = objectOr(input_tokens_details)
  const cacheWriteTokens = countOr(cache_write_tokens ?? cache_creation_input_tokens)
  return {
    inputTokens: countOr(input_tokens),
    outputTokens: countOr(output_tokens),
    cachedInputTokens: countOr(cached_tokens),
    // OpenAI's newer models always say 0 where nothing is charged for it.
    ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
    reasoningTokens: countOr(objectOr(output_tokens_details)['reasoning_tokens']),
  }
}
