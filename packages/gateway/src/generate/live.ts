/** What is under way, so that a shutdown can wait for it, and end what takes too long. */
import { failure } from '@playhead/wire'
import type { Generation } from './generation.ts'

export class Live {
  readonly #generations = new Map<Generation, Promise<void>>()

  get size(): number {
    return this.#generations.size
  }

  async during(generation: Generation, work: () => Promise<void>): Promise<void> {
    const promise = work()
    this.#generations.set(generation, promise)
    try {
      await promise
    } finally {
      this.#generations.delete(generation)
    }
  }

  /** Fulfilled when nothing is under way any more; what still is after so many milliseconds ends with an error event. */
  async end(grace: number): Promise<void> {
    const timer = setTimeout(() => {
      for (const generation of this.#generations.keys()) generation.stop(shuttingDown)
    }, grace)
    while (this.#generations.size > 0) await Promise.allSettled(this.#generations.values())
    clearTimeout(timer)
  }
}

const shuttingDown = failure('overloaded', 'The gateway is shutting down; ask again')
