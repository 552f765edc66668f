/** Reads and writes `stop_reason`. https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
import type { Answer, FinishReason } from '../answer.ts'

/** `pause_turn` and `compaction` want the answer sent back to go on: they are `other`, and kept as they came. */
const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
])

const stopReasons: Readonly<Record<FinishReason, string | null>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  error: null,
  other: null,
}

/** Decodes `stop_reason`. One from the future is `other`: the answer is paid for, keep it. */
export function decodeFinishReason(wire: string | null): FinishReason {
  return wire === null ? 'other' : (finishReasons.get(wire) ?? 'other')
}

/**
 * The answer's own word where it means the same here; else ours. An answer with tool calls that says no more than
 * `stop` owes their results all the same, and this dialect's clients look for `tool_use`.
 */
export function encodeFinishReason({ finishReason, rawFinishReason, message }: Answer): string | null {
  const isOwn = rawFinishReason !== null && decodeFinishReason(rawFinishReason) === finishReason
  if (isOwn) return rawFinishReason
  const owesResults = finishReason === 'stop' && message.content.some(({ type }) => type === 'tool-call')
  return stopReasons[owesResults ? 'tool-calls' : finishReason]
}
