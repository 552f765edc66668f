/** Translates tokens: `usageMetadata`. https://ai.google.dev/api/generate-content#UsageMetadata */
import type { Usage } from '../answer.ts'
import { countOr, type Unread } from '../json.ts'
import type { JsonObject } from '../message.ts'

/**
 * Decodes tokens. What a tool of Google's read (`toolUsePromptTokenCount`) stands beside the prompt and is not
 * counted in it.
 */
export function decodeUsage(wire: Unread): Usage {
  const inputTokens = countOr(wire['promptTokenCount'])
  const reasoningTokens = countOr(wire['thoughtsTokenCount'])
  const outputTokens = countOr(wire['candidatesTokenCount']) + reasoningTokens
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: countOr(wire['cachedContentTokenCount']),
    reasoningTokens,
  }
}

/** Whether anything is counted: a chunk whose counts are all zero says nothing. */
export function hasCounts(wire: Unread): boolean {
  return ['promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount'].some(
    (name) => countOr(wire[name]) > 0,
  )
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
