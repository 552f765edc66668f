/** Settings that each maker's models have under names of their own, in `additionalModelRequestFields`. */
import type { Unread } from '../json.ts'
import type { ModelRequest, ReasoningSettings } from '../request.ts'

const makers = [
  ['claude', /anthropic|claude/],
  ['nova', /amazon\.nova/],
  ['openai', /openai\./],
] as const

export type Maker = (typeof makers)[number][0]

/** Who made a model, where that says how it is told what all cannot be told. */
export function makerOf(model: string): Maker | undefined {
  return makers.find(([, models]) => models.test(model))?.[0]
}

/** Writes the settings that a model has; those of makers that are not known are left out. */
export function encodeModelFields(request: ModelRequest): Unread {
  const { model, reasoning, topK } = request
  const maker = makerOf(model)
  if (maker === 'claude') return { ...(reasoning && encodeThinking(reasoning, request)), top_k: topK }
  if (maker === 'nova')
    return {
      reasoningConfig: reasoning && encodeReasoningConfig(reasoning),
      inferenceConfig: topK === undefined ? undefined : { topK },
    }
  const effort = maker === undefined ? undefined : reasoning?.effort
  return effort === undefined || effort === 'none' ? {} : { reasoning_effort: effort }
}

/** Claude 4.6 was the first that weighs for itself how much to think; before it, a budget is needed. */
export function isAdaptive(model: string): boolean {
  const [, major = '0', minor = '0'] = /claude-[a-z]+-(\d+)(?:-(\d{1,2}))?(?!\d)/.exec(model) ?? []
  return Number(major) > 4 || (Number(major) === 4 && Number(minor) >= 6)
}

/** What an effort is worth in tokens; 8,192 for `medium` and any other. */
const budgets: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 2048,
  high: 16_384,
  xhigh: 24_576,
  max: 32_000,
}

/** A budget is less than all tokens of the answer, and at least 1,024. */
function encodeThinking(reasoning: ReasoningSettings, request: ModelRequest): Unread {
  const { isEnabled, effort, budget } = reasoning
  if (isEnabled === false || effort === 'none') return { thinking: { type: 'disabled' } }
  if (budget !== undefined) return { thinking: { type: 'enabled', budget_tokens: budget } }
  if (isEnabled === undefined && effort === undefined) return {}
  if (isAdaptive(request.model))
    return {
      thinking: { type: 'adaptive' },
      output_config: effort === undefined ? undefined : { effort: effort === 'minimal' ? 'low' : effort },
    }
  const wanted = (Object.hasOwn(budgets, effort ?? '') && budgets[effort ?? '']) || 8192
  const most = request.maxOutputTokens === undefined ? wanted : Math.floor(request.maxOutputTokens / 2)
  return { thinking: { type: 'enabled', budget_tokens: Math.max(1024, Math.min(wanted, most)) } }
}

/** Nova knows three efforts. https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
function encodeReasoningConfig({ isEnabled, effort = 'medium' }: ReasoningSettings): Unread {
  if (isEnabled === false || effort === 'none') return { type: 'disabled' }
  const nearest = effort === 'minimal' ? 'low' : effort === 'xhigh' || effort === 'max' ? 'high' : effort
  return { type: 'enabled', maxReasoningEffort: nearest }
}
