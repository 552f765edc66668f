/** What the gateway remembers: keys, what they have spent, and the ledger. The same on SQLite and on Postgres. */
import type { Limit, OwnedLimit } from '../limits.ts'
import type { Money } from '../money.ts'

/**
 * Calls that come together are carried out in one transaction. A promise that is fulfilled means committed. A store
 * that cannot be reached rejects with a StoreError within its deadline; whoever asked refuses the request.
 */
export interface Store {
  /** By the public part of a key. */
  findKey(id: string): Promise<KeyRecord | null>
  /** Newest first. */
  listKeys(): Promise<readonly KeyRecord[]>
  insertKey(key: KeyRecord): Promise<void>
  /** Only where there is no key at all; false where there is. Of several replicas that try at once, one succeeds. */
  insertFirstKey(key: KeyRecord): Promise<boolean>
  /** Null when there is no such key. */
  updateKey(id: string, change: KeyChange): Promise<KeyRecord | null>
  /** False when there is no such key. What it spent stays in the ledger. */
  deleteKey(id: string): Promise<boolean>

  /**
   * Writes a generation down as open and reserves its bound at every limit, all or nothing: where one bound does not fit,
   * nothing is reserved and nothing written. A limit of requests counts this one.
   */
  open(generation: OpenGeneration, limits: readonly OwnedLimit[]): Promise<Opened>
  /**
   * Writes what became of it, and turns its reservations into what it really took, in the periods in which it was
   * opened. Again for one that is settled already: changes nothing. One that is refused because the store does not
   * answer is kept in memory and made good with the next `beat`; it may also be said again.
   */
  settle(settlement: Settlement): Promise<void>
  /** What stands against limits now: for `key` endpoints, `doctor` and tests. */
  standings(limits: readonly OwnedLimit[], at: number): Promise<readonly Standing[]>

  /** Says that this replica lives; makes one that was away come back, and what it could not do good. */
  beat(replica: string, at: number): Promise<void>
  /**
   * Closes what replicas that have not beaten since `before` left open: outcome `lost`, their reservations let go. Gives
   * how many. Safe to call from several replicas at once.
   */
  releaseDead(before: number, at: number): Promise<number>

  /** By our id, or by the id that the upstream gave its answer; newest first where several have it. Of one key, or of all. */
  findGeneration(id: string, keyId: string | null): Promise<GenerationRecord | null>
  /** Newest first; `before` is the id of the last one of the page before. */
  listGenerations(
    filter: GenerationFilter,
    limit: number,
    before: string | null,
  ): Promise<readonly GenerationRecord[]>
  sumGenerations(filter: GenerationFilter, by: readonly SumBy[]): Promise<readonly Sum[]>

  /** Waits for what is under way. */
  close(): Promise<void>
}

/** A store that does not answer, or not in time. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** A key, without itself: only a keyed hash of it is kept. */
export interface KeyRecord {
  /** Its public part, the same in the key, in lists and in the ledger. */
  readonly id: string
  /** HMAC-SHA-256 of the whole key under the gateway's secret, in hex. */
  readonly hash: string
  readonly name: string
  /** `sk-ph-abc…xyz`, to be shown. */
  readonly label: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number | null
  readonly isDisabled: boolean
  /** May create, change and revoke keys and see everybody's spending; may not ask models. */
  readonly isAdmin: boolean
  readonly limits: readonly Limit[]
  /** Models that may be asked for, `*` stands for any end of a name; null: all. */
  readonly models: readonly string[] | null
  /** Providers that may be used, by name; null: all. */
  readonly providers: readonly string[] | null
  /** What share of its exchanges goes on tape, 0 to 1. */
  readonly record: number
  /** Its holder's own keys at providers, by the provider's name, each sealed; null: none. */
  readonly byok: Readonly<Record<string, string>> | null
  /** Whether what those pay counts against limits of money. */
  readonly countsByok: boolean
}

export type KeyChange = Partial<
  Pick<
    KeyRecord,
    | 'name'
    | 'expiresAt'
    | 'isDisabled'
    | 'limits'
    | 'models'
    | 'providers'
    | 'record'
    | 'byok'
    | 'countsByok'
    | 'updatedAt'
  >
>

export interface OpenGeneration {
  /** `gen-<seconds>-<20 letters and digits>`, unique; a later one is greater, but for those of the same millisecond. */
  readonly id: string
  readonly keyId: string
  readonly replica: string
  /** Milliseconds since 1970; says which periods it counts in. */
  readonly at: number
  /** One through all logs and headers; the client's own where it sent one. */
  readonly requestId: string
  /** What the client speaks. */
  readonly dialect: string
  /** What was asked for. */
  readonly model: string
  readonly isStream: boolean
  /** The client's own notes: who, and which conversation. */
  readonly user: string | null
  readonly session: string | null
  /** The most that it can take. */
  readonly boundMoney: Money
  readonly boundTokens: number
}

export type Opened = { readonly type: 'opened' } | ({ readonly type: 'refused' } & Standing)

/** How much of a limit is taken. */
export interface Standing extends OwnedLimit {
  readonly spent: bigint
  readonly reserved: bigint
  /** When the period ends; null for `ever`. Milliseconds since 1970. */
  readonly resetsAt: number | null
}

/**
 * How a generation ended, in one word.
 * - `answered`: whole.
 * - `failed`: no endpoint gave an answer, or it broke off after it had begun.
 * - `cancelled`: the client left.
 * - `lost`: the replica that had it died.
 */
export type Outcome = 'answered' | 'failed' | 'cancelled' | 'lost'

export interface Settlement {
  readonly id: string
  readonly keyId: string
  readonly at: number
  readonly outcome: Outcome
  /** HTTP status that the client was given. */
  readonly status: number
  /** The endpoint that answered, or that failed last; null where none was tried. */
  readonly endpoint: string | null
  readonly provider: string | null
  /** The id that the upstream gave its answer; null where it gave none. */
  readonly upstreamId: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly reasoningTokens: number
  /** What is charged: all attempts together, but for those that the holder's own keys paid. */
  readonly cost: Money
  /** As providers reported it; null where none did. */
  readonly providerCost: Money | null
  /** By our prices; null where an endpoint that was used has none. */
  readonly catalogueCost: Money | null
  /** Whether the tokens were counted by us, because the provider never said. */
  readonly isEstimated: boolean
  /** Whether the endpoint was asked with the holder's own key. */
  readonly isByok: boolean
  /** What the holder's own keys paid, as far as it is known. */
  readonly byokCost: Money
  /** Whether that counts against limits of money. */
  readonly countsByok: boolean
  readonly finishReason: string | null
  readonly rawFinishReason: string | null
  /** Milliseconds from the request's arrival; null where none came. */
  readonly firstTokenAfter: number | null
  readonly duration: number
  readonly attempts: readonly AttemptRecord[]
  /** Why this route: a JSON text of `Story`, for `playhead explain`. */
  readonly story: string
  /** The file of its tape; null where it was not recorded. */
  readonly tape: string | null
}

/** One request to one endpoint. */
export interface AttemptRecord {
  readonly endpoint: string
  readonly provider: string
  /** Milliseconds from the request's arrival. */
  readonly startedAfter: number
  readonly duration: number
  readonly firstTokenAfter: number | null
  /** Null where no head came. */
  readonly status: number | null
  /** `answer`, or a failure's code: `rate-limited`, `network`, … */
  readonly outcome: string
  /** For people; null where all went well. */
  readonly message: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  /** What it cost, whoever paid. */
  readonly cost: Money
  /** Whether the holder's own key paid. */
  readonly isByok?: true
}

/** A line of the ledger. What is not known while it is open is 0 or null. */
export interface GenerationRecord extends OpenGeneration, Omit<Settlement, 'at' | 'outcome'> {
  readonly settledAt: number | null
  readonly outcome: Outcome | 'open'
}

export interface GenerationFilter {
  readonly keyId?: string
  readonly model?: string
  readonly provider?: string
  readonly outcome?: Outcome | 'open'
  /** Milliseconds since 1970; from inclusive, to exclusive. */
  readonly from?: number
  readonly to?: number
}

export type SumBy = 'key' | 'model' | 'provider' | 'day'

/** Sums of settled generations with the same values of what they were summed by. */
export interface Sum {
  /** By `SumBy`; a day is `2026-11-22` in UTC. */
  readonly group: Readonly<Partial<Record<SumBy, string>>>
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedInputTokens: number
  readonly reasoningTokens: number
  /** What was charged. */
  readonly cost: Money
  /** What holders' own upstream keys paid. */
  readonly byokCost: Money
  /** What counts against limits of money: what was charged, and of the rest what is to count. */
  readonly countedCost: Money
  /** Where the provider's reported cost and ours are both known: theirs less ours. */
  readonly difference: Money
}
