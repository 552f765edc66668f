/** How much Claude thinks, as Anthropic and Bedrock are told. https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
import { given } from './given.ts'
import { isObject, type Unread } from './json.ts'
import type { ReasoningPart } from './message.ts'
import type { ModelRequest } from './request.ts'

/** What an answer that is thought about may have in all where no limit is set: every model with thinking writes as much. */
export const thoughtTokens = 32_000

/**
 * Efforts as shares of the limit, for models that want a budget; all others have the largest.
 * https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
const shares: ReadonlyMap<string, number> = new Map([
  ['minimal', 0.1],
  ['low', 0.2],
  ['medium', 0.5],
  ['high', 0.8],
])

/**
 * The models before Opus 4.6 and Sonnet 4.6, which do not weigh for themselves how much to think:
 * `claude-3-…`, `claude-opus-4-20250514`, `claude-sonnet-4-5@20250929`, `anthropic/claude-opus-4.1`, `….claude-v2`.
 */
const wantsBudget = /claude-(instant|v?[23])|-4([-.][015])?(-\d{8}|-v\d|@|:|$)/

interface Thinking {
  readonly type: string
  readonly budget_tokens?: number
  readonly display?: string | undefined
}

/** Whether reasoning of the history goes back. */
type IsWritten = (part: ReasoningPart) => boolean

/** The fields of a request that say how much Claude thinks. */
export interface ClaudeThinking {
  readonly thinking?: Thinking | undefined
  readonly effort?: string | undefined
}

/**
 * An effort without a budget is adaptive thinking with that effort, or a budget for models that want one. Where
 * the API would not take a budget, there is no thinking.
 */
export function encodeClaudeThinking(request: ModelRequest, isWritten: IsWritten): ClaudeThinking {
  const { isEnabled, effort: word, budget } = request.reasoning ?? {}
  const said = { effort: word === 'minimal' ? 'low' : word === 'none' ? undefined : word }
  if (isEnabled === false || word === 'none' || budget === 0)
    return { thinking: { type: 'disabled' }, ...said }
  if ((isEnabled ?? word ?? budget) === undefined) return {}
  if (budget !== undefined) return { thinking: encodeBudget(request, isWritten), ...said }
  if (wantsBudget.test(request.model)) return { thinking: encodeBudget(request, isWritten) }
  return { thinking: { type: 'adaptive' }, ...said }
}

/** A budget is at least 1,024 and less than the limit: undefined where that, or thinking at all, cannot be. */
function encodeBudget(request: ModelRequest, isWritten: IsWritten): Thinking | undefined {
  const { reasoning: { budget, effort = 'medium' } = {}, maxOutputTokens } = request
  const most = maxOutputTokens ?? (budget === undefined ? thoughtTokens : Infinity)
  const share = Math.floor(most * ((budget === undefined && shares.get(effort)) || 0.95))
  const tokens = Math.max(1024, budget !== undefined && budget < most ? budget : share)
  return tokens < most && mayThink(request, isWritten)
    ? { type: 'enabled', budget_tokens: tokens }
    : undefined
}

/**
 * With a budget, a call cannot be forced, an answer cannot be begun for the model, and a tool loop that goes on
 * must have begun with thinking: "Expected `thinking` or `redacted_thinking`, but found `tool_use`".
 */
function mayThink({ messages, toolChoice }: ModelRequest, isWritten: IsWritten): boolean {
  if (toolChoice?.type === 'required' || toolChoice?.type === 'tool') return false
  let hasThought = false
  let may = true
  for (const message of messages) {
    const { role, content } = message
    if (role === 'user') hasThought = false
    if (role !== 'assistant') continue
    hasThought ||= content.some((part) => part.type === 'reasoning' && isWritten(part))
    const isOpen = message === messages.at(-1) || content.some(({ type }) => type === 'tool-call')
    may = hasThought || !isOpen
  }
  return may
}

/** Beside thinking the API refuses what changes how words are chosen, so it is left out. */
export function besideThinking(request: ModelRequest, { thinking }: ClaudeThinking): ModelRequest {
  if (thinking === undefined || thinking.type === 'disabled') return request
  const { temperature, topP, topK: _topK, ...rest } = request
  return {
    ...rest,
    ...(temperature === 1 && { temperature }),
    ...(topP !== undefined && topP >= 0.95 && { topP }),
  }
}

/** Those of some fields that would be written otherwise than they came: kept, they go back as they were. */
export function writtenOtherwise(wire: Unread, written: Unread, names: readonly string[]): Unread {
  const differing = names.filter((name) => !isSame(wire[name] ?? undefined, written[name]))
  return given(Object.fromEntries(differing.map((name) => [name, wire[name]])))
}

function isSame(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return one === other
  const fields = Object.entries(given(one))
  return (
    fields.length === Object.keys(given(other)).length &&
    fields.every(([name, value]) => other[name] === value)
  )
}
