/** Encodes `generationConfig`. https://ai.google.dev/api/generate-content#v1beta.GenerationConfig */
import type { JsonObject } from '../message.ts'
import type { ModelRequest, OutputFormat, ReasoningSettings } from '../request.ts'
import { isOldModel } from './models.ts'

/** What Gemini takes of a request's settings; undefined where that is nothing. */
export function encodeSettings(request: ModelRequest): JsonObject {
  const { logprobs } = request
  const settings = {
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    maxOutputTokens: request.maxOutputTokens,
    stopSequences: request.stop,
    seed: request.seed,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    ...(request.outputFormat !== undefined && encodeFormat(request.outputFormat)),
    ...(logprobs !== undefined && { responseLogprobs: true, logprobs: logprobs > 0 ? logprobs : undefined }),
    thinkingConfig: request.reasoning && encodeReasoning(request.reasoning, request.model),
  }
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}

/** JSON Schema as it is: the other field, `responseSchema`, knows a part of it only. */
function encodeFormat(format: OutputFormat): JsonObject {
  if (format.type === 'text') return { responseMimeType: 'text/plain' }
  return {
    responseMimeType: 'application/json',
    ...(format.type === 'json-schema' && { responseJsonSchema: format.schema }),
  }
}

/** Google's own translation (https://ai.google.dev/gemini-api/docs/openai#thinking), for what is older than Gemini 3. */
const budgets: ReadonlyMap<string, number> = new Map([
  ['none', 0],
  ['minimal', 1024],
  ['low', 1024],
  ['medium', 8192],
])
const mostBudget = 24_576

/** Gemini 3 cannot be told not to think. */
const levels: ReadonlyMap<string, string> = new Map([
  ['none', 'MINIMAL'],
  ['minimal', 'MINIMAL'],
  ['low', 'LOW'],
  ['medium', 'MEDIUM'],
])
const highestLevel = 'HIGH'

/** A budget or a level, never both: they refuse each other. */
function encodeReasoning(
  { isEnabled, effort, budget, isShown }: ReasoningSettings,
  model: string,
): JsonObject {
  const shown = isShown === undefined ? {} : { includeThoughts: isShown }
  if (budget !== undefined) return { ...shown, thinkingBudget: budget }
  const word = isEnabled === false ? 'none' : effort
  // On, with nothing said of how much: as much as the model finds right.
  if (word === undefined) return { ...shown, ...(isEnabled === true && { thinkingBudget: -1 }) }
  return isOldModel(model)
    ? { ...shown, thinkingBudget: budgets.get(word) ?? mostBudget }
    : { ...shown, thinkingLevel: levels.get(word) ?? highestLevel }
}
