/** Writes how much a model thinks. https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
import { isObject, type Unread } from '../json.ts'
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
  readonly thinking?: Unread | undefined
  readonly effort?: string | undefined
}

/**
 * An effort without a budget is adaptive thinking with that effort, or a budget for models that are known to want
 * one. A budget must be less than the answer's limit: it is cut to that, and left out where nothing would be left.
 */
export function encodeThinking(request: ModelRequest): Thinking {
  const { reasoning = {}, maxOutputTokens, model } = request
  const { isEnabled, isShown, budget = 0 } = reasoning
  const word = reasoning.effort === 'minimal' ? 'low' : reasoning.effort
  if (isEnabled === false || word === 'none' || reasoning.budget === 0) {
    const effort = word === 'none' ? undefined : word
    return { maxTokens: maxOutputTokens ?? answerTokens, thinking: { type: 'disabled' }, effort }
  }
  const isOld = needsBudget.test(model)
  const effort = isOld && budget === 0 ? undefined : word
  const display = isShown === undefined ? undefined : isShown ? 'summarized' : 'omitted'
  const meant = isOld && (word ?? isEnabled) !== undefined ? budgets.get(reasoning.effort ?? 'medium') : 0
  const wanted = budget > 0 ? budget : (meant ?? leastBudget)
  if (wanted > 0) {
    const tokens = Math.max(wanted, leastBudget)
    const maxTokens = maxOutputTokens ?? tokens + answerTokens
    const budget_tokens = Math.min(tokens, maxTokens - 1)
    const thinking = { type: 'enabled', budget_tokens, display }
    return { maxTokens, thinking: budget_tokens < leastBudget ? undefined : thinking, effort }
  }
  const isAsked = isEnabled === true || budget !== 0 || (word !== undefined && !isBare(request))
  return {
    maxTokens: maxOutputTokens ?? (isAsked || word !== undefined ? effortTokens : answerTokens),
    thinking: isAsked ? { type: 'adaptive', display } : undefined,
    effort,
  }
}

/** Whether a request of this dialect had an effort and no `thinking`: it goes on as it came. */
function isBare(request: ModelRequest): boolean {
  const { output_config: config } = keptFields(request)
  return isObject(config) && config['effort'] !== undefined
}
