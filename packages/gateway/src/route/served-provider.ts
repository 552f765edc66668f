/** A configured provider, ready to be spoken to: its URLs are filled in and it is known how to prove who asks. */
import { authorize } from '@playhead/auth'
import {
  type Authorize,
  BaseUrlError,
  baseUrlOf,
  type DialectName,
  type Provider,
  providers,
  resolveBaseUrl,
} from '@playhead/wire'
import type { ConfiguredProvider } from '../config/configuration.ts'
import { keyVariableOf } from '../config/key-variable.ts'
import { isLocal } from '../transport/address.ts'
import type { Transport } from '../transport/transport.ts'

export interface ServedProvider {
  readonly configured: ConfiguredProvider
  readonly provider: Provider
  readonly transport: Transport
  /** Whether it runs on a machine of one's own, where tokens cost nothing. */
  readonly isOwn: boolean
  readonly authorize: (dialect: DialectName) => Authorize
}

/** Gives a sentence instead where it cannot be spoken to: a variable of its URL is not set. */
export function serveProvider(
  configured: ConfiguredProvider,
  transportFor: (provider: ConfiguredProvider) => Transport,
): ServedProvider | string {
  const { name, kind, environment } = configured
  const known = providers.get(kind)
  if (known === undefined) return `Provider ${name} is left out: there is no kind "${kind}"`
  const urls = new Map<DialectName, string>()
  let missing = `it speaks none of ${kind}'s dialects at ${configured.baseUrl ?? known.baseUrl}`
  for (const dialect of configured.dialects ?? known.dialects) {
    try {
      const url = urlOf(configured, known, dialect)
      if (url !== null) urls.set(dialect, url)
    } catch (error) {
      if (!(error instanceof BaseUrlError)) throw error
      missing = error.message
    }
  }
  const [first] = urls.values()
  if (first === undefined) return `Provider ${name} is left out: ${missing}`
  const provider: Provider = {
    ...known,
    name,
    keyVariable: variableInUse(configured, known),
    baseUrl: first,
    baseUrls: Object.fromEntries(urls),
    dialects: [...urls.keys()],
  }
  const proofs = new Map<DialectName, Authorize>()
  return {
    configured,
    provider,
    transport: transportFor(configured),
    isOwn: ownKinds.has(kind) && isOneOfOurs(first),
    authorize(dialect) {
      const made = proofs.get(dialect) ?? authorize(provider, { dialect, environment })
      proofs.set(dialect, made)
      return made
    },
  }
}

/**
 * A URL of one's own is that of the first dialect. Those that start elsewhere at the same host move with it: `/v1` beside
 * `/api` at an Ollama on another machine. Null for one that cannot be told to be there.
 */
function urlOf(configured: ConfiguredProvider, known: Provider, dialect: DialectName): string | null {
  const { baseUrl, dialects, environment } = configured
  if (baseUrl === null) return resolveBaseUrl(known, dialect, environment)
  const trimmed = baseUrl.replace(/\/+$/, '')
  const start = baseUrlOf(known, (dialects ?? known.dialects)[0] ?? '')
  const other = baseUrlOf(known, dialect)
  if (other === start) return trimmed
  const [host, path] = split(start)
  const [otherHost, otherPath] = split(other)
  if (host === otherHost && trimmed.endsWith(path))
    return trimmed.slice(0, trimmed.length - path.length) + otherPath
  return null
}

function split(url: string): readonly [host: string, path: string] {
  const [, host = '', path = ''] = /^(https?:\/\/[^/]*)(.*)$/.exec(url) ?? []
  return [host, path]
}

/** Servers that ask for no key may be given one where they stand elsewhere: `VLLM_API_KEY`, `CUSTOM_API_KEY`. */
function variableInUse({ baseUrl, environment }: ConfiguredProvider, known: Provider): string | null {
  if (known.keyVariable !== null || (baseUrl === null && known.name !== 'custom')) return known.keyVariable
  const variable = keyVariableOf(known)
  return (environment[variable] ?? '') === '' ? null : variable
}

const ownKinds: ReadonlySet<string> = new Set(['ollama', 'llama.cpp', 'vllm'])

/** This machine, a private network, or a name without a domain, as containers have. */
function isOneOfOurs(url: string): boolean {
  return isLocal(url) || /^[^.:]+$|\.(local|internal)$/.test(URL.parse(url)?.hostname ?? '')
}
