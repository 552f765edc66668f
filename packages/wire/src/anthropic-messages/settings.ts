/** The settings that are the same on the wire and in a request. */
import { type Setting, stringsAt } from '../settings.ts'
import { numberAt } from '../strict.ts'

export const settings: readonly Setting[] = [
  ['max_tokens', 'maxOutputTokens', numberAt],
  ['temperature', 'temperature', numberAt],
  ['top_p', 'topP', numberAt],
  ['top_k', 'topK', numberAt],
  ['stop_sequences', 'stop', stringsAt],
]
