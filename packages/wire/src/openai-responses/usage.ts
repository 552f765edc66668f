/** Decodes tokens and cost. */
import type { Usage } from '../answer.ts'
import { countOr, isObject, objectOr } from '../json.ts'

/** Decodes `usage`; null where it counts nothing. */
export function decodeUsage(wire: unknown): Usage | null {
  if (!isObject(wire)) return null
  const { input_tokens, output_tokens } = wire
  if (typeof input_tokens !== 'number' && typeof output_tokens !== 'number') return null
  const { cached_tokens, cache_write_tokens } = objectOr(wire['input_tokens_details'])
  const cacheWriteTokens = countOr(cache_write_tokens)
  return {
    inputTokens: countOr(input_tokens),
    outputTokens: countOr(output_tokens),
    cachedInputTokens: countOr(cached_tokens),
    // OpenAI's newer models always say 0 where nothing is charged for it.
    ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
    reasoningTokens: countOr(objectOr(wire['output_tokens_details'])['reasoning_tokens']),
  }
}
