/** What a client asks, as far as routing, budgets and the ledger need it, whatever its dialect. */
import type { Dialect } from '@playhead/wire'

/** A request for an answer. Its body stays as it came: it is passed on, or translated, only when an endpoint is known. */
export interface Question {
  readonly dialect: Dialect
  /** As the client sent it. */
  readonly text: string
  /** The same, parsed; an object, always. */
  readonly body: Readonly<Record<string, unknown>>
  /** Path and query that it was sent to, where Gemini and Bedrock name the model. */
  readonly url: string
  /** What is asked for, without `:nitro` and `:floor`; then the fallbacks. Never empty. */
  readonly models: readonly string[]
  readonly isStream: boolean
  readonly preferences: Preferences
  /** Fields in use that not all endpoints honour, in OpenRouter's names: `tools`, `response_format`, `reasoning`, … */
  readonly parameters: readonly string[]
  /** No more tokens than these can the prompt have; null where media stand in it, which bytes do not bound. */
  readonly inputTokensBound: number | null
  /** What the client allows; null where it does not say. */
  readonly maxOutputTokens: number | null
  readonly user: string | null
  /** `session_id`, `x-session-id`, `prompt_cache_key`. */
  readonly session: string | null
}

/** OpenRouter's `provider` object, and what `:nitro` and `:floor` mean. https://openrouter.ai/docs/features/provider-routing */
export interface Preferences {
  readonly order: readonly string[] | null
  readonly only: readonly string[] | null
  readonly ignore: readonly string[]
  readonly allowsFallbacks: boolean
  readonly requiresParameters: boolean
  /** `deny`: only endpoints that keep nothing to learn from. */
  readonly dataCollection: 'allow' | 'deny'
  readonly zdr: boolean
  readonly quantizations: readonly string[] | null
  readonly sort: 'price' | 'throughput' | 'latency' | null
  /** Whether `sort` goes over the endpoints of all models at once instead of model by model. */
  readonly sortsAcrossModels: boolean
  /** Dollars for a million tokens, or for a request: by `prompt`, `completion`, `request`. Exact decimals. */
  readonly maxPrice: Readonly<Partial<Record<'prompt' | 'completion' | 'request', string>>>
  /** Tokens a second, and seconds to the first token, at the median or another quantile. Slower ones come last. */
  readonly minThroughput: Readonly<Partial<Record<Quantile, number>>>
  readonly maxLatency: Readonly<Partial<Record<Quantile, number>>>
}

export type Quantile = 'p50' | 'p75' | 'p90' | 'p99'
