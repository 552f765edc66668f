/** Group commit: operations that come together are carried out together. */
import { StoreError } from './store.ts'

/** Something to be done, by somebody who waits for it. */
export interface Waiting {
  reject(error: StoreError): void
}

export interface Groups<Operation> {
  add(operation: Operation): void
  /** Fulfilled when nothing is under way. */
  idle(): Promise<void>
}

export interface GroupOptions<Operation> {
  /** Operations in one group, at most. */
  readonly most: number
  /** Groups under way at once, at most. */
  readonly atOnce: number
  /** Milliseconds that an operation may wait for its group to begin. */
  readonly patience: number
  /**
   * Runs a group in one transaction and gives the callbacks that tell those who wait. A StoreError fails all; on any other
   * error each operation is retried alone.
   */
  run(operations: readonly Operation[]): Promise<readonly (() => void)[]>
  /** Told of operations that were refused because the database did not answer: they may have been carried out or not. */
  doubt(operations: readonly Operation[]): void
}

export function groupsOf<Operation extends Waiting>(options: GroupOptions<Operation>): Groups<Operation> {
  let waiting: Operation[] = []
  let running = 0
  let isScheduled = false
  let impatience: NodeJS.Timeout | undefined
  const idlers: (() => void)[] = []

  function schedule(): void {
    if (isScheduled || running >= options.atOnce || waiting.length === 0) return
    isScheduled = true
    setImmediate(begin)
  }

  function begin(): void {
    isScheduled = false
    const group = waiting
    waiting = group.length > options.most ? group.splice(options.most) : []
    clearTimeout(impatience)
    impatience = undefined
    if (waiting.length > 0) hurry()
    running++
    void carryOut(group, options).finally(() => {
      running--
      schedule()
      if (running > 0 || waiting.length > 0) return
      for (const idler of idlers.splice(0)) idler()
    })
    schedule()
  }

  function hurry(): void {
    impatience ??= setTimeout(giveUp, options.patience)
  }

  function giveUp(): void {
    impatience = undefined
    const tired = waiting.splice(0)
    options.doubt(tired)
    for (const operation of tired) {
      operation.reject(
        new StoreError(`The store is busy: it began nothing new for ${options.patience / 1000} s.`),
      )
    }
    if (running > 0) return
    for (const idler of idlers.splice(0)) idler()
  }

  return {
    add(operation) {
      waiting.push(operation)
      if (running >= options.atOnce) hurry()
      schedule()
    },
    idle: () =>
      running === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => void idlers.push(resolve)),
  }
}

async function carryOut<Operation extends Waiting>(
  group: readonly Operation[],
  options: GroupOptions<Operation>,
): Promise<void> {
  try {
    for (const tell of await options.run(group)) tell()
  } catch (error) {
    if (group.length > 1 && !(error instanceof StoreError)) {
      for (const operation of group) await carryOut([operation], options)
      return
    }
    if (error instanceof StoreError) options.doubt(group)
    for (const operation of group) operation.reject(storeError(error))
  }
}

function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new StoreError(`The store cannot keep this: ${message}`, { cause: error })
}
