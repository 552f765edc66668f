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

/** Iterates over all items in order, however many are asked for at once. */
export function iterateBatches<Item>(
  source: BatchSource<Item>,
): AsyncIterableIterator<Item, void, undefined> {
  const end = { done: true, value: undefined } as const
  let current = source
  let batch: readonly Item[] = []
  let place = 0
  let isOver = false
  let pending: Promise<unknown> | undefined

  function next(): Promise<IteratorResult<Item, void>> {
    if (pending !== undefined) return pending.then(next, next)
    if (place < batch.length) return Promise.resolve(take())
    if (isOver) return Promise.resolve(end)
    const arrival = pull()
    pending = arrival
    return arrival
  }

  function pull(): Promise<IteratorResult<Item, void>> {
    return current.next().then(arrived, failed)
  }

  function arrived(
    next: readonly Item[] | BatchSource<Item> | undefined,
  ): IteratorResult<Item, void> | Promise<IteratorResult<Item, void>> {
    if (isBatch(next) && next.length > 0) {
      pending = undefined
      batch = next
      place = 0
      return take()
    }
    if (next === undefined && current === source) {
      pending = undefined
      isOver = true
      return end
    }
    if (!isBatch(next)) current = next ?? source
    return pull()
  }

  function take(): IteratorResult<Item, void> {
    const value = batch[place] as Item
    place += 1
    return { done: false, value }
  }

  async function failed(error: unknown): Promise<never> {
    pending = undefined
    await leave(error)
    throw error
  }

  async function leave(cause?: unknown): Promise<IteratorResult<Item, void>> {
    batch = []
    if (isOver) return end
    isOver = true
    if (current !== source) await current.leave(cause)
    await source.leave(cause)
    return end
  }

  return {
    next,
    return: () => leave(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function isBatch<Item>(next: readonly Item[] | BatchSource<Item> | undefined): next is readonly Item[] {
  return Array.isArray(next)
}
