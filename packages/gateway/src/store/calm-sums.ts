/** Sums over a ledger that has grown long: not made anew for everybody who asks. */
import type { Store, Sum } from './store.ts'

/** A sum that took longer than this, in milliseconds, is given again for so many times as long as it took. */
const long = 25
const times = 20
const mostRemembered = 1000

interface Remembered {
  readonly sums: Promise<readonly Sum[]>
  /** Milliseconds since 1970; while it is being made there is no such time yet. */
  until: number
}

/**
 * The same store, whose `sumGenerations` takes at most a twentieth of the time, however often a client asks. On SQLite the
 * event loop stands still meanwhile.
 */
export function calmSums(store: Pick<Store, 'sumGenerations'>, now: () => number): Store['sumGenerations'] {
  const remembered = new Map<string, Remembered>()
  return (filter, by) => {
    const asked = JSON.stringify([filter, by])
    const known = remembered.get(asked)
    if (known !== undefined && now() < known.until) return known.sums
    if (remembered.size >= mostRemembered) remembered.clear()
    const began = now()
    const sums = store.sumGenerations(filter, by)
    const made: Remembered = { sums, until: Number.POSITIVE_INFINITY }
    remembered.set(asked, made)
    const end = (keeps: number): void => {
      if (keeps > 0) made.until = now() + keeps
      else if (remembered.get(asked) === made) remembered.delete(asked)
    }
    sums.then(
      () => {
        const took = now() - began
        end(took > long ? took * times : 0)
      },
      () => end(0),
    )
    return sums
  }
}
