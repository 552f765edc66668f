/** Reads and writes tokens. https://platform.claude.com/docs/en/build-with-claude/prompt-caching#tracking-cache-performance */
import type { Usage } from '../answer.ts'
import { countOr, objectOr, type Unread } from '../json.ts'
import type { JsonObject } from '../message.ts'

/** The fields that have a canonical form. */
export const usageFields = [
  'input_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens',
  'output_tokens_details',
  'cost',
]

/**
 * Puts what is said later over what was said before. Counts are of the whole answer so far, so one that is back at 0
 * (proxies repeat `input_tokens` so) says nothing, nor does what is null or empty.
 */
export function mergeSaid(known: Unread, wire: Unread): Unread {
  const said = Object.entries(wire).filter(([name, value]) => value || !known[name])
  return { ...known, ...Object.fromEntries(said) }
}

/** The prompt is counted in three parts here. Null when all counts are zero: nothing was reported. */
export function decodeUsage(wire: Unread): Usage | null {
  const written = wire['cache_creation_input_tokens']
  const read = countOr(wire['cache_read_input_tokens'])
  const inputTokens = countOr(wire['input_tokens']) + countOr(written) + read
  const outputTokens = countOr(wire['output_tokens'])
  if (inputTokens === 0 && outputTokens === 0) return null
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: read,
    ...(typeof written === 'number' && { cacheWriteTokens: countOr(written) }),
    reasoningTokens: countOr(objectOr(wire['output_tokens_details'])['thinking_tokens']),
  }
}

/** The counts of an answer; those of one that has none yet are zero. */
export function encodeUsage(usage: Usage | null): JsonObject {
  const { inputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = null } = usage ?? {}
  const { outputTokens = 0, reasoningTokens = 0 } = usage ?? {}
  return {
    input_tokens: Math.max(0, inputTokens - cachedInputTokens - (cacheWriteTokens ?? 0)),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cachedInputTokens,
    output_tokens: outputTokens,
    output_tokens_details: reasoningTokens > 0 ? { thinking_tokens: reasoningTokens } : null,
  }
}
