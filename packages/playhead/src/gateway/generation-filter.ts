/** Which generations of the ledger a command is about. */
import type { GenerationFilter } from '@playhead/gateway/admin'
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
