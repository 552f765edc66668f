/** Writes how much a model thinks. https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
import type { Json, JsonObject } from '../message.ts'
import type { ModelRequest } from '../request.ts'
import { keptFields } from './name.ts'

/** The least that `budget_tokens` may be. */
export const leastBudget = 1024

/** What an answer may have besides thinking where the request sets no limit; every model can write as much. */
const answerTokens = 4096

/** The same for models that take an effort: they write at least twice as much. */
const effortTokens = 32_000

/** Efforts as budgets, for the models before Opus 4.6 and Sonnet 4.6, which do not know how to adapt their thinking. */
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', 1024],
  ['low', 4096],
  ['medium', 10_000],
  ['high', 20_000],
  ['xhigh', 32_000],
  ['max', 32_000],
])

/** `claude-3-…`, `claude-opus-4-20250514`, `claude-sonnet-4-5@20250929`, `anthropic/claude-opus-4.1`. */
const needsBudget = /claude-(instant|[23])|-4([-.][015])?(-\d{8}|@|:|$)/

/** The fields of a request that say how it thinks, and how long its answer may be. */
export interface Thinking {
  readonly maxTokens: number
  readonly thinking?: JsonObject
  readonly effort?: string
}

/**
 * An effort without a budget is adaptive thinking with that effort, or a budget for models that are known to want
 * one. A budget must be less than the answer's limit: it is cut to that, and left out where nothing would be left.
 */
export function encodeThinking(request: ModelRequest): Thinking {
  const { reasoning = {}, maxOutputTokens, model } = request
  const { isEnabled, isShown, budget } = reasoning
  const effort = reasoning.effort === 'minimal' ? 'low' : reasoning.effort
  const maxTokens = maxOutputTokens ?? answerTokens
  const display = isShown === undefined ? {} : { display: isShown ? 'summarized' : 'omitted' }
  if (isEnabled === false || effort === 'none' || budget === 0) {
    const said = effort === undefined || effort === 'none' ? {} : { effort }
    return { maxTokens, thinking: { type: 'disabled' }, ...said }
  }
  const isOld = needsBudget.test(model)
  const tokens =
    budget !== undefined && budget > 0
      ? Math.max(budget, leastBudget)
      : isOld && (effort ?? isEnabled) !== undefined
        ? (budgets.get(reasoning.effort ?? 'medium') ?? leastBudget)
        : undefined
  const said = effort === undefined || (isOld && budget === undefined) ? {} : { effort }
  if (tokens !== undefined) {
    const limit = maxOutputTokens ?? tokens + answerTokens
    const budgetTokens = Math.min(tokens, limit - 1)
    if (budgetTokens < leastBudget) return { maxTokens: limit, ...said }
    return {
      maxTokens: limit,
      thinking: { type: 'enabled', budget_tokens: budgetTokens, ...display },
      ...said,
    }
  }
  const isAsked = isEnabled === true || budget !== undefined || (effort !== undefined && !isBare(request))
  return {
    maxTokens: isAsked || effort !== undefined ? (maxOutputTokens ?? effortTokens) : maxTokens,
    ...(isAsked && { thinking: { type: 'adaptive', ...display } }),
    ...said,
  }
}

/** Whether a request of this dialect had an effort and no `thinking`: it goes on as it came. */
function isBare(request: ModelRequest): boolean {
  const { output_config: config } = keptFields(request)
  return typeof config === 'object' && config !== null && effortOf(config) !== undefined
}

function effortOf(config: object): Json | undefined {
  return (config as { readonly effort?: Json }).effort
}
