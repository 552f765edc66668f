/** One run of an agent, as its caller sees it: events to iterate over, and a result. */
import { BatchIterator } from '@playhead/wire'
import { AgentError } from './error.ts'
import type { RunEvent, RunResult } from './event.ts'
import type { EventSource } from './loop.ts'
import { Patience } from './timeouts.ts'

type Sources = AsyncGenerator<EventSource, RunResult, undefined>

/**
 * Iterate over it for its events, await `result` for its end, or both. Nothing happens before one of the
 * two is asked for; while its events are not read, the model's stream waits. Leaving the iteration early
 * aborts the run.
 */
export class Run implements AsyncIterable<RunEvent> {
  readonly #sources: Sources
  readonly #timeout: number
  readonly #signal: AbortSignal | undefined
  readonly #patience = new Patience()
  readonly #controller = new AbortController()
  readonly #end = Promise.withResolvers<RunResult>()
  #isTaken = false
  #isFinished = false

  /**
   * @param start begins the work; it stops when the signal fires
   * @param timeout milliseconds that the whole of it may take
   */
  constructor(start: (signal: AbortSignal) => Sources, timeout: number, signal?: AbortSignal) {
    this.#sources = start(this.#controller.signal)
    this.#timeout = timeout
    this.#signal = signal
    // Who only iterates learns of a failure there: the result is not left behind as unhandled.
    this.#end.promise.catch(() => {})
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
    if (this.#signal?.aborted === true) this.#follow()
    this.#signal?.addEventListener('abort', this.#follow)
    this.#patience.wait(this.#timeout, this.#expire)
    return new BatchIterator({ next: () => this.#next(), leave: (cause) => this.#leave(cause) })
  }

  readonly #expire = (): void => {
    const why = `The run took more than ${this.#timeout} ms (timeouts.run)`
    this.#controller.abort(new AgentError('timeout', why))
  }

  #unfollow(): void {
    this.#patience.stop()
    this.#signal?.removeEventListener('abort', this.#follow)
  }

  readonly #follow = (): void => this.abort(this.#signal?.reason)

  /** The result is there when its event is: who leaves at that one has left nothing early. */
  async #next(): Promise<EventSource | undefined> {
    if (this.#isFinished) return undefined
    const { done, value } = await this.#sources.next()
    if (done !== true) return value
    this.#isFinished = true
    this.#unfollow()
    this.#end.resolve(value)
    return [{ type: 'finish', result: value }]
  }

  /** Tools that still run get the signal, also when it is a failure that ended the run. */
  async #leave(cause: unknown): Promise<void> {
    if (this.#isFinished) return
    this.#unfollow()
    if (cause === undefined) this.abort()
    else this.#controller.abort(cause)
    this.#end.reject(cause ?? this.#controller.signal.reason)
    await this.#sources.return(undefined as never)
  }

  async #readAll(): Promise<void> {
    try {
      for await (const _ of this);
    } catch {
      // The result says so.
    }
  }
}
