/** The settings that are the same on the wire and in a request. */
import type { Setting } from '../settings.ts'

export const settings: readonly Setting[] = [
  ['max_tokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['stop_sequences', 'stop'],
]
