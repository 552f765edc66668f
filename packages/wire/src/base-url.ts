/** Where a provider is spoken to. */
import type { DialectName } from './dialect-name.ts'
import type { Provider } from './provider.ts'

/** Environment variables, handed in. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A base URL that lacks a variable, or has one that cannot stand in it. */
export class BaseUrlError extends Error {
  override readonly name = 'BaseUrlError'
  /** The variables that are wanted. */
  readonly variables: readonly string[]

  constructor(message: string, variables: readonly string[]) {
    super(message)
    this.variables = variables
  }
}

/** Where a provider's dialect starts, with its variables still in braces. */
export function baseUrlOf(provider: Provider, dialect: string): string {
  return provider.baseUrls?.[dialect as DialectName] ?? provider.baseUrl
}

/** The variables that a URL names in braces, each once. */
export function variablesOf(url: string): readonly string[] {
  return [...new Set(Array.from(url.matchAll(variable), ([, name = '']) => name))]
}

const variable = /\{(\w+)\}/g

/** Where a provider's dialect starts. Throws a BaseUrlError that names each variable that is missing. */
export function resolveBaseUrl(provider: Provider, dialect: string, environment: Environment): string {
  return fillUrl(provider.name, baseUrlOf(provider, dialect), environment)
}

/** Fills the variables of a provider's URL. Throws a BaseUrlError. */
export function fillUrl(provider: string, url: string, environment: Environment): string {
  const missing = variablesOf(url).filter((name) => (environment[name] ?? '') === '')
  if (missing.length > 0) {
    throw new BaseUrlError(`No URL for ${provider}: set ${missing.join(' and ')}`, missing)
  }
  const filled = url.replaceAll(variable, (braces, name: string) => {
    const value = environment[name] ?? ''
    const isWhole = url.startsWith(braces)
    if (isWhole ? /^https?:\/\/[^\s/?#@]+[^\s?#@]*$/i.test(value) : /^[\w.-]+$/.test(value)) return value
    const wanted = isWhole
      ? 'an http(s) URL without user and query'
      : 'a name of letters, digits, "-" and "."'
    throw new BaseUrlError(`No URL for ${provider}: ${name} must be ${wanted}`, [name])
  })
  return atVertex(filled).replace(/\/+$/, '')
}

/**
 * Vertex AI's hosts carry the location in front, but for `global` and the multi-regions.
 * https://cloud.google.com/vertex-ai/docs/reference/rest#rest_endpoints
 */
function atVertex(url: string): string {
  return url
    .replace(/^https:\/\/global-(?=aiplatform\.googleapis\.com\/)/, 'https://')
    .replace(/^https:\/\/(us|eu)-aiplatform\.googleapis\.com\//, 'https://aiplatform.$1.rep.googleapis.com/')
}
