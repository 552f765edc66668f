/** Encodes `generationConfig`. https://ai.google.dev/api/generate-content#v1beta.GenerationConfig */
import type { Unread } from '../json.ts'
import type { ModelRequest, ReasoningSettings } from '../request.ts'
import { isOldModel } from './models.ts'

/** Settings whose names are the same in a request. */
export const numbers = [
  'temperature',
  'topP',
  'topK',
  'maxOutputTokens',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
] as const

/** What Gemini takes of a request's settings; undefined where that is nothing. */
export function encodeSettings(request: ModelRequest): Unread {
  const { logprobs, outputFormat, reasoning } = request
  return {
    ...Object.fromEntries(numbers.map((name) => [name, request[name]])),
    stopSequences: request.stop,
    responseMimeType: outputFormat && (outputFormat.type === 'text' ? 'text/plain' : 'application/json'),
    // JSON Schema as it is: the other field, `responseSchema`, knows a part of it only.
    responseJsonSchema: outputFormat?.type === 'json-schema' ? outputFormat.schema : undefined,
    responseLogprobs: logprobs !== undefined || undefined,
    logprobs: logprobs || undefined,
    thinkingConfig: reasoning && encodeReasoning(reasoning, request.model),
  }
}

/**
 * Efforts as budgets by Google's own translation (https://ai.google.dev/gemini-api/docs/openai#thinking), for what is
 * older than Gemini 3; and as levels. Gemini 3 cannot be told not to think.
 */
const efforts: ReadonlyMap<string, readonly [budget: number, level: string]> = new Map([
  ['none', [0, 'MINIMAL']],
  ['minimal', [1024, 'MINIMAL']],
  ['low', [1024, 'LOW']],
  ['medium', [8192, 'MEDIUM']],
])
const highest = [24_576, 'HIGH'] as const

/** A budget or a level, never both: they refuse each other. */
function encodeReasoning(reasoning: ReasoningSettings, model: string): Unread {
  const { isEnabled, effort, budget, isShown: includeThoughts } = reasoning
  const word = isEnabled === false ? 'none' : effort
  // On, with nothing said of how much: as much as the model finds right.
  if (budget !== undefined || word === undefined)
    return { includeThoughts, thinkingBudget: budget ?? (isEnabled && -1) }
  const [thinkingBudget, thinkingLevel] = efforts.get(word) ?? highest
  return { includeThoughts, ...(isOldModel(model) ? { thinkingBudget } : { thinkingLevel }) }
}
