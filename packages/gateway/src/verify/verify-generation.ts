/** Compares a line of the ledger with what can be derived again: from its attempts, and from its recorded traffic. */
import type { Cassette } from '@playhead/tape'
import { noUsage, type Usage } from '@playhead/wire'
import { dollars, type Money, storable } from '../money.ts'
import { costOf, type Price } from '../price.ts'
import type { AttemptRecord, GenerationRecord } from '../store/store.ts'
import { tapedAttempt, type TapedAttempt } from './taped-attempt.ts'

/** Where the ledger says one thing, and what it is derived from another. */
export interface Difference {
  /** `cost`, `attempt 2 outcome`. */
  readonly what: string
  /** Both for people; money as `$0.25`. */
  readonly ledger: string
  readonly derived: string
  /** `prices`: of the tokens on tape, by what prices say today. */
  readonly from: 'attempts' | 'tape' | 'prices' | 'counter'
}

/** What an endpoint's tokens cost at a time; null: nobody knows. */
export type PriceOf = (record: GenerationRecord, endpoint: string) => Price | null

/** The ledger by itself: what stands twice in a line must be the same. */
export function verifySums(record: GenerationRecord): readonly Difference[] {
  const { attempts, outcome, cost, byokCost, providerCost, catalogueCost } = record
  const total = (pick: (attempt: AttemptRecord) => bigint): bigint =>
    attempts.reduce((sum, attempt) => sum + pick(attempt), 0n)
  const paid = (isByok: boolean): Money =>
    storable(total((attempt) => ((attempt.isByok ?? false) === isByok ? attempt.cost : 0n)))
  const isAnswer = attempts.at(-1)?.outcome === 'answer'
  const isOurs = providerCost === null && catalogueCost !== null
  const compare = comparing('attempts')
  return [
    ...compare('cost', shown(cost), shown(paid(false))),
    ...compare('cost of own keys', shown(byokCost), shown(paid(true))),
    ...compare(
      'input tokens',
      record.inputTokens,
      total((attempt) => BigInt(attempt.inputTokens)),
    ),
    ...compare(
      'output tokens',
      record.outputTokens,
      total((attempt) => BigInt(attempt.outputTokens)),
    ),
    ...(outcome === 'answered' && !isAnswer ? compare('outcome', outcome, 'no answer') : []),
    ...(outcome === 'failed' && isAnswer ? compare('outcome', outcome, 'an answer') : []),
    ...(isOurs ? compare('cost by our prices', shown(catalogueCost), shown(cost + byokCost)) : []),
  ]
}

/** Null where the tape is of what nobody here understands. */
export function verifyTape(
  record: GenerationRecord,
  cassette: Cassette,
  priceOf: PriceOf,
): readonly Difference[] | null {
  const sent = record.attempts.map(named).filter(({ attempt }) => wasSent(attempt))
  const taped = Array.from(cassette, tapedAttempt)
  if (sent.length !== taped.length)
    return comparing('tape')('attempts that were sent', sent.length, taped.length)
  if (taped.some(({ outcome }) => outcome === null)) return null
  const pairs = taped.flatMap((taped, index): Pair | readonly [] => {
    const one = sent[index]
    return one === undefined ? [] : { ...one, taped, isCounted: isCounted(record, one.attempt, taped) }
  })
  return [
    ...pairs.flatMap((pair) => [
      ...endDifferences(pair),
      ...amountDifferences(pair, priceOf(record, pair.attempt.endpoint)),
    ]),
    ...(pairs.every((pair) => pair.isCounted) ? sumDifferences(record, taped) : []),
    ...finishDifferences(record, pairs.at(-1)),
  ]
}

/** An attempt and its exchange on tape. */
interface Pair {
  readonly name: string
  readonly attempt: AttemptRecord
  readonly taped: TapedAttempt
  /** Whether its tokens are the provider's count, which the tape has too. */
  readonly isCounted: boolean
}

function named(attempt: AttemptRecord, index: number): Pick<Pair, 'name' | 'attempt'> {
  return { name: `attempt ${index + 1}`, attempt }
}

/** One for which no proof could be had was never sent. */
function wasSent({ status, outcome }: AttemptRecord): boolean {
  return status !== null || outcome !== 'auth'
}

/** What the gateway counted itself, because the provider never said or the client left, is not on the tape. */
function isCounted(
  { isEstimated }: GenerationRecord,
  { outcome }: AttemptRecord,
  { usage }: TapedAttempt,
): boolean {
  return !isEstimated || (outcome === 'answer' && usage !== null)
}

/** What only the gateway knows of an exchange that did not end by itself: why it gave it up, or in which way it broke. */
const ownWords: ReadonlySet<string> = new Set([
  'timeout',
  'network',
  'truncated',
  'overloaded',
  'malformed',
  'not-found',
])

function endDifferences({ name, attempt, taped }: Pair): readonly Difference[] {
  const compare = comparing('tape')
  const isOwn = attempt.outcome === 'cancelled' || (!taped.isWhole && ownWords.has(attempt.outcome))
  const isUnheard = !taped.isWhole && attempt.status === null
  return [
    ...(isUnheard ? [] : compare(`${name} status`, attempt.status ?? 'none', taped.status ?? 'none')),
    ...(isOwn ? [] : compare(`${name} outcome`, attempt.outcome, taped.outcome ?? 'unknown')),
  ]
}

function amountDifferences(
  { name, attempt, taped, isCounted }: Pair,
  price: Price | null,
): readonly Difference[] {
  if (!isCounted) return []
  const compare = comparing('tape')
  const usage = taped.usage ?? noUsage
  return [
    ...compare(`${name} input tokens`, attempt.inputTokens, usage.inputTokens),
    ...compare(`${name} output tokens`, attempt.outputTokens, usage.outputTokens),
    ...(taped.cost !== null
      ? compare(`${name} cost`, shown(attempt.cost), shown(taped.cost))
      : costDifferences(name, attempt.cost, usage, price)),
  ]
}

function costDifferences(
  name: string,
  cost: Money,
  usage: Usage,
  price: Price | null,
): readonly Difference[] {
  const isNothing = usage.inputTokens === 0 && usage.outputTokens === 0
  if (price === null && !isNothing) return []
  const derived = price === null || isNothing ? 0n : storable(costOf(price, usage))
  return comparing('prices')(`${name} cost`, shown(cost), shown(derived))
}

function sumDifferences(record: GenerationRecord, taped: readonly TapedAttempt[]): readonly Difference[] {
  const compare = comparing('tape')
  const total = (pick: (usage: Usage) => number): number =>
    taped.reduce((sum, { usage }) => sum + pick(usage ?? noUsage), 0)
  const costs = taped.flatMap(({ cost }) => cost ?? [])
  const cost = costs.length === 0 ? null : costs.reduce((sum, one) => sum + one, 0n)
  return [
    ...compare(
      'cached input tokens',
      record.cachedInputTokens,
      total((usage) => usage.cachedInputTokens),
    ),
    ...compare(
      'cache write tokens',
      record.cacheWriteTokens,
      total((usage) => usage.cacheWriteTokens ?? 0),
    ),
    ...compare(
      'reasoning tokens',
      record.reasoningTokens,
      total((usage) => usage.reasoningTokens),
    ),
    ...compare('cost by the provider', shown(record.providerCost), shown(cost)),
  ]
}

function finishDifferences(record: GenerationRecord, last: Pair | undefined): readonly Difference[] {
  if (last?.attempt.outcome !== 'answer') return []
  const { finishReason, rawFinishReason } = last.taped
  const compare = comparing('tape')
  return [
    ...compare('finish reason', record.finishReason ?? 'none', finishReason ?? 'none'),
    ...compare('provider’s finish reason', record.rawFinishReason ?? 'none', rawFinishReason ?? 'none'),
  ]
}

type Value = string | number | bigint

/** None where both are the same. */
function comparing(
  from: Difference['from'],
): (what: string, ledger: Value, derived: Value) => readonly Difference[] {
  return (what, ledger, derived) => {
    const [one, other] = [String(ledger), String(derived)]
    return one === other ? [] : [{ what, ledger: one, derived: other, from }]
  }
}

function shown(money: Money | null): string {
  return money === null ? 'none' : `$${dollars(money)}`
}
