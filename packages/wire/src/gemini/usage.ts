/** Translates tokens: `usageMetadata`. https://ai.google.dev/api/generate-content#UsageMetadata */
import type { Usage } from '../answer.ts'
import { countOr, type Unread } from '../json.ts'
import type { JsonObject } from '../message.ts'

/**
 * Decodes tokens; null where nothing is counted, which says nothing. What a tool of Google's read
 * (`toolUsePromptTokenCount`) stands beside the prompt and is not counted in it.
 */
export function decodeUsage(wire: Unread): Usage | null {
  const inputTokens = countOr(wire['promptTokenCount'])
  const reasoningTokens = countOr(wire['thoughtsTokenCount'])
  const outputTokens = countOr(wire['candidatesTokenCount']) + reasoningTokens
  if (inputTokens + outputTokens === 0) return null
  const cachedInputTokens = countOr(wire['cachedContentTokenCount'])
  return { inputTokens, outputTokens, cachedInputTokens, reasoningTokens }
}

/** Encodes tokens of any dialect. */
export function encodeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: Math.max(0, outputTokens - reasoningTokens),
    totalTokenCount: inputTokens + outputTokens,
    ...(cachedInputTokens > 0 && { cachedContentTokenCount: cachedInputTokens }),
    ...(reasoningTokens > 0 && { thoughtsTokenCount: reasoningTokens }),
  }
}
