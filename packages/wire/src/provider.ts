/** Who serves models: plain data. A new provider is one entry. */
import type { JsonObject } from './message.ts'

export interface Provider {
  readonly name: string
  /** Where its API starts, without a slash at the end. */
  readonly baseUrl: string
  /** The environment variable that holds its key; null when it asks for none. */
  readonly keyVariable: string | null
  readonly quirks: Quirks
}

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
  /** Fields that every request carries. */
  readonly body: JsonObject
}

const openAiCompatible: Quirks = {
  maxTokensField: 'max_tokens',
  streamEnd: 'finish-reason',
  reasoningField: 'reasoning_content',
  body: {},
}

/** Any server that speaks openai-chat. */
export const custom: Provider = {
  name: 'custom',
  baseUrl: 'http://127.0.0.1:8080/v1',
  keyVariable: null,
  quirks: openAiCompatible,
}

export const openrouter: Provider = {
  name: 'openrouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  keyVariable: 'OPENROUTER_API_KEY',
  quirks: {
    maxTokensField: 'max_tokens',
    streamEnd: 'done',
    reasoningField: 'reasoning_details',
    // Once needed to be told the cost; still accepted, as the seeds show.
    body: { usage: { include: true } },
  },
}

export const openai: Provider = {
  name: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  keyVariable: 'OPENAI_API_KEY',
  quirks: {
    maxTokensField: 'max_completion_tokens',
    streamEnd: 'done',
    reasoningField: null,
    body: {},
  },
}

/** Every provider, by name. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  [openrouter, openai, custom].map((provider) => [provider.name, provider]),
)

/** The provider that serves a URL, for recorded traffic; `custom` when it is not a known one. */
export function providerOf(url: string): Provider {
  for (const provider of providers.values()) {
    if (provider !== custom && url.startsWith(`${provider.baseUrl}/`)) return provider
  }
  return custom
}
