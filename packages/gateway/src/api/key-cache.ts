/** Keys of the latest requests, so that not each one waits for the store. */
import type { KeyRecord, Store } from '../store/store.ts'

/** Milliseconds. A change in another process is noticed after `usable` at the latest, mostly after `fresh`. */
const fresh = 5000
const usable = 15_000
/** How long an id counts as unknown: a key that has just been made elsewhere is not refused for long. */
const unknownFor = 1000
const mostKnown = 10_000
const mostUnknown = 1000

interface Known {
  readonly record: KeyRecord
  /** Milliseconds since 1970. */
  readonly readAt: number
}

export class KeyCache {
  readonly #store: Pick<Store, 'findKey'>
  readonly #now: () => number
  /** Those that were read longest ago first. */
  readonly #known = new Map<string, Known>()
  readonly #unknown = new Map<string, number>()
  readonly #loading = new Map<string, Promise<KeyRecord | null>>()

  constructor(store: Pick<Store, 'findKey'>, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /**
   * By the public part of a key. Gives at once a record that was read in the last 15 s; one older than 5 s is read again in
   * the background. Rejects with a StoreError.
   */
  find(id: string): KeyRecord | null | Promise<KeyRecord | null> {
    const known = this.#known.get(id)
    if (known !== undefined) {
      if (this.#isWithin(known.readAt, fresh)) return known.record
      if (this.#isWithin(known.readAt, usable)) {
        // A store that does not answer shows when the record is too old.
        this.#load(id).catch(() => {})
        return known.record
      }
    }
    const unknownSince = this.#unknown.get(id)
    if (unknownSince !== undefined && this.#isWithin(unknownSince, unknownFor)) return null
    return this.#load(id)
  }

  /** Takes note of a change that this process made: it counts at once. */
  changed(id: string, record: KeyRecord | null): void {
    // A read under way may bring the record from before the change.
    this.#loading.delete(id)
    this.#keep(id, record)
  }

  #load(id: string): Promise<KeyRecord | null> {
    const running = this.#loading.get(id)
    if (running !== undefined) return running
    const loading = this.#store.findKey(id).then(
      (record) => {
        if (this.#loading.get(id) === loading) this.changed(id, record)
        return record
      },
      (error: unknown) => {
        if (this.#loading.get(id) === loading) this.#loading.delete(id)
        throw error
      },
    )
    this.#loading.set(id, loading)
    return loading
  }

  #keep(id: string, record: KeyRecord | null): void {
    this.#known.delete(id)
    this.#unknown.delete(id)
    const at = this.#now()
    if (record === null) bound(this.#unknown.set(id, at), mostUnknown)
    else bound(this.#known.set(id, { record, readAt: at }), mostKnown)
  }

  /** A clock that was put back makes nothing last longer. */
  #isWithin(at: number, milliseconds: number): boolean {
    const age = this.#now() - at
    return age >= 0 && age < milliseconds
  }
}

function bound(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
