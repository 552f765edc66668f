/** Decodes what Cohere says when an answer is done: why, how many tokens, how likely they were. */
import { type Failure, failure, type FinishReason, type TokenLogprob, type Usage } from '../answer.ts'
import { arrayOr, countOr, isObject, objectOr, stringOr } from '../json.ts'

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool-calls'],
  ['ERROR_TOXIC', 'content-filter'],
])

/** Decodes `finish_reason`. One from the future is `other`. */
export function decodeFinishReason(wire: string | null): FinishReason {
  return wire === null ? 'other' : (finishReasons.get(wire) ?? 'other')
}

/** The failure that a finish reason says, with the words that stand beside it; null for the end of an answer. */
export function decodeBreak(reason: string | null, error: unknown): Failure | null {
  const words = stringOr(error)
  if (reason === 'TIMEOUT') return failure('timeout', words ?? 'The answer took too long')
  return reason === 'ERROR' ? failure('server', words ?? 'The provider broke off') : null
}

/** The tokens that the model saw and wrote; those that are billed are fewer, and stand beside them. */
export function decodeUsage(wire: unknown): Usage | null {
  const usage = objectOr(wire)
  const counts = isObject(usage['tokens']) ? usage['tokens'] : usage['billed_units']
  if (!isObject(counts)) return null
  return {
    inputTokens: countOr(counts['input_tokens']),
    outputTokens: countOr(counts['output_tokens']),
    cachedInputTokens: countOr(usage['cached_tokens']),
    reasoningTokens: 0,
  }
}

/** Logprobs come for pieces of text, mostly of one token: those of several are one, as likely as all together. */
export function decodeLogprob(wire: unknown): TokenLogprob[] {
  if (!isObject(wire)) return []
  const values = arrayOr(wire['logprobs']).filter((value) => typeof value === 'number')
  return [{ token: stringOr(wire['text']) ?? '', logprob: values.reduce((a, b) => a + b, 0), top: [] }]
}
