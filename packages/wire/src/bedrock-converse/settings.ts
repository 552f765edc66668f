/** The settings of `inferenceConfig`. */
import { type Setting, stringsAt } from '../settings.ts'
import { numberAt } from '../strict.ts'

export const inference: readonly Setting[] = [
  ['maxTokens', 'maxOutputTokens', numberAt],
  ['temperature', 'temperature', numberAt],
  ['topP', 'topP', numberAt],
  ['stopSequences', 'stop', stringsAt],
]
