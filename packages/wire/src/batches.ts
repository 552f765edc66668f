/**
 * One iterator over items that arrive in batches. An item that is here already costs one resolved promise,
 * a batch two: an async generator would cost a good deal more at each level.
 */

/** Where batches come from. Asked for one at a time. */
export interface BatchSource<Item> {
  /**
   * The next batch, which may be empty; or another source, to be read to its end before this one goes on;
   * undefined when there is no more.
   */
  next(): Promise<readonly Item[] | BatchSource<Item> | undefined>
  /** Called once when the iteration ends before the source does: its reader left, or a source failed with a cause. */
  leave(cause?: unknown): Promise<void>
}

type Arrival<Item> = readonly Item[] | BatchSource<Item> | undefined
type Result<Item> = IteratorResult<Item, void>

/** Iterates over all items of a source in order, however many are asked for at once. */
export class BatchIterator<Item> implements AsyncIterableIterator<Item, void, undefined> {
  readonly #source: BatchSource<Item>
  /** What is read now: the source, or another one that it handed out. */
  #current: BatchSource<Item>
  #batch: readonly Item[] = []
  #place = 0
  #isOver = false
  #pending: Promise<Result<Item>> | undefined
  #queued: Promise<Result<Item>> | undefined

  constructor(source: BatchSource<Item>) {
    this.#source = source
    this.#current = source
  }

  /** Who asked first is served first, also where another asks anew between an answer and the next one. */
  next(): Promise<Result<Item>> {
    const before = this.#queued ?? this.#pending
    if (before === undefined) return this.#serve()
    const mine = before.then(this.#serve, this.#serve)
    const leaveQueue = (): void => {
      if (this.#queued === mine) this.#queued = undefined
    }
    this.#queued = mine
    mine.then(leaveQueue, leaveQueue)
    return mine
  }

  async return(): Promise<Result<Item>> {
    await this.#leave()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  readonly #serve = (): Promise<Result<Item>> => {
    if (this.#place < this.#batch.length) return Promise.resolve(this.#take())
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined })
    const arrival = this.#current.next().then(this.#arrived, this.#failed)
    this.#pending = arrival
    return arrival
  }

  #take(): Result<Item> {
    const value = this.#batch[this.#place] as Item
    this.#place += 1
    return { done: false, value }
  }

  readonly #arrived = (next: Arrival<Item>): Result<Item> | Promise<Result<Item>> => {
    if (isBatch(next) && next.length > 0) {
      this.#pending = undefined
      this.#batch = next
      this.#place = 0
      return this.#take()
    }
    if (next === undefined && this.#current === this.#source) {
      this.#pending = undefined
      this.#isOver = true
      return { done: true, value: undefined }
    }
    if (!isBatch(next)) this.#current = next ?? this.#source
    return this.#current.next().then(this.#arrived, this.#failed)
  }

  readonly #failed = async (error: unknown): Promise<never> => {
    this.#pending = undefined
    await this.#leave(error)
    throw error
  }

  async #leave(cause?: unknown): Promise<void> {
    this.#batch = []
    if (this.#isOver) return
    this.#isOver = true
    await this.#source.leave(cause)
    if (this.#current !== this.#source) await this.#current.leave(cause)
  }
}

function isBatch<Item>(next: Arrival<Item>): next is readonly Item[] {
  return Array.isArray(next)
}
