/** The providers of a configuration: wire's, with a key, a place and settings of their own. */
import { isReady, waysIn } from '@playhead/auth'
import { BaseUrlError, type Environment, type Provider, providers, resolveBaseUrl } from '@playhead/wire'
import { isLocal } from '../transport/address.ts'
import type { ConfiguredProvider, Timeouts } from './configuration.ts'
import { keyVariableOf } from './key-variable.ts'
import type { WrittenProvider } from './provider-fields.ts'
import { nearest } from './nearest.ts'
import type { Located, Reading, Spot } from './shape.ts'

/** Every provider of wire whose key, and whatever its address needs, is in the environment. */
export function readyProviders(environment: Environment): ReadonlyMap<string, ConfiguredProvider> {
  const ready = [...providers.values()].filter(
    (kind) =>
      waysIn(kind).length > 0 && isReady(kind, environment) && missingPlace(kind, environment) === null,
  )
  return new Map(ready.map((kind) => [kind.name, { ...defaults(kind), name: kind.name, environment }]))
}

/** Those that the file names. Tells of each that could not be spoken to. */
export function configuredProviders(
  written: ReadonlyMap<string, Located<WrittenProvider>>,
  reading: Reading,
): ReadonlyMap<string, ConfiguredProvider> {
  return new Map(
    Array.from(written).flatMap(([name, { value, spot }]) => {
      const provider = configured(name, value, spot, reading)
      return provider === null ? [] : [[name, provider] as const]
    }),
  )
}

function configured(
  name: string,
  written: WrittenProvider,
  spot: Spot,
  reading: Reading,
): ConfiguredProvider | null {
  if (name === 'tape') {
    reading.tell(spot, 'is the name of what answers from tape: choose another')
    return null
  }
  const kind = providers.get(written.kind ?? name)
  if (kind === undefined) {
    reading.tell(spot, unknownKind(name))
    return null
  }
  const environment = environmentOf(kind, written, reading)
  const baseUrl = written.baseUrl?.value ?? null
  const allowsPrivate = written.allowPrivate ?? isLocal(kind.baseUrl)
  const problem =
    keyProblem(kind, written, environment, spot) ??
    (baseUrl === null ? missingPlace(kind, environment) : null) ??
    dialectProblem(kind, written)
  if (problem !== null) reading.tell(spot, problem)
  if (written.baseUrl !== null && isLocal(written.baseUrl.value) && !allowsPrivate)
    reading.tell(
      written.baseUrl.spot,
      'is an address of this machine or of a private network: allow_private: true allows it',
    )
  return {
    ...defaults(kind),
    name,
    baseUrl,
    dialects: written.dialects,
    environment,
    allowsPrivate,
    collectsData: written.collectsData,
    isZdr: written.zdr,
    timeouts: timeoutsOf(written),
  }
}

function defaults(kind: Provider): Omit<ConfiguredProvider, 'name' | 'environment'> {
  return {
    kind: kind.name,
    baseUrl: null,
    dialects: null,
    allowsPrivate: isLocal(kind.baseUrl),
    collectsData: false,
    isZdr: false,
    timeouts: {},
  }
}

function unknownKind(name: string): string {
  const near = nearest(name, [...providers.keys()])
  const hint = near === null ? '' : ` Did you mean ${near}?`
  return `there is no provider of this name.${hint} With another name it needs kind: NAME (playhead providers lists them; custom is any server)`
}

/** The process's variables, with the provider's own above them. */
function environmentOf(kind: Provider, written: WrittenProvider, { environment }: Reading): Environment {
  const own: Record<string, string> = Object.fromEntries(written.variables)
  if (written.apiKey !== null) own[keyVariableOf(kind)] = written.apiKey
  return { ...environment, ...own }
}

function keyProblem(
  kind: Provider,
  { apiKey, baseUrl }: WrittenProvider,
  environment: Environment,
  { node }: Spot,
): string | null {
  if (apiKey !== null && !/^[\x21-\x7e]+$/.test(apiKey))
    return 'its key has characters that no key has: a space or a line break?'
  if (apiKey !== null && kind.keyVariable === null && kind.name !== 'custom' && baseUrl === null)
    return `${kind.name} asks for no key on this machine: leave api_key out, or say where it is by base_url`
  // One that could not be read is a mistake of its own.
  const saysKey = node.type === 'map' && node.entries.some(({ name }) => name === 'api_key')
  if (saysKey || isReady(kind, environment)) return null
  const ways = waysIn(kind).map((names) => names.join(' and '))
  return `there is no key: set ${ways.join(', or ')}; or say where it is kept, api_key: env:NAME`
}

/** What is missing for its address; null where nothing is. */
function missingPlace(kind: Provider, environment: Environment): string | null {
  if (kind.name === 'custom' && (environment['CUSTOM_BASE_URL'] ?? '') === '')
    return 'there is no address: say base_url: https://…'
  try {
    for (const dialect of kind.dialects) resolveBaseUrl(kind, dialect, environment)
    return null
  } catch (error) {
    if (!(error instanceof BaseUrlError)) throw error
    return `there is no address: set ${error.variables.join(' and ')}, here under variables or in the environment`
  }
}

function dialectProblem(kind: Provider, { dialects }: WrittenProvider): string | null {
  if (dialects === null) return null
  const foreign = dialects.filter((name) => !kind.dialects.includes(name))
  return foreign.length === 0
    ? null
    : `${kind.name} does not speak ${foreign.join(', ')}, but ${kind.dialects.join(', ')}`
}

function timeoutsOf({ timeouts }: WrittenProvider): Partial<Timeouts> {
  return Object.fromEntries(
    Object.entries<number | null>(timeouts).filter(([, milliseconds]) => milliseconds !== null),
  )
}
