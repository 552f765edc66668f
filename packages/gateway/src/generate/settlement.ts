/** What the ledger is told of a generation that is over: pure, made of its attempts. */
import type { Endpoint } from '../endpoint.ts'
import { type Money, storable } from '../money.ts'
import type { Question } from '../question.ts'
import type { Exclusion, Route } from '../route/route.ts'
import type { AttemptRecord, OpenGeneration, Outcome, Settlement } from '../store/store.ts'
import type { AttemptSpan } from '../telemetry.ts'
import type { Account } from './account.ts'
import type { AttemptEnd } from './attempt-parts.ts'
import { storyOf } from './story.ts'

/** An attempt that is over. */
export interface Done {
  readonly endpoint: Endpoint
  readonly end: AttemptEnd
  readonly account: Account
  /** Milliseconds from the request's arrival. */
  readonly startedAfter: number
  readonly span: AttemptSpan | null
}

/** A generation as it is when it is over. */
interface Over {
  readonly opening: OpenGeneration
  readonly question: Question
  readonly route: Route
  readonly countsByok: boolean
  readonly done: readonly Done[]
  /** Who was not asked. */
  readonly exclusions: readonly Exclusion[]
  /** The client did not wait for the end. */
  readonly hasLeft: boolean
  /** What the client was told. */
  readonly status: number
  /** The file of its exchanges. */
  readonly tape: string | null
  /** Milliseconds since 1970. */
  readonly now: number
}

/** All that is written down of it at its end. */
export function settlementOf(over: Over): Settlement {
  const { opening, question, route, countsByok, done, exclusions, status, tape, now } = over
  const last = done.at(-1)
  const usages = done.map(({ account }) => account.usage)
  const sum = (pick: (usage: Account['usage']) => number): number =>
    usages.reduce((all, usage) => all + pick(usage), 0)
  const outcome = last?.end.outcome
  const answer = outcome?.type === 'answer' ? outcome : null
  return {
    id: opening.id,
    keyId: opening.keyId,
    at: now,
    outcome: outcomeOf(over),
    status,
    endpoint: last?.endpoint.id ?? null,
    provider: last?.endpoint.provider.name ?? null,
    upstreamId: answer === null || answer.id === '' ? null : answer.id,
    inputTokens: sum((usage) => usage.inputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    cachedInputTokens: sum((usage) => usage.cachedInputTokens),
    cacheWriteTokens: sum((usage) => usage.cacheWriteTokens ?? 0),
    reasoningTokens: sum((usage) => usage.reasoningTokens),
    cost: costOf(done),
    providerCost: addKnown(done.map(({ account }) => account.reported)),
    catalogueCost: addAll(done.map(({ account }) => account.catalogue)),
    isEstimated: done.some(({ account }) => account.isEstimated),
    isByok: last?.endpoint.isByok ?? false,
    byokCost: costWhere(done, (endpoint) => endpoint.isByok),
    countsByok,
    finishReason: answer?.finishReason ?? null,
    rawFinishReason: answer?.rawFinishReason ?? null,
    firstTokenAfter: firstTokenOf(last),
    duration: now - opening.at,
    attempts: done.map(attemptRecord),
    story: storyOf(question, route, exclusions),
    tape,
  }
}

function outcomeOf({ done, hasLeft }: Over): Outcome {
  const last = done.at(-1)?.end
  if (last?.outcome.type === 'answer' && !last.isCancelled) return 'answered'
  return hasLeft ? 'cancelled' : 'failed'
}

/** What is charged for attempts. */
export function costOf(done: readonly Done[]): Money {
  return costWhere(done, (endpoint) => !endpoint.isByok)
}

/** What attempts took of limits, in money and tokens. */
export function usedBy(done: readonly Done[]): { readonly money: Money; readonly tokens: number } {
  const tokens = done.reduce((sum, { account: { usage } }) => sum + usage.inputTokens + usage.outputTokens, 0)
  return { money: costWhere(done, (endpoint) => endpoint.isCounted), tokens }
}

function costWhere(done: readonly Done[], isMeant: (endpoint: Endpoint) => boolean): Money {
  return storable(
    done.reduce((sum, { endpoint, account }) => (isMeant(endpoint) ? sum + account.cost : sum), 0n),
  )
}

/** Null where none is known. */
function addKnown(amounts: readonly (Money | null)[]): Money | null {
  const known = amounts.filter((amount) => amount !== null)
  return known.length === 0 ? null : storable(known.reduce((sum, amount) => sum + amount, 0n))
}

/** Null where one is not known. */
function addAll(amounts: readonly (Money | null)[]): Money | null {
  return amounts.includes(null) ? null : addKnown(amounts)
}

function firstTokenOf(done: Done | undefined): number | null {
  const after = done?.end.firstTokenAfter ?? null
  return done === undefined || after === null ? null : done.startedAfter + after
}

/** One attempt's row of the ledger. */
export function attemptRecord({ endpoint, end, account, startedAfter }: Done): AttemptRecord {
  const { outcome, status, duration, firstTokenAfter } = end
  return {
    endpoint: endpoint.id,
    provider: endpoint.provider.name,
    startedAfter,
    duration,
    firstTokenAfter,
    status,
    outcome: outcome.type === 'answer' ? 'answer' : end.isCancelled ? 'cancelled' : outcome.failure.code,
    message: outcome.type === 'answer' ? null : outcome.failure.message.slice(0, 500),
    inputTokens: account.usage.inputTokens,
    outputTokens: account.usage.outputTokens,
    cost: account.cost,
    ...(endpoint.isByok && { isByok: true }),
  }
}
