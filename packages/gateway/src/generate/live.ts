/** What is under way, so that a shutdown can wait for it, and end what takes too long. */
import { failure } from '@playhead/wire'
import type { Generation } from './generation.ts'

export class Live {
  readonly #generations = new Map<Generation, Promise<void>>()
  readonly #onChange: (change: 1 | -1) => void

  /** `onChange` is told of each that begins and ends. */
  constructor(onChange: (change: 1 | -1) => void) {
    this.#onChange = onChange
  }
  #isOver = false

  get size(): number {
    return this.#generations.size
  }

  async during(generation: Generation, work: () => Promise<void>): Promise<void> {
    const promise = work()
    this.#generations.set(generation, promise)
    this.#onChange(1)
    if (this.#isOver) generation.stop(shuttingDown)
    try {
      await promise
    } finally {
      this.#generations.delete(generation)
      this.#onChange(-1)
    }
  }

  /**
   * Fulfilled when nothing is under way any more; what still is after so many milliseconds ends with an error event, and so
   * does what begins later.
   */
  async end(grace: number): Promise<void> {
    const timer = setTimeout(() => this.stop(), grace)
    while (this.#generations.size > 0) await Promise.allSettled(this.#generations.values())
    clearTimeout(timer)
  }

  /** Ends all that is under way, and what begins from now on. */
  stop(): void {
    this.#isOver = true
    for (const generation of this.#generations.keys()) generation.stop(shuttingDown)
  }
}

const shuttingDown = failure('overloaded', 'The gateway is shutting down; ask again')
