/** The ordered endpoints for a request, and why each other one is not among them. */
import type { Endpoint } from '../endpoint.ts'
import type { Question } from '../question.ts'

export interface Router {
  /** What to try, in order. Where nothing is left, `candidates` is empty and `exclusions` says why. */
  route(question: Question, allowed: Allowed, stickyKey: StickyKey): Route
  /** From now on, for ten minutes after each time, a conversation goes to this endpoint first. */
  remember(stickyKey: StickyKey, endpoint: string): void
  /** Every model, in the order of their names, with its endpoints. */
  models(): readonly Model[]
  /** By what clients ask for; null for one that nobody serves. Also one that no list has: `groq/whatever`. */
  model(name: string): Model | null
  readonly health: Health
}

export interface Model {
  readonly name: string
  readonly title: string
  /** Milliseconds since 1970; 0: not known. */
  readonly created: number
  readonly endpoints: readonly Endpoint[]
}

/** What tells a conversation from others: what the client called its session, or how it begins. */
export interface StickyKey {
  readonly text: string
  /** A session always stays where it is, a beginning only where reading it from the cache is cheaper. */
  readonly isSession: boolean
}

/** What a key may use; null: all. */
export interface Allowed {
  readonly models: readonly string[] | null
  readonly providers: readonly string[] | null
}

export interface Route {
  readonly candidates: readonly Candidate[]
  readonly exclusions: readonly Exclusion[]
  /** How the order came about: `order`, `price`, `throughput`, `latency`, `weighted`, `sticky`. */
  readonly strategy: string
}

export interface Candidate {
  readonly endpoint: Endpoint
  /** Its share in the draw, 0 to 1; null where none was drawn. */
  readonly weight: number | null
  /** Why it stands further back than it might: `unhealthy`, `slow`, `fallback model`; null. */
  readonly note: string | null
}

/** Why an endpoint is not tried, or a model has none. */
export interface Exclusion {
  readonly model: string
  /** Null where the model has none. */
  readonly endpoint: string | null
  readonly provider: string | null
  readonly code: ExclusionCode
  /** A sentence for people: `groq costs $3 for a million output tokens, more than max_price.completion 2`. */
  readonly reason: string
}

/** OpenRouter's `error.availability.excluded_by`, and a few of our own. */
export type ExclusionCode =
  | 'model_not_found'
  | 'allowed_models'
  | 'allowed_providers'
  | 'only'
  | 'ignore'
  | 'no_fallbacks'
  | 'require_parameters'
  | 'data_policy:training'
  | 'data_policy:zdr'
  | 'quantization'
  | 'max_price'
  | 'context_length'
  | 'max_output'
  | 'unpriced'
  | 'cooling_down'
  | 'untranslatable'

/** How endpoints have fared, from real attempts. */
export interface Health {
  /** An attempt began. A recovering endpoint lets one through at a time. */
  began(endpoint: string): void
  /** Told once for each attempt that began. */
  ended(endpoint: string, result: AttemptResult): void
  /** What is known now. */
  of(endpoint: string): EndpointHealth
}

export interface AttemptResult {
  /** `answer`, `neutral` (the request's own fault, or the client left), `failure`. */
  readonly type: 'answer' | 'neutral' | 'failure'
  /** Milliseconds that the provider asked to be left alone; null. */
  readonly retryAfter: number | null
  /** Milliseconds; null where no token came. */
  readonly firstToken: number | null
  /** Tokens a second; null where unknown. */
  readonly throughput: number | null
}

/**
 * How fit an endpoint is for the next request: `good`; `unhealthy`, tried after others: three failures in a row, or three
 * and more than answers, within 30 s; `paused`, not tried while there is another: we leave it alone; `deferred`, not tried at
 * all: its provider said until when.
 */
export type Fitness = 'good' | 'unhealthy' | 'paused' | 'deferred'

export interface EndpointHealth {
  /** `recovering`: it was left alone and has not answered since; one request at a time may try. */
  readonly state: Fitness | 'recovering'
  /** Milliseconds since 1970 until which nothing is sent there; null. */
  readonly until: number | null
  /** Of the last five minutes: milliseconds to the first token and tokens a second; null without attempts. */
  readonly firstToken: Readonly<Record<'p50' | 'p75' | 'p90' | 'p99', number>> | null
  readonly throughput: Readonly<Record<'p50' | 'p75' | 'p90' | 'p99', number>> | null
  /** Share of good attempts, 0 to 1; null without attempts. */
  readonly uptime: {
    readonly minutes5: number | null
    readonly minutes30: number | null
    readonly day: number | null
  }
}
