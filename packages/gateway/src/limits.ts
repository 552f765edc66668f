/** Limits: what is counted, over which period, and for whom. */

/** What a limit counts; tokens are those in and out. */
export const measures = ['money', 'requests', 'tokens'] as const
export type Measure = (typeof measures)[number]

/** UTC's. They begin anew by the clock alone: a week on Monday, `ever` never. */
export const periods = ['minute', 'hour', 'day', 'week', 'month', 'ever'] as const
export type Period = (typeof periods)[number]

/** A cap. */
export interface Limit {
  readonly of: Measure
  readonly per: Period
  /** Pico-dollars, requests, or tokens in and out. */
  readonly most: bigint
}

/** A limit and what it is counted for: `key:ID`, or `all` for the gateway. */
export interface OwnedLimit {
  readonly owner: string
  readonly limit: Limit
}

/** The owner of the limits that hold for all keys together. */
export const everybody = 'all'

const keyPrefix = 'key:'

/** The owner of a key's limits. */
export function ownerOf(keyId: string): string {
  return keyPrefix + keyId
}

/** The key that an owner is; null for the gateway as a whole. */
export function keyOfOwner(owner: string): string | null {
  return owner.startsWith(keyPrefix) ? owner.slice(keyPrefix.length) : null
}

/** The limits of one key. */
export function limitsOwnedBy({
  id,
  limits,
}: {
  readonly id: string
  readonly limits: readonly Limit[]
}): readonly OwnedLimit[] {
  return limits.map((limit) => ({ owner: ownerOf(id), limit }))
}

/** The limits of the gateway as a whole. */
export function limitsOfAll(limits: readonly Limit[]): readonly OwnedLimit[] {
  return limits.map((limit) => ({ owner: everybody, limit }))
}
