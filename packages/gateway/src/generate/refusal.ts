/** Why a request is refused before anyone is asked, in words that say what to do. */
import { type Failure, failure, type JsonObject } from '@playhead/wire'
import { HttpError } from '../http-error.ts'
import { everybody, type Limit, type Period } from '../limits.ts'
import { dollars } from '../money.ts'
import type { Question } from '../question.ts'
import type { Exclusion, ExclusionCode, Route } from '../route/route.ts'
import type { Standing } from '../store/store.ts'
import type { Bound } from './bound.ts'

/** No endpoint is left. OpenRouter's `availability`, with a reason for each endpoint. */
export function noEndpoint(
  question: Question,
  { exclusions }: Route,
  now: number,
  retryAt: number | null,
): HttpError {
  const { status, code, word } = kindOf(exclusions)
  const retryAfter = retryAt === null ? null : Math.max(1000, retryAt - now)
  const availability: JsonObject = {
    code: word,
    retryable: status === 503,
    retry_after: retryAfter === null ? null : Math.ceil(retryAfter / 1000),
    requested_models: question.models,
    affected_providers: distinct(exclusions.flatMap(({ provider }) => provider ?? [])),
    excluded_by: distinct(exclusions.map((exclusion) => exclusion.code)),
    endpoints: exclusions.map(told),
  }
  // A reason about a model names it; one about an endpoint names that.
  const isAboutModels = exclusions.every(({ endpoint }) => endpoint === null)
  const subject = isAboutModels ? 'No endpoint' : `No endpoint for ${question.models.join(', ')}`
  const message = `${subject}: ${firstOf(exclusions.map(({ reason }) => reason))}`
  return new HttpError(status, code, message, { details: { availability }, retryAfter })
}

/** What a client is told of it. */
function told({ model, provider, code, reason }: Exclusion): Readonly<Record<string, string | null>> {
  return { model, provider, code, reason }
}

function firstOf(reasons: readonly string[]): string {
  const more = reasons.length > 5 ? [`and ${reasons.length - 5} more`] : []
  return [...reasons.slice(0, 5), ...more].join('; ')
}

type Kind = {
  readonly status: number
  readonly code: 'not-found' | 'permission' | 'overloaded'
  readonly word: string
}

/** What stands for all exclusions: the first row that all of them fit, or that one of them fits. */
function kindOf(exclusions: readonly Exclusion[]): Kind {
  const has = (code: ExclusionCode): boolean => exclusions.some((exclusion) => exclusion.code === code)
  if (has('cooling_down')) return { status: 503, code: 'overloaded', word: 'temporarily_unavailable' }
  if (exclusions.every(({ code }) => code === 'model_not_found'))
    return { status: 404, code: 'not-found', word: 'model_not_found' }
  if (has('allowed_models') || has('allowed_providers'))
    return { status: 403, code: 'permission', word: 'constraint_filtered' }
  return { status: 404, code: 'not-found', word: 'no_endpoints' }
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words)]
}

/** So many are told of beside a failure, with so many characters of each reason. */
const mostTold = 10
const longestReason = 300

/** Who was not asked and why, for the metadata of the failure of those who were. Empty where everybody was. */
export function toldExclusions(exclusions: readonly Exclusion[]): JsonObject {
  if (exclusions.length === 0) return {}
  const excluded = exclusions
    .slice(0, mostTold)
    .map((one) => told({ ...one, reason: one.reason.slice(0, longestReason) }))
  return { excluded, ...(exclusions.length > mostTold && { excluded_count: exclusions.length }) }
}

/** Every endpoint of the route was passed over. */
export function nobodyCan({ models }: Question, exclusions: readonly Exclusion[]): Failure {
  const reasons = firstOf(distinct(exclusions.map(({ reason }) => reason)))
  return failure('invalid-request', `No endpoint for ${models.join(', ')} can be asked this: ${reasons}`)
}

/** A limit has no room for the most that the request may take. */
export function overLimit(
  { owner, limit, spent, reserved, resetsAt }: Standing,
  bound: Bound,
  now: number,
): HttpError {
  const { of: what, most } = limit
  const show = what === 'money' ? (amount: bigint): string => `$${dollars(amount)}` : String
  const wanted = { money: bound.money, tokens: BigInt(bound.inputTokens + bound.outputTokens), requests: 1n }[
    what
  ]
  const who = owner === everybody ? 'The gateway' : 'This key'
  const unit = what === 'money' ? '' : ` ${what}`
  const rest = most > spent + reserved ? most - spent - reserved : 0n
  const advice = adviceOn(limit, wanted, resetsAt)
  const message =
    `${who} is limited to ${show(most)}${unit} ${periods[limit.per]}: ${show(spent)} used, ` +
    `${show(reserved)} reserved for requests under way, ${show(rest)} left; this request takes up to ` +
    `${show(wanted)}${what === 'requests' ? '' : unit}. ${advice}`
  const retryAfter = resetsAt === null ? null : Math.max(1000, resetsAt - now)
  const details: JsonObject = {
    metadata: {
      limit: show(most),
      used: show(spent),
      reserved: show(reserved),
      needed: show(wanted),
      resets_at: resetsAt === null ? null : new Date(resetsAt).toISOString(),
    },
  }
  return what === 'money'
    ? new HttpError(402, 'payment', message, { details })
    : new HttpError(429, 'rate-limited', message, { details, retryAfter })
}

function adviceOn({ of: what, most }: Limit, wanted: bigint, resetsAt: number | null): string {
  const when =
    resetsAt === null ? 'Raise the limit' : `The limit begins anew at ${new Date(resetsAt).toISOString()}`
  if (what === 'requests') return `${when}.`
  return wanted > most
    ? 'Ask for fewer output tokens (max_tokens) or with a shorter prompt, or raise the limit.'
    : `${when}; fewer output tokens (max_tokens) would take less.`
}

const periods: Readonly<Record<Period, string>> = {
  minute: 'a minute',
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
  ever: 'in all',
}
