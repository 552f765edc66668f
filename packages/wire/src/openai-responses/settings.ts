/** Settings that are the same here and in a request. */
import type { Setting } from '../settings.ts'

export const settings: readonly Setting[] = [
  ['max_output_tokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['parallel_tool_calls', 'parallelToolCalls'],
  ['user', 'user'],
]

/** What `include` says when logprobs are wanted. */
export const logprobsField = 'message.output_text.logprobs'
