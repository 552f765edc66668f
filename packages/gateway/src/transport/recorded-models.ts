/** What was asked on a tape: models, and how they were spoken to. */
import { type Interaction, openCassette, TapeError } from '@playhead/tape'
import {
  type Dialect,
  type DialectName,
  dialectOf,
  type ModelRequest,
  type Provider,
  providerOf,
  understand,
  WireError,
} from '@playhead/wire'
import { reportedMoney } from '../generate/account.ts'
import type { Money } from '../money.ts'
import { costOf, type Price } from '../price.ts'

/** A model on a tape, at one provider. */
export interface RecordedModel {
  /** As it was asked for: the name to ask again by. */
  readonly model: string
  /** In the order of their first requests. */
  readonly dialects: readonly DialectName[]
  /** Who was spoken to, with the base URLs as recorded and no key: asked there, the tape knows the request again. */
  readonly provider: Provider
  /** What its provider takes by our prices; null: nobody knows. */
  readonly price: Price | null
  /** The most that an answer cost: as its provider reported it, else by our price; 0 where neither is known. */
  readonly dearest: Money
}

/** What a provider's model costs; null: nobody knows. */
export type PriceOfModel = (provider: Provider, model: string) => Price | null

/** In the order of the first requests. Throws a TapeError where there is no such cassette, or it cannot be read. */
export async function recordedModels(
  file: string,
  priceOf: PriceOfModel = () => null,
): Promise<readonly RecordedModel[]> {
  using cassette = await openCassette(file)
  if (cassette === undefined) throw new TapeError('absent', 'there is no such cassette', { file })
  const found = new Map<string, RecordedModel>()
  for (const interaction of cassette) {
    const asked = askedIn(interaction)
    if (asked === null) continue
    const { dialect, model, baseUrl, provider } = asked
    const key = `${provider.name}\n${model}`
    const known = found.get(key) ?? {
      model,
      dialects: [],
      provider: { ...provider, keyVariable: null, baseUrl },
      price: priceOf(provider, model),
      dearest: 0n,
    }
    const seen = known.dialects.includes(dialect) ? known : withDialect(known, dialect, baseUrl)
    const cost = takenBy(interaction, seen.price)
    found.set(key, cost > seen.dearest ? { ...seen, dearest: cost } : seen)
  }
  return [...found.values()]
}

function takenBy(interaction: Interaction, price: Price | null): Money {
  const { outcome } = understand(interaction)
  if (outcome === null) return 0n
  const { cost, usage } = outcome
  return reportedMoney(cost) ?? (price === null || usage === null ? 0n : costOf(price, usage))
}

function withDialect(known: RecordedModel, dialect: DialectName, baseUrl: string): RecordedModel {
  const dialects = [...known.dialects, dialect]
  const baseUrls = { ...(known.dialects.length > 0 && known.provider.baseUrls), [dialect]: baseUrl }
  return { ...known, dialects, provider: { ...known.provider, dialects, baseUrls } }
}

interface Asked {
  readonly dialect: DialectName
  readonly model: string
  readonly baseUrl: string
  readonly provider: Provider
}

/** Null for a request of no dialect, or one that cannot be read. */
function askedIn({ request: { method, url, body } }: Interaction): Asked | null {
  if (method.toUpperCase() !== 'POST' || typeof body !== 'string') return null
  try {
    const wire: unknown = JSON.parse(body)
    const dialect = dialectOf(url, wire)
    if (dialect === null) return null
    const request = dialect.server.decodeRequest(wire, url)
    const provider = providerOf(url)
    const baseUrl = baseUrlIn(url, dialect, request, provider)
    if (baseUrl === null) return null
    return { dialect: dialect.name as DialectName, model: request.model, baseUrl, provider }
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) return null
    throw error
  }
}

/** What stands before the dialect's own path. Null where what was scrubbed left no URL. */
function baseUrlIn(
  url: string,
  { client }: Dialect,
  request: ModelRequest,
  provider: Provider,
): string | null {
  const place = url.replace(/[?#].*$/s, '')
  const path = client.path(request, provider).replace(/\?.*$/s, '')
  const origin = URL.parse(place)?.origin ?? null
  return origin !== null && place.endsWith(path) ? place.slice(0, -path.length) : origin
}
