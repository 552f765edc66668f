/** Series of numbers by their labels, and as Prometheus reads them. */

/** A label with its values as they are written, `model="x"`; they are bounded in number: what is one too many is `other`. */
export class Label {
  readonly #name: string
  readonly #isListed: (value: string) => boolean
  readonly #written = new Map<string, string>()

  constructor(name: string, isListed: (value: string) => boolean = () => true) {
    this.#name = name
    this.#isListed = isListed
  }

  of(value: string): string {
    const known = this.#written.get(value)
    if (known !== undefined) return known
    if (this.#written.size >= mostValues || !this.#isListed(value)) return `${this.#name}="other"`
    const escaped = value
      .replaceAll('\\', String.raw`\\`)
      .replaceAll('"', String.raw`\"`)
      .replaceAll('\n', String.raw`\n`)
    const written = `${this.#name}="${escaped}"`
    this.#written.set(value, written)
    return written
  }
}

const mostValues = 1000

/** Labels are given as they are written: `route="models",status="200"`. */
export class Counter {
  readonly #name: string
  readonly #help: string
  readonly #values = new Map<string, number>()

  constructor(name: string, help: string) {
    this.#name = name
    this.#help = help
  }

  add(labels: string, amount: number): void {
    this.#values.set(labels, (this.#values.get(labels) ?? 0) + amount)
  }

  render(): string {
    const lines = Array.from(this.#values, ([labels, value]) => `${this.#name}{${labels}} ${value}\n`)
    return `# HELP ${this.#name} ${this.#help}\n# TYPE ${this.#name} counter\n${lines.join('')}`
  }
}

interface Tally {
  /** How many fell into each bucket, the last without bound. */
  readonly counts: number[]
  sum: number
}

export class Histogram {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #tallies = new Map<string, Tally>()

  /** `bounds` rise. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
  }

  observe(labels: string, value: number): void {
    let tally = this.#tallies.get(labels)
    if (tally === undefined) {
      tally = { counts: Array.from({ length: this.#bounds.length + 1 }, () => 0), sum: 0 }
      this.#tallies.set(labels, tally)
    }
    let bucket = 0
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket += 1
    tally.counts[bucket] = (tally.counts[bucket] ?? 0) + 1
    tally.sum += value
  }

  render(): string {
    const blocks = Array.from(this.#tallies, ([labels, tally]) => this.#renderTally(labels, tally))
    return `# HELP ${this.#name} ${this.#help}\n# TYPE ${this.#name} histogram\n${blocks.join('')}`
  }

  #renderTally(labels: string, { counts, sum }: Tally): string {
    let total = 0
    const buckets = counts.map((count, bucket) => {
      total += count
      return `${this.#name}_bucket{${labels},le="${this.#bounds[bucket] ?? '+Inf'}"} ${total}\n`
    })
    return `${buckets.join('')}${this.#name}_sum{${labels}} ${sum}\n${this.#name}_count{${labels}} ${total}\n`
  }
}
