/** Reads a ledger of any length in the same memory. */
import type { GenerationFilter, GenerationRecord, Store } from '../store/store.ts'

/** So many lines are read at once. */
const page = 500

/** The newest first. Reads no further than it is asked. */
export async function* eachGeneration(
  store: Store,
  filter: GenerationFilter,
): AsyncGenerator<GenerationRecord> {
  let before: string | null = null
  for (;;) {
    const records: readonly GenerationRecord[] = await store.listGenerations(filter, page, before)
    yield* records
    const last = records.at(-1)
    if (last === undefined || records.length < page) return
    before = last.id
  }
}
