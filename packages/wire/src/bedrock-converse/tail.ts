/** Decodes what Bedrock says when an answer is done: why, and how many tokens. */
import type { FinishReason, Usage } from '../answer.ts'
import { given } from '../given.ts'
import { countOr, objectOr, type Unread } from '../json.ts'
import { keepShallow } from '../kept-fields.ts'
import type { ProviderData } from '../message.ts'
import { name } from './name.ts'

const finishReasons: readonly (readonly [FinishReason, RegExp])[] = [
  ['stop', /end_turn|stop_sequence/],
  ['tool-calls', /^tool_use/],
  ['length', /max_tokens|exceeded/],
  ['content-filter', /guardrail|filtered/],
  ['error', /^malformed/],
]

/** Decodes `stopReason`. One from the future is `other`. */
export function decodeFinishReason(wire: string | null): FinishReason {
  return finishReasons.find(([, words]) => words.test(wire ?? ''))?.[0] ?? 'other'
}

/** `inputTokens` are without those that the cache gave or took. Null when all are zero, which says nothing. */
export function decodeUsage(wire: Unread): Usage | null {
  const written = wire['cacheWriteInputTokens']
  const cachedInputTokens = countOr(wire['cacheReadInputTokens'])
  const inputTokens = countOr(wire['inputTokens']) + cachedInputTokens + countOr(written)
  const outputTokens = countOr(wire['outputTokens'])
  if (inputTokens + outputTokens === 0) return null
  const cacheWriteTokens = typeof written === 'number' ? countOr(written) : null
  return { inputTokens, outputTokens, cachedInputTokens, ...given({ cacheWriteTokens }), reasoningTokens: 0 }
}

/** What an answer says besides, and is kept: which guardrails stepped in, how long it took. `p` only pads. */
export function decodeRest(wire: Unread): { readonly data?: ProviderData } {
  const { output: _output, stopReason: _stopReason, usage, metrics, p: _p, ...rest } = wire
  const { cacheDetails } = objectOr(usage)
  const took = countOr(objectOr(metrics)['latencyMs']) > 0 ? metrics : null
  return keepShallow(name, given({ ...rest, metrics: took, cacheDetails }))
}
