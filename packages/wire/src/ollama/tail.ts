/** Decodes what Ollama says when an answer is done: why, how many tokens, how long it took. */
import type { FinishReason, Usage } from '../answer.ts'
import { countOr, type Unread } from '../json.ts'

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['content_filter', 'content-filter'],
])

/** Decodes `done_reason`. Servers before it had none; tool calls end with `stop` like all else. */
export function decodeFinishReason(wire: string | null, hasCalls: boolean): FinishReason {
  const reason = wire === null ? 'stop' : (finishReasons.get(wire) ?? 'other')
  return reason === 'stop' && hasCalls ? 'tool-calls' : reason
}

/** A prompt that was wholly in memory has no count. */
export function decodeUsage(wire: Unread): Usage | null {
  const { prompt_eval_count: input, eval_count: output } = wire
  if (typeof input !== 'number' && typeof output !== 'number') return null
  return {
    inputTokens: countOr(input),
    outputTokens: countOr(output),
    cachedInputTokens: 0,
    reasoningTokens: 0,
  }
}

/** The fields of the last line that are kept: how long each phase took, in nanoseconds. */
const durations = ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration']

export function decodeDurations(wire: Unread): Readonly<Record<string, number>> {
  const kept: Record<string, number> = {}
  for (const name of durations) {
    const value = wire[name]
    if (typeof value === 'number') kept[name] = value
  }
  return kept
}
