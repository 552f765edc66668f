/** Counts and samples of a stretch of time that ends now, in bounded memory. */

/** How many attempts were good and how many were not, by buckets: a stretch is exact to one of them. */
export class Rolling {
  readonly #width: number
  readonly #good: Uint32Array
  readonly #bad: Uint32Array
  /** The number since 1970 of the newest bucket. */
  #newest = 0

  /** `span` in milliseconds. */
  constructor(span: number, buckets: number) {
    this.#width = span / buckets
    this.#good = new Uint32Array(buckets)
    this.#bad = new Uint32Array(buckets)
  }

  add(isGood: boolean, now: number): void {
    const at = this.#advance(now)
    const counts = isGood ? this.#good : this.#bad
    counts[at] = (counts[at] ?? 0) + 1
  }

  sums(now: number): { readonly good: number; readonly bad: number } {
    this.#advance(now)
    return { good: sum(this.#good), bad: sum(this.#bad) }
  }

  /** Empties the buckets that time has passed; a clock that is set back stays in the newest one. */
  #advance(now: number): number {
    const { length } = this.#good
    const current = Math.max(this.#newest, Math.floor(now / this.#width))
    for (let bucket = Math.max(this.#newest + 1, current - length + 1); bucket <= current; bucket++) {
      this.#good[bucket % length] = 0
      this.#bad[bucket % length] = 0
    }
    this.#newest = current
    return current % length
  }
}

function sum(counts: Uint32Array): number {
  let total = 0
  for (const count of counts) total += count
  return total
}

export type Quantiles = Readonly<Record<'p50' | 'p75' | 'p90' | 'p99', number>>

const kept = 128

/** The newest measurements of a stretch of time. */
export class Samples {
  readonly #span: number
  readonly #values = new Float64Array(kept)
  readonly #times = new Float64Array(kept).fill(-Infinity)
  #next = 0
  #sorted: Float64Array | null = null
  #sortedAt = 0

  /** In milliseconds. */
  constructor(span: number) {
    this.#span = span
  }

  add(value: number, now: number): void {
    this.#values[this.#next] = value
    this.#times[this.#next] = now
    this.#next = (this.#next + 1) % kept
    this.#sorted = null
  }

  /** Rising. Old ones are let go to the second. */
  sorted(now: number): Float64Array {
    if (this.#sorted !== null && Math.abs(now - this.#sortedAt) < 1000) return this.#sorted
    const values = this.#values.filter((_, index) => now - (this.#times[index] ?? 0) < this.#span).toSorted()
    this.#sorted = values
    this.#sortedAt = now
    return values
  }
}

/** What a share of them is not above: of times, the slowest that so many had. Null of none. */
export function quantilesOf(rising: Float64Array): Quantiles | null {
  return quantiles(rising.length, (index) => rising[index] ?? 0)
}

/** What a share of them is not below: of speeds, what so many reached. */
export function reachedQuantilesOf(rising: Float64Array): Quantiles | null {
  return quantiles(rising.length, (index) => rising[rising.length - 1 - index] ?? 0)
}

function quantiles(count: number, at: (index: number) => number): Quantiles | null {
  if (count === 0) return null
  const of = (percent: number): number => at(Math.ceil((percent * count) / 100) - 1)
  return { p50: of(50), p75: of(75), p90: of(90), p99: of(99) }
}
