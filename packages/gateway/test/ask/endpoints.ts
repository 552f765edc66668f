/** Endpoints to ask, without a network behind them. */
import { baseUrlOf, type DialectName, fillUrl, type Provider, variablesOf } from '@playhead/wire'
import type { Endpoint } from '../../src/endpoint.ts'

/** An endpoint of a provider, whose variables are filled in with anything. */
export function endpointOf(provider: Provider, own: Partial<Endpoint> = {}): Endpoint {
  return {
    id: `${provider.name}:up/model`,
    model: 'a/b',
    upstreamModel: 'up/model',
    tag: provider.name,
    provider: filled(provider),
    dialects: provider.dialects,
    price: null,
    contextLength: null,
    maxOutputTokens: null,
    supportedParameters: null,
    quantization: 'unknown',
    collectsData: false,
    isZdr: false,
    isByok: false,
    isCounted: true,
    isTape: false,
    transport: { send: () => assertUnused(), close: () => Promise.resolve() },
    authorize: (dialect) => (request) => Promise.resolve({ authorization: `${dialect} ${request.url}` }),
    ...own,
  }
}

function filled(provider: Provider): Provider {
  const urls = provider.dialects.map((dialect) => [dialect, urlOf(provider, dialect)] as const)
  return { ...provider, baseUrl: urls[0]?.[1] ?? '', baseUrls: Object.fromEntries(urls) }
}

function urlOf(provider: Provider, dialect: DialectName): string {
  const url = baseUrlOf(provider, dialect)
  // Some dialects are known by their URL.
  const folder = dialect === 'cohere' ? 'v2' : dialect === 'ollama' ? 'api' : 'v1'
  const value = url.startsWith('{') ? `https://custom.test/${folder}` : 'here'
  const values = variablesOf(url).map((name) => [name, value])
  return fillUrl(provider.name, url, Object.fromEntries(values))
}

function assertUnused(): never {
  throw new Error('Nothing is sent here')
}
