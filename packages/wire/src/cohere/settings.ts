/** The settings that Cohere has under its own names, and what it says of reasoning. */
import type { JsonObject } from '../message.ts'
import type { ReasoningSettings } from '../request.ts'
import type { Setting } from '../settings.ts'
import { isAbsent, numberAt, objectAt, shown, unsupported } from '../strict.ts'

export const settings: readonly Setting[] = [
  ['max_tokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['p', 'topP'],
  ['k', 'topK'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['stop_sequences', 'stop'],
  ['seed', 'seed'],
]

/** Writes `thinking`. Cohere has no efforts: any but `none` is on. */
export function encodeThinking(reasoning: ReasoningSettings): JsonObject | undefined {
  const { isEnabled, effort, budget } = reasoning
  if (isEnabled === false || effort === 'none') return { type: 'disabled' }
  if (isEnabled === undefined && effort === undefined && budget === undefined) return undefined
  return { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) }
}

export function decodeThinking(wire: unknown): ReasoningSettings {
  const { type, token_budget } = objectAt(wire, 'thinking')
  if (type !== 'enabled' && type !== 'disabled') throw unsupported(`unknown ${shown(type)}`, 'thinking.type')
  return {
    isEnabled: type === 'enabled',
    ...(!isAbsent(token_budget) && { budget: numberAt(token_budget, 'thinking.token_budget') }),
  }
}
