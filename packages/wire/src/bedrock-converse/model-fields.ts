/** Settings, also those that each maker's models have under names of their own, in `additionalModelRequestFields`. */
import { besideThinking, encodeClaudeThinking } from '../claude-thinking.ts'
import { given } from '../given.ts'
import { objectOr, type Unread } from '../json.ts'
import type { ModelRequest, ReasoningSettings } from '../request.ts'
import { writeSettings } from '../settings.ts'
import { encodeReasoning } from './encode-messages.ts'
import { makerOf } from './makers.ts'
import { inference } from './settings.ts'

/** Writes the settings that all models have, and those of this one's maker; what it lacks is left out. */
export function encodeSettings(request: ModelRequest): readonly [inference: Unread, model: Unread] {
  const { model, reasoning, topK } = request
  const maker = makerOf(model)
  const all = writeSettings(inference, request)
  if (maker === 'claude') return encodeClaude(request)
  if (maker === 'amazon.nova') {
    const reasoningConfig = reasoning && encodeReasoningConfig(reasoning)
    return [all, { reasoningConfig, inferenceConfig: some({ topK }) }]
  }
  const effort = maker === undefined || reasoning?.effort === 'none' ? undefined : reasoning?.effort
  return [all, { reasoning_effort: effort }]
}

function encodeClaude(request: ModelRequest): readonly [inference: Unread, model: Unread] {
  const said = encodeClaudeThinking(request, (part) => encodeReasoning(part, request.model).length > 0)
  const { thinking, effort } = said
  const beside = besideThinking(request, said)
  return [writeSettings(inference, beside), { thinking, output_config: some({ effort }), top_k: beside.topK }]
}

/** An object of those of some fields that are set, and of those that were kept; undefined for none. */
export function some(known: Unread, keptFields?: unknown): Unread | undefined {
  const all = { ...given(known), ...objectOr(keptFields) }
  return Object.keys(all).length > 0 ? all : undefined
}

/** Nova knows three efforts. https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
function encodeReasoningConfig({ isEnabled, effort = 'medium' }: ReasoningSettings): Unread {
  if (isEnabled === false || effort === 'none') return { type: 'disabled' }
  const nearest = /^(low|medium)$/.test(effort) ? effort : effort === 'minimal' ? 'low' : 'high'
  return { type: 'enabled', maxReasoningEffort: nearest }
}
