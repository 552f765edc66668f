/** The upstream keys of a key's record: put in, taken out, read. */
import type { KeyRecord } from '../store/store.ts'
import { seal, unseal } from './seal.ts'

/** By provider: a new upstream key, or null to forget the one there is. */
export type UpstreamKeys = Readonly<Record<string, string | null>>

/** The record's upstream keys after a change; those that are not named stay. */
export function sealedAfter(
  { id, byok }: Pick<KeyRecord, 'id' | 'byok'>,
  change: UpstreamKeys,
  secret: string,
): KeyRecord['byok'] {
  const sealed = new Map(Object.entries(byok ?? {}))
  for (const [provider, upstreamKey] of Object.entries(change)) {
    if (upstreamKey === null) sealed.delete(provider)
    else sealed.set(provider, seal(upstreamKey, secret, { keyId: id, provider }))
  }
  return sealed.size === 0 ? null : Object.fromEntries(sealed)
}

/** Each by its provider; null for one that cannot be read: the secret is another one, or somebody changed the row. */
export function unsealed(
  { id, byok }: Pick<KeyRecord, 'id' | 'byok'>,
  secret: string,
): readonly (readonly [provider: string, upstreamKey: string | null])[] {
  return Object.entries(byok ?? {}).map(([provider, sealed]) => [
    provider,
    unseal(sealed, secret, { keyId: id, provider }),
  ])
}
