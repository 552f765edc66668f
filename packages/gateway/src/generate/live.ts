/** What is under way, so that a shutdown can wait for it, and end what takes too long. */
import { failure } from '@playhead/wire'
import type { Generation } from './generation.ts'

type UnderWay = Pick<Generation, 'stop'>

export class Live {
  /**
   * No Set: a Set's table is made anew every so often, and the old one leads to it. Once an old one has outlived a few
   * collections, all that was ever in the newer ones waits for a full collection: every question, with its text.
   */
  readonly #generations: UnderWay[] = []
  readonly #onChange: (change: 1 | -1) => void
  #isOver = false
  /** Who waits until nothing is under way. */
  readonly #idlers: (() => void)[] = []

  /** `onChange` is told of each that begins and ends. */
  constructor(onChange: (change: 1 | -1) => void) {
    this.#onChange = onChange
  }

  get size(): number {
    return this.#generations.length
  }

  began(generation: UnderWay): void {
    this.#generations.push(generation)
    this.#onChange(1)
    if (this.#isOver) generation.stop(shuttingDown)
  }

  ended(generation: UnderWay): void {
    const place = this.#generations.indexOf(generation)
    const last = this.#generations.pop()
    if (last !== undefined && last !== generation) this.#generations[place] = last
    this.#onChange(-1)
    if (this.#generations.length > 0) return
    for (const idler of this.#idlers.splice(0)) idler()
  }

  /**
   * Fulfilled when nothing is under way any more; what still is after so many milliseconds ends with an error event, and so
   * does what begins later.
   */
  async end(grace: number): Promise<void> {
    const timer = setTimeout(() => this.stop(), grace)
    while (this.#generations.length > 0) await new Promise<void>((resolve) => void this.#idlers.push(resolve))
    clearTimeout(timer)
  }

  /** Ends all that is under way, and what begins from now on. */
  stop(): void {
    this.#isOver = true
    // One that is stopped may end at once.
    for (const generation of this.#generations.slice()) generation.stop(shuttingDown)
  }
}

const shuttingDown = failure('overloaded', 'The gateway is shutting down; ask again')
