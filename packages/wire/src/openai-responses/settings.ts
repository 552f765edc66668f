/** Settings that are the same here and in a request. */
import type { Setting } from '../settings.ts'
import { booleanAt, numberAt, stringAt } from '../strict.ts'

export const settings: readonly Setting[] = [
  ['max_output_tokens', 'maxOutputTokens', numberAt],
  ['temperature', 'temperature', numberAt],
  ['top_p', 'topP', numberAt],
  ['parallel_tool_calls', 'parallelToolCalls', booleanAt],
  ['user', 'user', stringAt],
]

/** What `include` says when logprobs are wanted. */
export const logprobsField = 'message.output_text.logprobs'
