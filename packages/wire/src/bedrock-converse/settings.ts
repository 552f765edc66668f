/** The settings of `inferenceConfig`. */
import type { Setting } from '../settings.ts'

export const inference: readonly Setting[] = [
  ['maxTokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['stopSequences', 'stop'],
]
