/** The settings that Ollama takes under `options`, and how hard a model thinks. */
import type { ReasoningSettings } from '../request.ts'
import { type Setting, stringsAt } from '../settings.ts'

/** https://docs.ollama.com/modelfile#valid-parameters-and-values */
export const options: readonly Setting[] = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['num_predict', 'maxOutputTokens'],
  ['stop', 'stop', (value, path) => stringsAt(typeof value === 'string' ? [value] : value, path)],
  ['seed', 'seed'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
]

/** What `think` can say of efforts, for those that it cannot. */
const nearest: ReadonlyMap<string, string | boolean> = new Map<string, string | boolean>([
  ['none', false],
  ['minimal', 'low'],
  ['xhigh', 'high'],
])

/** Writes `think`: on, off, or an effort. A budget only says that it is on. */
export function encodeThink({ isEnabled, effort, budget }: ReasoningSettings): string | boolean | undefined {
  if (isEnabled === false) return false
  if (effort !== undefined) return nearest.get(effort) ?? effort
  return (isEnabled ?? budget !== undefined) || undefined
}
