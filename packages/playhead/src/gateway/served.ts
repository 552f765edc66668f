/** What a gateway serves, and how that is said. */
import type { Configuration } from '@playhead/gateway/admin'
import type { Gateway } from '@playhead/gateway'
import { count } from '../terminal.ts'

export interface Served {
  readonly providers: readonly string[]
  /** Those of providers, with those that the configuration writes first, as it has them. */
  readonly models: readonly ServedModel[]
  /** Those that could be opened: their files by their names. */
  readonly tapes: ReadonlyMap<string, string>
}

export interface ServedModel {
  readonly name: string
  /** Whether the configuration writes it, and not only the catalogue. */
  readonly isConfigured: boolean
  /** Tokens of prompt and answer; 0 where it is not known. */
  readonly contextLength: number
  /** Pico-dollars for a token; 0 where it is not known, too. */
  readonly outputPrice: bigint
}

export function servedBy(gateway: Gateway, { providers, models, tapes }: Configuration): Served {
  const router = gateway.router()
  const written = [...models.keys()].flatMap((name) => router.model(name) ?? [])
  const others = router.models().filter(({ name }) => !models.has(name))
  return {
    providers: [...providers.keys()],
    models: [...written, ...others].flatMap(({ name, endpoints }) => {
      const endpoint = endpoints.find(({ isTape }) => !isTape)
      if (endpoint === undefined) return []
      const { contextLength, price } = endpoint
      return {
        name,
        isConfigured: models.has(name),
        contextLength: contextLength ?? 0,
        outputPrice: price?.output ?? 0n,
      }
    }),
    tapes: new Map([...tapes].filter(([name]) => router.model(`tape/${name}`) !== null)),
  }
}

/** How many there are of each. */
export type ServedCounts = Readonly<Record<'providers' | 'models' | 'tapes', number>>

/** `2 models of 1 provider, 2 tapes`; `2 tapes, no provider`. */
export function servedText({ providers, models, tapes }: ServedCounts): string {
  const taped = tapes === 0 ? [] : [count(tapes, 'tape')]
  return providers === 0
    ? [...taped, 'no provider'].join(', ')
    : [`${count(models, 'model')} of ${count(providers, 'provider')}`, ...taped].join(', ')
}
