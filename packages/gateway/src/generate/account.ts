/** What an attempt used, and what that cost. */
import { type Cost, noUsage, type Usage } from '@playhead/wire'
import { type Money, moneyOf, storable } from '../money.ts'
import { costOf, type Price, wholeUsage } from '../price.ts'
import type { AttemptEnd } from './attempt-parts.ts'
import type { Bound } from './bound.ts'

export interface Account {
  readonly usage: Usage
  /** Whether the tokens are our count: the provider never said. */
  readonly isEstimated: boolean
  /** As the provider reported it; null where it did not. */
  readonly reported: Money | null
  /** By our price; null where there is none, or an answer of a tape has its provider's word. */
  readonly catalogue: Money | null
  /** Whoever pays it: the provider's word first, our price second. */
  readonly cost: Money
}

/**
 * An attempt that gave nothing costs nothing, unless its provider says otherwise. One that broke off or was left before
 * its provider told the tokens is charged by what was seen, and never above its bound: an estimate of ours is no bill.
 * Whoever leaves before the first token has had the prompt read.
 */
export function accountOf(end: AttemptEnd, price: Price | null, bound: Bound): Account {
  const { outcome } = end
  const reported = reportedMoney(outcome.type === 'answer' ? outcome.cost : outcome.failure.cost)
  const usage = wholeUsage(end.usage ?? estimated(end, bound))
  const most = price === null ? null : isNothing(usage) ? 0n : storable(costOf(price, usage))
  return {
    usage,
    isEstimated: end.usage === null && !isNothing(usage),
    reported,
    catalogue: isOurs(price, reported) || isNothing(usage) ? most : null,
    cost: reported ?? most ?? 0n,
  }
}

/** Whether our price has a say: what was reported on a tape is of another day, and of some models nobody knows a price. */
function isOurs(price: Price | null, reported: Money | null): boolean {
  return price?.most === undefined || (reported === null && price.source !== 'nobody')
}

/** What a provider says that it takes. One that says less than nothing has not said: nobody is given money. */
export function reportedMoney(said: Cost | null): Money | null {
  return said === null || said.startsWith('-') ? null : storable(moneyOf(said))
}

function estimated(
  { usageSoFar, outputEstimate, outcome, firstTokenAfter, isCancelled }: AttemptEnd,
  bound: Bound,
): Usage {
  const gaveNothing = firstTokenAfter === null && outputEstimate === 0 && !isCancelled
  if (outcome.type === 'failure' && gaveNothing) return noUsage
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
