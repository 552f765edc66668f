/** Which endpoints serve a model: what is configured, what the catalogue lists, and what a name itself says. */
import { type Catalogue, type CatalogueEntry } from '../catalogue/catalogue.ts'
import type { Configuration, ConfiguredEndpoint, ConfiguredProvider } from '../config/configuration.ts'
import type { Endpoint } from '../endpoint.ts'
import { freePrice } from '../price.ts'
import type { Transport } from '../transport/transport.ts'
import { Recent } from './recent.ts'
import { listedName, placesOf, upstreamName } from './resolve.ts'
import type { Model } from './route.ts'
import { type ServedProvider, serveProvider } from './served-provider.ts'

export interface EndpointsParts {
  readonly configuration: Configuration
  readonly catalogue: Catalogue
  /** Asked once for each provider. */
  readonly transportFor: (provider: ConfiguredProvider) => Transport
  /** Endpoints that are made elsewhere: those of tapes. They come before all others of their model's name. */
  readonly extra?: readonly Endpoint[]
  /** Who brings keys of their own to some of the providers. */
  readonly own?: OwnKeys
}

/** A caller's own keys, which stand in the configuration already. */
export interface OwnKeys {
  /** The public part of the caller's key here. */
  readonly keyId: string
  /** The providers that they are for. */
  readonly providers: ReadonlySet<string>
  /** Whether what they pay counts against limits of money. */
  readonly isCounted: boolean
  /** Those that are ready to be spoken to with the gateway's keys: the rest of the providers. */
  readonly others: readonly ServedProvider[]
}

/** Models by the names that clients ask for. What depends on the time of day is found anew when that changes. */
export interface Endpoints {
  /** Null for one that nobody serves. `at`: milliseconds since 1970. */
  model(name: string, at: number): Model | null
  /** All that have a list, by name. */
  models(at: number): readonly Model[]
  /** Those that can be spoken to. */
  readonly providers: readonly ServedProvider[]
  /** Which providers were left out and why, a sentence each. */
  readonly warnings: readonly string[]
}

/** A model, until a price of it changes. */
interface Known {
  readonly model: Model | null
  readonly until: number
}

/** So many names of models are kept: clients may make up any. */
const keptNames = 4000
const longestName = 256

export function createEndpoints(parts: EndpointsParts): Endpoints {
  const { configuration } = parts
  const others = new Map(parts.own?.others.map((provider) => [provider.configured, provider]))
  const served = Array.from(
    configuration.providers.values(),
    (configured) => others.get(configured) ?? serveProvider(configured, parts.transportFor),
  )
  const providers = served.filter((provider) => typeof provider !== 'string')
  const extra = Map.groupBy(parts.extra ?? [], ({ model }) => model)
  const known = new Recent<Known>(keptNames)
  let listed: readonly Model[] = []
  let listedUntil = -Infinity

  function find(name: string, at: number): Known {
    const found = known.get(name)
    if (found !== undefined && at < found.until) return found
    const made = modelOf(parts, providers, extra.get(name) ?? [], name, at)
    known.set(name, made)
    return made
  }

  function list(at: number): void {
    const own = providers.flatMap((provider) =>
      parts.catalogue
        .names(provider.configured.kind)
        .flatMap((id) => listedName(provider, id, providers, parts.catalogue) ?? []),
    )
    const names = new Set([...extra.keys(), ...configuration.models.keys(), ...own])
    const all = [...names]
      .toSorted()
      .map((name) => modelOf(parts, providers, extra.get(name) ?? [], name, at))
    listed = all.flatMap(({ model }) => model ?? [])
    listedUntil = all.reduce((soonest, { until }) => Math.min(soonest, until), Infinity)
  }

  return {
    providers,
    warnings: served.filter((provider) => typeof provider === 'string'),
    model: (name, at) => (name.length > longestName ? null : find(name, at).model),
    models(at) {
      if (at >= listedUntil) list(at)
      return listed
    },
  }
}

function modelOf(
  { configuration, catalogue, own }: EndpointsParts,
  providers: readonly ServedProvider[],
  extra: readonly Endpoint[],
  name: string,
  at: number,
): Known {
  const configured = configuration.models.get(name)
  const served =
    configured === undefined
      ? placed(name, extra, providers, catalogue)
      : written(name, configured.endpoints, providers)
  const made = served.map(({ provider, endpoint }) => {
    const entry = catalogue.find(provider.configured.kind, endpoint.model, at)
    const until = endpoint.price === null ? (entry?.until ?? Infinity) : Infinity
    return { endpoint: endpointOf(provider, name, endpoint, entry, own), until, entry }
  })
  const endpoints = distinct([...extra, ...made.map(({ endpoint }) => endpoint)])
  if (endpoints.length === 0) return { model: null, until: Infinity }
  const title = configured?.title ?? made[0]?.entry?.title ?? name
  return {
    model: { name, title, created: 0, endpoints },
    until: made.reduce((soonest, { until }) => Math.min(soonest, until), Infinity),
  }
}

interface Served {
  readonly provider: ServedProvider
  readonly endpoint: ConfiguredEndpoint
}

function written(
  name: string,
  endpoints: readonly ConfiguredEndpoint[],
  providers: readonly ServedProvider[],
): readonly Served[] {
  return endpoints.flatMap((endpoint) => {
    const provider = providers.find(({ configured }) => configured.name === endpoint.provider)
    return provider === undefined ? [] : [{ provider, endpoint }]
  })
}

/** A tape's name is a tape's alone. */
function placed(
  name: string,
  extra: readonly Endpoint[],
  providers: readonly ServedProvider[],
  catalogue: Catalogue,
): readonly Served[] {
  if (extra.length > 0) return []
  return placesOf(name, providers, catalogue).map(({ served: provider, upstreamModel }) => ({
    provider,
    endpoint: {
      provider: provider.configured.name,
      model: upstreamName(provider.configured.kind, upstreamModel),
      tag: provider.configured.name,
      price: null,
      contextLength: null,
      maxOutputTokens: null,
      supportedParameters: null,
      quantization: 'unknown',
    },
  }))
}

function endpointOf(
  { provider, configured, transport, isOwn, authorize }: ServedProvider,
  model: string,
  said: ConfiguredEndpoint,
  entry: CatalogueEntry | null,
  own: OwnKeys | undefined,
): Endpoint {
  const id = `${said.tag}:${said.model}`
  const owner = own?.providers.has(configured.name) === true ? own : null
  return {
    // With another key it is another endpoint: it has other limits there, and another health.
    id: owner === null ? id : `${id}@${owner.keyId}`,
    model,
    upstreamModel: said.model,
    tag: said.tag,
    provider,
    dialects: provider.dialects,
    price: said.price ?? entry?.price ?? (isOwn ? freePrice : null),
    contextLength: said.contextLength ?? entry?.contextLength ?? null,
    maxOutputTokens: said.maxOutputTokens,
    supportedParameters: said.supportedParameters,
    quantization: said.quantization,
    collectsData: configured.collectsData,
    isZdr: configured.isZdr,
    isByok: owner !== null,
    isCounted: owner?.isCounted ?? true,
    isTape: false,
    transport,
    authorize,
  }
}

/** Ids are unique in a model: the second of the same has a number behind it. */
function distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const seen = new Map<string, number>()
  return endpoints.map((endpoint) => {
    const count = (seen.get(endpoint.id) ?? 0) + 1
    seen.set(endpoint.id, count)
    return count === 1 ? endpoint : { ...endpoint, id: `${endpoint.id}#${String(count)}` }
  })
}
