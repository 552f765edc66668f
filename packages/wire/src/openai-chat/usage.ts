/** Decodes tokens. */
import type { Usage } from '../answer.ts'
import { countOr, objectOr, type Unread } from '../json.ts'

/**
 * Decodes tokens as the provider counts them: xAI counts reasoning beside the completion tokens, all
 * others among them. Null when all counts are zero: such a chunk says nothing.
 */
export function decodeUsage(wire: Unread): Usage | null {
  const inputTokens = countOr(wire['prompt_tokens'])
  const outputTokens = countOr(wire['completion_tokens'])
  if (inputTokens === 0 && outputTokens === 0) return null
  const input = objectOr(wire['prompt_tokens_details'])
  // Vercel's gateway, LiteLLM and Databricks keep Anthropic's names beside the details.
  const written = input['cache_write_tokens'] ?? wire['cache_creation_input_tokens']
  // Voxtral counts sound beside the prompt, all others in it.
  const sound = countOr(input['audio_tokens'])
  const isBeside = inputTokens + sound + outputTokens === wire['total_tokens']
  return {
    inputTokens: isBeside ? inputTokens + sound : inputTokens,
    outputTokens,
    // Moonshot and DeepSeek have names of their own instead of the details.
    cachedInputTokens: countOr(
      input['cached_tokens'] ??
        wire['prompt_cache_hit_tokens'] ??
        wire['cached_tokens'] ??
        wire['cache_read_input_tokens'],
    ),
    ...(typeof written === 'number' && { cacheWriteTokens: countOr(written) }),
    // Perplexity and SGLang have it beside the details.
    reasoningTokens: countOr(
      objectOr(wire['completion_tokens_details'])['reasoning_tokens'] ?? wire['reasoning_tokens'],
    ),
  }
}
