/** Says which model an agent speaks to, and where. */
import {
  anthropic as anthropicProvider,
  anthropicMessages,
  type Authorize,
  baseUrlOf,
  custom as customProvider,
  type DialectClient,
  fillUrl,
  gemini,
  google as googleProvider,
  type JsonObject,
  openai as openaiProvider,
  openaiChat,
  openrouter as openrouterProvider,
  type Provider,
} from '@playhead/wire'
import { AgentError, messageOf } from './error.ts'

/** A model of a provider, spoken to over a dialect. Plain data. */
export interface Model {
  readonly type: 'model'
  readonly provider: Provider
  readonly dialect: DialectClient
  /** The model's name as the provider knows it: `moonshotai/kimi-k2-0905`. */
  readonly name: string
  /**
   * Without a slash at the end. A name in braces is an environment variable, read when a run starts:
   * `https://bedrock-runtime.{AWS_REGION}.amazonaws.com`.
   */
  readonly baseUrl: string
  /** Fills in the variables of a base URL; undefined for a model whose URL has none. */
  readonly fillUrl: typeof fillUrl | undefined
  /** Undefined: the provider's environment variable is read when a run starts. */
  readonly apiKey: string | undefined
  /** What proves who sends a request, where that takes more than a key. */
  readonly authorize: Authorize | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Fields that every request's body carries beside the canonical ones. */
  readonly body: JsonObject
}

/** How a model is reached, where that is not as its provider has it. */
export interface ModelOptions {
  /** Default: the provider's environment variable, such as `OPENROUTER_API_KEY`. */
  readonly apiKey?: string
  /** Default: the provider's own. */
  readonly baseUrl?: string
  /**
   * Proves who sends a request where there is no key: Bedrock's signatures, Vertex AI's access tokens.
   * `authorize` of `@playhead/auth` makes one.
   */
  readonly authorize?: Authorize
  /** Headers to send besides those that every request needs. */
  readonly headers?: Readonly<Record<string, string>>
  /** Further fields of the request's body, sent as they are. */
  readonly body?: JsonObject
}

/** What OpenRouter takes beside the common settings. https://openrouter.ai/docs/api-reference/parameters */
export interface OpenRouterOptions extends ModelOptions {
  /** Which upstreams may serve the request. https://openrouter.ai/docs/features/provider-routing */
  readonly provider?: {
    readonly order?: readonly string[]
    readonly only?: readonly string[]
    readonly ignore?: readonly string[]
    readonly allow_fallbacks?: boolean
    readonly require_parameters?: boolean
    readonly data_collection?: 'allow' | 'deny'
    readonly zdr?: boolean
    readonly quantizations?: readonly string[]
    readonly sort?: 'price' | 'throughput' | 'latency'
    readonly max_price?: Readonly<Record<string, number>>
  }
  /** Models to fall back to, in order. */
  readonly models?: readonly string[]
  readonly reasoning?: {
    readonly effort?: 'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none'
    readonly max_tokens?: number
    readonly exclude?: boolean
    readonly enabled?: boolean
  }
}

/** A model over OpenRouter. */
export function openrouter(name: string, options: OpenRouterOptions = {}): Model {
  const { provider, models, reasoning, body, ...common } = options
  const own = Object.entries({ provider, models, reasoning }).filter(([, value]) => value !== undefined)
  return make(openrouterProvider, openaiChat, name, {
    ...common,
    body: { ...(Object.fromEntries(own) as JsonObject), ...body },
  })
}

/** A model of OpenAI, over chat completions. */
export function openai(name: string, options: ModelOptions = {}): Model {
  return make(openaiProvider, openaiChat, name, options)
}

/** A model of Anthropic, over its messages. */
export function anthropic(name: string, options: ModelOptions = {}): Model {
  return make(anthropicProvider, anthropicMessages, name, options)
}

/** A model of Google, over the Gemini API. */
export function google(name: string, options: ModelOptions = {}): Model {
  return make(googleProvider, gemini, name, options)
}

/** A model of any server that speaks chat completions: llama.cpp, vLLM, Ollama, a gateway of your own. */
export function custom(name: string, options: ModelOptions & { readonly baseUrl: string }): Model {
  return make(customProvider, openaiChat, name, options, fillUrl)
}

/** The same model spoken to elsewhere: a gateway, a proxy, a local server. Throws an AgentError for a bad URL. */
export function redirect(model: Model, { baseUrl, apiKey }: Pick<ModelOptions, 'baseUrl' | 'apiKey'>): Model {
  const place = baseUrl === undefined ? model.baseUrl : checkedUrl(baseUrl)
  return {
    ...model,
    baseUrl: place,
    fillUrl: place.includes('{') ? fillUrl : undefined,
    apiKey: apiKey ?? model.apiKey,
  }
}

/**
 * A model of any provider over any dialect. Throws an AgentError for options that cannot be right.
 *
 * @param fill wanted where the base URL may name environment variables
 */
export function make(
  provider: Provider,
  dialect: DialectClient,
  name: string,
  options: ModelOptions,
  fill?: typeof fillUrl,
): Model {
  if (typeof name !== 'string' || name === '') {
    throw new AgentError('configuration', `The model of ${provider.name} has no name`)
  }
  const baseUrl =
    options.baseUrl === undefined ? baseUrlOf(provider, dialect.name) : checkedUrl(options.baseUrl)
  return {
    type: 'model',
    provider,
    dialect,
    name,
    baseUrl,
    fillUrl: baseUrl.includes('{') ? fill : undefined,
    apiKey: options.apiKey,
    authorize: options.authorize,
    headers: checkedHeaders(options.headers ?? {}),
    body: options.body ?? {},
  }
}

/** A path will be added, and what is more than a place may be secret: neither a user nor a query can stand in it. */
function checkedUrl(baseUrl: string): string {
  const url = URL.parse(baseUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const shown = baseUrl.replace(/\/\/.*@/, '//…@').replace(/[?#].*$/, '?…')
    throw new AgentError('configuration', `The base URL "${shown}" is not an http(s) URL`)
  }
  const place = url.origin + url.pathname
  if (url.username + url.password + url.search + url.hash === '') return place.replace(/\/+$/, '')
  throw new AgentError('configuration', `The base URL ${place} must have no user, no query and no fragment`)
}

/** By lower-case names, so that they replace ours. Throws an AgentError, which does not show what a header says. */
function checkedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const checked = Object.entries(headers).map(([name, value]) => {
    if (isHeader(name, value)) return [name.toLowerCase(), value] as const
    throw new AgentError(
      'configuration',
      `The header "${name}" cannot be sent: it has a character that no header has`,
    )
  })
  return Object.fromEntries(checked)
}

function isHeader(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name)
  } catch {
    return false
  }
}

/**
 * The model's key: given, or from its provider's environment variable. Undefined when there is none.
 * Throws an AgentError, which does not show it, for a key that could not stand in a header.
 */
export function keyOf({ apiKey, provider }: Model): string | undefined {
  const key = apiKey ?? (provider.keyVariable === null ? undefined : environment()[provider.keyVariable])
  if (key === undefined || key === '') return undefined
  if (/^[\x21-\x7e]+$/.test(key)) return key
  const where = apiKey === undefined ? provider.keyVariable : 'apiKey'
  throw new AgentError('key', `The key in ${where} has characters that no key has: a space or a line break?`)
}

/** Whether the model's provider would refuse: it wants a key and there is none. */
export function isKeyMissing(model: Model): boolean {
  const { provider, dialect, baseUrl, authorize } = model
  const isElsewhere = baseUrl !== baseUrlOf(provider, dialect.name)
  const isAuthorized = authorize !== undefined || provider.keyVariable === null || isElsewhere
  return keyOf(model) === undefined && !isAuthorized
}

/** Says which variable is wanted. */
export function missingKey({ provider }: Model): AgentError {
  const { name, keyVariable, auth } = provider
  const hint = keyVariable === null ? 'give one as apiKey' : `set ${keyVariable}`
  const signer =
    auth.endsWith('-key') || auth === 'bearer' ? '' : ', or give its model an `authorize` of @playhead/auth'
  return new AgentError('key', `No key for ${name}: ${hint}${signer}`)
}

/** Where the model is spoken to. Throws an AgentError that names the variables that its URL lacks. */
export function placeOf({ provider, baseUrl, fillUrl }: Model): string {
  if (fillUrl === undefined) return baseUrl
  try {
    return fillUrl(provider.name, baseUrl, environment())
  } catch (error) {
    throw new AgentError('configuration', messageOf(error), { cause: error })
  }
}

/** Empty where there is no process, as in a browser. */
function environment(): Readonly<Record<string, string | undefined>> {
  return typeof process === 'undefined' ? {} : process.env
}
