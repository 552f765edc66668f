/**
 * Cohere's `tool_plan`: what a model that does not reason says it will do, before it calls tools. To everyone else
 * it is reasoning, as `thinking` is: which of the two a part was is kept where a request said it.
 */
import { kept } from '../kept-fields.ts'
import type { ReasoningPart } from '../message.ts'

/** The field of a message that reasoning is sent in; models without reasoning plan only before they call. */
export function reasoningField(part: ReasoningPart, model: string, hasCalls: boolean): string | undefined {
  const { field } = kept('cohere', part)
  if (typeof field === 'string') return field
  if (!plansOnly(model)) return 'thinking'
  return hasCalls ? 'tool_plan' : undefined
}

/** Whether a model plans and does not reason: all of Cohere's but those that are named for it. */
export function plansOnly(model: string): boolean {
  return /command|c4ai/.test(model) && !model.includes('reasoning')
}
