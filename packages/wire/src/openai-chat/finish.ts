/** Decodes `finish_reason`. */
import type { FinishReason } from '../answer.ts'

/** Each reason, and the words for it that are not its own. */
const finishReasons: readonly (readonly [FinishReason, ...string[]])[] = [
  ['stop', 'end_turn', 'eos'],
  ['length', 'max_tokens', 'model_length'],
  ['tool-calls', 'tool_calls', 'function_call'],
  ['content-filter', 'content_filter'],
  ['error'],
]

/** Decodes `finish_reason`. One from the future is `other`: the answer is paid for, keep it. */
export function decodeFinishReason(wire: string | null): FinishReason {
  const word = wire?.toLowerCase() ?? ''
  return finishReasons.find((words) => words.includes(word))?.[0] ?? 'other'
}
