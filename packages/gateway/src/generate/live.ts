/** What is under way, so that a shutdown can wait for it, and end what takes too long. */
import { failure } from '@playhead/wire'
import type { Generation } from './generation.ts'

export class Live {
  readonly #generations = new Set<Generation>()
  readonly #onChange: (change: 1 | -1) => void
  #isOver = false
  /** Who waits until nothing is under way. */
  readonly #idlers: (() => void)[] = []

  /** `onChange` is told of each that begins and ends. */
  constructor(onChange: (change: 1 | -1) => void) {
    this.#onChange = onChange
  }

  get size(): number {
    return this.#generations.size
  }

  began(generation: Generation): void {
    this.#generations.add(generation)
    this.#onChange(1)
    if (this.#isOver) generation.stop(shuttingDown)
  }

  ended(generation: Generation): void {
    this.#generations.delete(generation)
    this.#onChange(-1)
    if (this.#generations.size > 0) return
    for (const idler of this.#idlers.splice(0)) idler()
  }

  /**
   * Fulfilled when nothing is under way any more; what still is after so many milliseconds ends with an error event, and so
   * does what begins later.
   */
  async end(grace: number): Promise<void> {
    const timer = setTimeout(() => this.stop(), grace)
    while (this.#generations.size > 0) await new Promise<void>((resolve) => void this.#idlers.push(resolve))
    clearTimeout(timer)
  }

  /** Ends all that is under way, and what begins from now on. */
  stop(): void {
    this.#isOver = true
    for (const generation of this.#generations) generation.stop(shuttingDown)
  }
}

const shuttingDown = failure('overloaded', 'The gateway is shutting down; ask again')
