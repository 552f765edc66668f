/** What an attempt used, and what that cost. */
import { noUsage, type Usage } from '@playhead/wire'
import { type Money, moneyOf } from '../money.ts'
import { costOf, type Price } from '../price.ts'
import type { AttemptEnd } from './attempt.ts'
import type { Bound } from './bound.ts'

export interface Account {
  readonly usage: Usage
  /** Whether the tokens are our count: the provider never said. */
  readonly isEstimated: boolean
  /** As the provider reported it; null where it did not. */
  readonly reported: Money | null
  /** By our price; null where there is none. */
  readonly catalogue: Money | null
  /** What is charged: the provider's word first, our price second. */
  readonly cost: Money
}

/**
 * An attempt that gave nothing costs nothing, unless its provider says otherwise. One that broke off or was left before
 * its provider told the tokens is charged by what was seen, and never above its bound: an estimate of ours is no bill.
 */
export function accountOf(end: AttemptEnd, price: Price | null, bound: Bound): Account {
  const { outcome } = end
  const said = outcome.type === 'answer' ? outcome.cost : outcome.failure.cost
  const reported = said === null ? null : moneyOf(said)
  const usage = end.usage ?? estimated(end, bound)
  const catalogue = price === null ? null : isNothing(usage) ? 0n : costOf(price, usage)
  return {
    usage,
    isEstimated: end.usage === null && !isNothing(usage),
    reported,
    catalogue,
    cost: reported ?? catalogue ?? 0n,
  }
}

function estimated(
  { usageSoFar, outputEstimate, outcome, firstTokenAfter }: AttemptEnd,
  bound: Bound,
): Usage {
  if (outcome.type === 'failure' && firstTokenAfter === null) return noUsage
  const known = usageSoFar ?? { ...noUsage, inputTokens: bound.likelyInputTokens }
  return {
    ...known,
    inputTokens: Math.min(known.inputTokens, bound.inputTokens),
    outputTokens: Math.min(Math.max(known.outputTokens, outputEstimate), bound.outputTokens),
  }
}

function isNothing({ inputTokens, outputTokens }: Usage): boolean {
  return inputTokens === 0 && outputTokens === 0
}
