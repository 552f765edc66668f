/** Decodes `finish_reason`. */
import type { FinishReason } from '../answer.ts'

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['end_turn', 'stop'],
  ['eos', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['error', 'error'],
])

/** Decodes `finish_reason`. One from the future is `other`: the answer is paid for, keep it. */
export function decodeFinishReason(wire: string | null): FinishReason {
  return wire === null ? 'other' : (finishReasons.get(wire.toLowerCase()) ?? 'other')
}
