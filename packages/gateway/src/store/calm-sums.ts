/** Sums over a ledger that has grown long: not made anew for everybody who asks. */
import type { GenerationFilter, Store, Sum, SumBy } from './store.ts'

/** A sum that took longer than this, in milliseconds, is given again for so many times as long as it took. */
const long = 25
const times = 20
const mostRemembered = 1000

interface Remembered {
  readonly sums: Promise<readonly Sum[]>
  /** Milliseconds since 1970; without end while it is being made. */
  until: number
}

/**
 * The same store, whose `sumGenerations` takes at most a twentieth of the time, however often a client asks. On SQLite the
 * event loop stands still meanwhile.
 */
export function calmSums(store: Pick<Store, 'sumGenerations'>, now: () => number): Store['sumGenerations'] {
  const remembered = new Map<string, Remembered>()

  /** Remembers it for as long as it is being made, and longer where that took long. */
  async function make(
    asked: string,
    filter: GenerationFilter,
    by: readonly SumBy[],
  ): Promise<readonly Sum[]> {
    const began = now()
    const sums = store.sumGenerations(filter, by)
    const made: Remembered = { sums, until: Number.POSITIVE_INFINITY }
    remembered.set(asked, made)
    try {
      return await sums
    } finally {
      const took = now() - began
      if (took > long) made.until = now() + took * times
      else if (remembered.get(asked) === made) remembered.delete(asked)
    }
  }

  return (filter, by) => {
    const asked = JSON.stringify([filter, by])
    const known = remembered.get(asked)
    if (known !== undefined && now() < known.until) return known.sums
    if (remembered.size >= mostRemembered) remembered.clear()
    return make(asked, filter, by)
  }
}
