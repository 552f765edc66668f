/** The most that a request can take, which is what is reserved before it is sent. */
import type { DialectName } from '@playhead/wire'
import type { Configuration } from '../config/configuration.ts'
import type { Endpoint } from '../endpoint.ts'
import { embeddings } from './embeddings.ts'
import { type Money, storable } from '../money.ts'
import { boundOf, chargedPrice } from '../price.ts'
import type { Question } from '../question.ts'
import { readCount } from '../question/output-limit.ts'

export interface Bound {
  readonly money: Money
  readonly inputTokens: number
  readonly outputTokens: number
  /** A guess rather than a bound, for when nobody counts. */
  readonly likelyInputTokens: number
  /** What the answers of all endpoints have to be held to, since of one nobody knows more; null where each is known. */
  readonly imposedOutputTokens: number | null
}

/** What a prompt with images or files is taken to have at most, where nobody knows the model's context. */
const unknownContext = 200_000
/** What an answer is held to, where neither the request nor the model says how long it may be. */
const unknownOutput = 16_384

/**
 * For the dearest of the endpoints that may be asked: only one of them gives an answer. Where an answer that breaks off is
 * gone on with, each further endpoint reads the prompt again, and what has been said.
 */
export function boundAt(
  question: Question,
  endpoints: readonly Endpoint[],
  configuration: Configuration,
): Bound {
  let [money, inputTokens, outputTokens] = [0n, 0, 0]
  let imposed: number | null = null
  const more = continuations(question, configuration)
  for (const endpoint of endpoints) {
    const input = inputBound(question, endpoint)
    const known = outputBound(question, endpoint)
    const output = known ?? unknownOutput
    const again = input + output + 1
    const price = endpoint.isCounted ? chargedPrice(endpoint, configuration.unpriced) : null
    const once = price === null ? 0n : boundOf(price, input, output)
    const cost = price === null || more === 0 ? once : once + BigInt(more) * boundOf(price, again, 1)
    if (cost > money) money = cost
    inputTokens = Math.max(inputTokens, input + more * again)
    outputTokens = Math.max(outputTokens, output)
    if (known === null) imposed = unknownOutput
  }
  // The bound has room for what templates put around a prompt, which an estimate has no use for.
  const likelyBytes = Math.min(question.inputTokensBound ?? Number.POSITIVE_INFINITY, question.text.length)
  const likelyInputTokens = Math.ceil(likelyBytes / 4)
  return {
    money: storable(money),
    inputTokens,
    outputTokens,
    likelyInputTokens,
    imposedOutputTokens: imposed,
  }
}

/** What an endpoint's answer is held to, so that the bound is one; null where the request or the model holds it. */
export function heldTo(
  { imposedOutputTokens }: Bound,
  question: Question,
  endpoint: Endpoint,
): number | null {
  const { maxOutputTokens } = question
  const known = outputBound(question, endpoint)
  // A model that is asked for more than it is known to write may be better than what is known of it.
  const isAskedForMore = known !== null && maxOutputTokens !== null && maxOutputTokens > known
  return imposedOutputTokens ?? (isAskedForMore ? known : null)
}

/** Whether an endpoint may still be asked within a bound of which failed attempts have used some. */
export function hasRoom(
  bound: Bound,
  used: { readonly money: Money; readonly tokens: number },
  question: Question,
  endpoint: Endpoint,
  configuration: Configuration,
): boolean {
  if (used.money === 0n && used.tokens === 0) return true
  const next = boundAt(question, [endpoint], configuration)
  return (
    used.money + next.money <= bound.money &&
    used.tokens + next.inputTokens + next.outputTokens <= bound.inputTokens + bound.outputTokens
  )
}

/** How often an answer may be gone on with. */
function continuations({ isStream }: Question, { failover }: Configuration): number {
  return isStream && failover.afterFirstToken === 'continue' ? failover.attempts - 1 : 0
}

function inputBound({ inputTokensBound }: Question, { contextLength }: Endpoint): number {
  return Math.min(inputTokensBound ?? unknownContext, contextLength ?? Number.MAX_SAFE_INTEGER)
}

/** What an endpoint can write at most holds for each of several answers, where the client says how long each may be. */
function outputBound({ maxOutputTokens, dialect, body }: Question, endpoint: Endpoint): number | null {
  if (dialect === embeddings) return 0
  const count = maxOutputTokens === null ? 1 : readCount(dialect.name as DialectName, body)
  const each = maxOutputTokens === null ? null : maxOutputTokens / count
  const known = [each, endpoint.maxOutputTokens, endpoint.contextLength].filter((most) => most !== null)
  return known.length === 0 ? null : Math.min(mostTokens, Math.min(...known) * count)
}

/** More is a number that no store has room for. */
const mostTokens = 10 ** 12
