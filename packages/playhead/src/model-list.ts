/** The models of a provider, as it lists them itself. */
import { authorize } from '@playhead/auth'
import { createRedaction } from '@playhead/tape'
import {
  authOf,
  baseUrlOf,
  type Cost,
  decodeCost,
  dialects,
  type Environment,
  fillUrl,
  keyHeader,
  type Provider,
} from '@playhead/wire'

export interface ListedModel {
  /** As the provider knows it. */
  readonly id: string
  /** Tokens; null where it does not say. */
  readonly contextLength: number | null
  /** Dollars for a million tokens, exact; null where it does not say. */
  readonly inputPrice: Cost | null
  readonly outputPrice: Cost | null
}

export interface ListOptions {
  readonly baseUrl?: string
  readonly apiKey?: string
  /** Default: the process's. */
  readonly environment?: Environment
}

/** Milliseconds that a provider has to answer. */
const patience = 30_000

/** Asks a provider. Throws an error that says why there is no answer, without its key. */
export async function listModels(
  provider: Provider,
  { baseUrl, apiKey, environment = process.env }: ListOptions,
): Promise<readonly ListedModel[]> {
  const dialect = provider.dialects[0] ?? ''
  const url = urlOf(provider, dialect, baseUrl, environment)
  const proof =
    apiKey === undefined
      ? await proofOf(provider, dialect, url, { environment, isElsewhere: baseUrl !== undefined })
      : keyHeader(authOf(provider, dialect), apiKey)
  const client = dialects.find(({ name }) => name === dialect)?.client
  const headers = { accept: 'application/json', 'user-agent': 'playhead', ...client?.headers, ...proof }
  const response = await fetch(url, {
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  }).catch((error: unknown) => {
    throw new Error(networkMessage(error))
  })
  const body = await response.text()
  if (!response.ok) {
    // One that refuses a key may repeat it.
    const shown = createRedaction({ env: environment }).exchange(url, Object.entries(headers)).text(body)
    const said = client?.decodeError(response.status, response.headers, shown).message ?? ''
    throw new Error(said === '' ? `status ${response.status}` : said)
  }
  const models = decodeModels(body)
  if (models !== undefined) return models
  throw new Error(`what stands at ${url.replace(/\?.*/, '')} is no list of models`)
}

function urlOf(
  provider: Provider,
  dialect: string,
  baseUrl: string | undefined,
  environment: Environment,
): string {
  const base = baseUrlOf(provider, dialect)
  const { modelsUrl = `${base}/models` } = provider
  if (modelsUrl === null) throw new Error('it does not list its models')
  if (baseUrl === undefined) return fillUrl(provider.name, modelsUrl, environment)
  const path = modelsUrl.startsWith(base)
    ? modelsUrl.slice(base.length)
    : modelsUrl.replace(/^https?:\/\/[^/]+/, '')
  return baseUrl.replace(/\/+$/, '') + path
}

/** Elsewhere than at the provider's own place, a key that is not set may not be needed. */
async function proofOf(
  provider: Provider,
  dialect: string,
  url: string,
  { environment, isElsewhere }: { readonly environment: Environment; readonly isElsewhere: boolean },
): Promise<Readonly<Record<string, string>>> {
  try {
    return await authorize(provider, { dialect, environment })({ url, method: 'GET', headers: {}, body: '' })
  } catch (error) {
    if (isElsewhere && error instanceof Error && 'code' in error && error.code === 'missing') return {}
    throw error
  }
}

function networkMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'the network failed'
  if (error.name === 'TimeoutError') return `no answer within ${patience} ms`
  const { message } = error.cause instanceof Error ? error.cause : error
  return `the network failed: ${message}`
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a list in any of the shapes that there are; undefined when it is none. Sorted by id. */
function decodeModels(body: string): readonly ListedModel[] | undefined {
  let wire: unknown
  try {
    wire = JSON.parse(body)
  } catch {
    return undefined
  }
  const list: unknown = Array.isArray(wire)
    ? wire
    : isFields(wire)
      ? listNames.map((name) => wire[name]).find(Array.isArray)
      : undefined
  if (!Array.isArray(list)) return undefined
  const models = list.filter(isFields).map(decodeModel)
  return models.filter(({ id }) => id !== '').toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** OpenAI's and most others'; Google's, Cohere's and Ollama's; Bedrock's; Vertex AI's. Together's is the whole body. */
const listNames = ['data', 'models', 'modelSummaries', 'publisherModels']

function decodeModel(wire: Fields): ListedModel {
  const id = [wire['id'], wire['name'], wire['modelId']].find((value) => typeof value === 'string') ?? ''
  return {
    id: id.replace(/^(publishers\/google\/)?models\//, ''),
    contextLength: contextLengthOf(wire),
    inputPrice: priceOf(wire, ['prompt', 'input']),
    outputPrice: priceOf(wire, ['completion', 'output']),
  }
}

/** OpenRouter, Together, Cohere; Groq, Vercel; Mistral; Google; Anthropic; vLLM. */
const contextNames = [
  'context_length',
  'context_window',
  'max_context_length',
  'inputTokenLimit',
  'max_input_tokens',
  'max_model_len',
]

/** Hugging Face's router says it of each host behind it: the most that one takes. */
function contextLengthOf(wire: Fields): number | null {
  const hosts = Array.isArray(wire['providers']) ? wire['providers'].filter(isFields) : []
  const lengths = [wire, ...hosts].flatMap((fields) => contextNames.map((name) => fields[name]))
  const known = lengths.filter((length) => Number.isSafeInteger(length) && Number(length) > 0).map(Number)
  return known.length === 0 ? null : Math.max(...known)
}

/** As a text it is for one token (OpenRouter, Vercel), as a number for a million (Together). */
function priceOf({ pricing }: Fields, names: readonly string[]): Cost | null {
  if (!isFields(pricing)) return null
  const price = names.map((name) => pricing[name]).find((value) => value !== undefined)
  const cost = decodeCost(price)
  // OpenRouter's own routers cost -1: what they will choose.
  if (cost === null || cost.startsWith('-')) return null
  return typeof price === 'string' ? decodeCost(`${cost}e6`) : cost
}
