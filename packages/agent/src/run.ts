/** One run of an agent, as its caller sees it: events to iterate over, and a result. */
import { AgentError } from './error.ts'
import type { RunEvent, RunResult } from './event.ts'

type Batches = AsyncGenerator<readonly RunEvent[], RunResult, undefined>

/**
 * Iterate over it for its events, await `result` for its end, or both. Nothing happens before one of the
 * two is asked for; while its events are not read, the model's stream waits. Leaving the iteration early
 * aborts the run.
 */
export class Run implements AsyncIterable<RunEvent> {
  readonly #batches: Batches
  readonly #controller: AbortController
  readonly #end = Promise.withResolvers<RunResult>()
  #isTaken = false

  /** @param start begins the work; it stops when the signal fires */
  constructor(start: (signal: AbortSignal) => Batches, signal?: AbortSignal) {
    this.#controller = new AbortController()
    this.#batches = start(this.#controller.signal)
    // Who only iterates learns of a failure there: the result is not left behind as unhandled.
    this.#end.promise.catch(() => {})
    if (signal?.aborted === true) this.abort(signal.reason)
    signal?.addEventListener('abort', () => this.abort(signal.reason), { once: true })
  }

  /**
   * How the run ends. Rejects with an AgentError (`model`, `aborted`, …), or with what the given fetch threw.
   * Asking for it runs the agent, unless the events are iterated over.
   */
  get result(): Promise<RunResult> {
    queueMicrotask(() => {
      if (!this.#isTaken) void this.#readAll()
    })
    return this.#end.promise
  }

  /** Ends the run now: the request is aborted, tools get the signal, the result rejects. */
  abort(cause?: unknown): void {
    this.#controller.abort(new AgentError('aborted', 'The run was aborted', { cause }))
  }

  /** The events, once. Throws an AgentError when they are being read already. */
  [Symbol.asyncIterator](): AsyncIterator<RunEvent, void, undefined> {
    if (this.#isTaken) throw new AgentError('configuration', 'The events of this run are being read already')
    this.#isTaken = true
    let batch: readonly RunEvent[] = []
    let place = 0
    let pulling: Promise<unknown> | undefined

    const pull = async (): Promise<IteratorResult<RunEvent, void>> => {
      const next = await this.#nextBatch()
      pulling = undefined
      if (next === undefined) return { done: true, value: undefined }
      batch = next
      place = 0
      return take()
    }
    // An event that is here already costs no more than a resolved promise.
    const take = (): Promise<IteratorResult<RunEvent, void>> => {
      if (pulling !== undefined) return pulling.then(take, take)
      const event = batch[place]
      place += 1
      if (event !== undefined) return Promise.resolve({ done: false, value: event })
      const pulled = pull()
      pulling = pulled
      return pulled
    }
    return { next: take, return: () => this.#leave() }
  }

  async #nextBatch(): Promise<readonly RunEvent[] | undefined> {
    try {
      const { done, value } = await this.#batches.next()
      if (done !== true) return value
      this.#end.resolve(value)
      return undefined
    } catch (error) {
      this.#end.reject(error)
      throw error
    }
  }

  async #leave(): Promise<IteratorResult<RunEvent, void>> {
    this.abort()
    this.#end.reject(this.#controller.signal.reason)
    await this.#batches.return(undefined as never)
    return { done: true, value: undefined }
  }

  async #readAll(): Promise<void> {
    try {
      for await (const _ of this);
    } catch {
      // The result says so.
    }
  }
}
