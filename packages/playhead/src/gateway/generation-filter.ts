/** Which generations of the ledger a command is about. */
import type { GenerationFilter, Store } from '@playhead/gateway/admin'
import { UsageError } from '../exit.ts'
import { excerpt } from '../terminal.ts'
import { readWhen } from './when.ts'

export interface FilterOptions {
  readonly from?: string
  readonly to?: string
  readonly key?: string
  readonly model?: string
  readonly provider?: string
}

/** Throws a UsageError for a time that cannot be read. */
export function filterOf({ from, to, key, model, provider }: FilterOptions, now: number): GenerationFilter {
  return {
    ...(from !== undefined && { from: readWhen(from, '--from', 'ago', now) }),
    ...(to !== undefined && { to: readWhen(to, '--to', 'ago', now) }),
    ...(key !== undefined && { keyId: key }),
    ...(model !== undefined && { model }),
    ...(provider !== undefined && { provider }),
  }
}

/**
 * Throws a UsageError for a key that is none. One that was revoked is known as long as the ledger has what it asked. Models
 * and providers are no more than names, which may come and go: of one that nobody asked for there is nothing to list.
 */
export async function refuseUnknownKey(store: Store, { keyId }: GenerationFilter): Promise<void> {
  if (keyId === undefined || (await store.findKey(keyId)) !== null) return
  if ((await store.listGenerations({ keyId }, 1, null)).length > 0) return
  throw new UsageError(`there is no key ${excerpt(keyId, 60)}: playhead keys list shows them`)
}
