/** Who serves models, as data. */
import type { DialectName } from './dialect-name.ts'
import type { JsonObject } from './message.ts'

/** Who serves models, where, and what is particular about it. */
export interface Provider {
  readonly name: string
  /**
   * Where its API starts, without a slash at the end. A name in braces is an environment variable:
   * `https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1`.
   */
  readonly baseUrl: string
  /** Where a dialect starts elsewhere. */
  readonly baseUrls?: Readonly<Partial<Record<DialectName, string>>>
  /** Further hosts of its own that traffic is recorded from; a name in braces stands for any label. */
  readonly otherHosts?: readonly string[]
  /**
   * Where its models are listed; null when nowhere. Without it: `/models` below the base URL of its first
   * dialect.
   */
  readonly modelsUrl?: string | null
  /** The environment variable that holds its key; null when it asks for none. */
  readonly keyVariable: string | null
  readonly auth: Auth
  /** How a dialect wants the key where that differs. */
  readonly auths?: Readonly<Partial<Record<DialectName, Auth>>>
  /** What it is spoken to in; the first is what is spoken unless another is asked for. */
  readonly dialects: readonly DialectName[]
  /** The cloud that hosts another's models: paths differ, and so does how a body names the model. */
  readonly host?: 'vertex' | 'bedrock'
  readonly quirks: Quirks
}

/** How a request proves who sends it: a key in a header (`bearer` is `authorization`), or a signature. */
export type Auth = 'bearer' | 'x-api-key' | 'x-goog-api-key' | 'api-key' | 'aws-sigv4' | 'google-oauth'

/** How a provider's openai-chat differs from the others'. */
export interface Quirks {
  /** The field that limits the answer. OpenAI's reasoning models refuse `max_tokens`. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens'
  /**
   * What ends a stream. OpenAI's contract is `[DONE]`, and where it is kept a stream without it was cut
   * off. Hugging Face's router, Cerebras and Perplexity leave it out: there, and with servers that are not
   * known, a finish reason is enough.
   */
  readonly streamEnd: 'done' | 'finish-reason'
  /** How reasoning goes back to the model on the next request; null when it is not sent. */
  readonly reasoningField: 'reasoning_details' | 'reasoning_content' | null
  /**
   * How reasoning is asked for: OpenRouter's `reasoning`, `thinking: {type}` (z.ai, Moonshot, DeepSeek),
   * `enable_thinking` (Qwen), or OpenAI's `reasoning_effort`, which only knows an effort. Absent where that
   * is not known: as Qwen is asked, whose models most servers of one's own run.
   */
  readonly reasoningSettings?: 'reasoning' | 'thinking' | 'enable_thinking' | 'reasoning_effort'
  /** Whether it refuses what OpenAI's own API lacks: `cache_control` and `top_k` are left out. */
  readonly isStrict?: true
  /** `always` where a stream says what it used without being asked, and `stream_options` is refused. */
  readonly streamUsage?: 'always'
  /** Fields that every request carries. */
  readonly body: JsonObject
}

/** A provider's quirks: what it has of its own, and for the rest what a server that is not known is given. */
export function quirks(own: Partial<Quirks> = {}): Quirks {
  return {
    maxTokensField: 'max_tokens',
    streamEnd: 'finish-reason',
    reasoningField: 'reasoning_content',
    body: {},
    ...own,
  }
}
