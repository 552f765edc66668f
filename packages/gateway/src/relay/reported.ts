/** Token counts and cost that a stream's frames report before the stream is over. */
import type { Cost, DialectClient, Provider, Usage } from '@playhead/wire'

export interface Reported {
  readonly usage: Usage | null
  readonly cost: Cost | null
}

const nothing: Reported = { usage: null, cost: null }

/**
 * Keeps the first frame with a token count (Anthropic's input) and the last (running totals); a second decoder reads both,
 * as a stream that broke off.
 */
export class ReportedUsage {
  readonly #client: DialectClient
  readonly #provider: Provider
  #first: Uint8Array | null = null
  #last: Uint8Array | null = null
  #known: Reported | null = nothing

  constructor(client: DialectClient, provider: Provider) {
    this.#client = client
    this.#provider = provider
  }

  /** A frame with a count. It is copied: a frame is small, and what it is cut from may not be. */
  take(frame: Uint8Array): void {
    const copy = frame.slice()
    this.#first ??= copy
    this.#last = copy
    this.#known = null
  }

  /** As of the last of them. */
  get value(): Reported {
    this.#known ??= this.#read()
    return this.#known
  }

  #read(): Reported {
    const decoder = this.#client.decodeStream(this.#provider)
    const frames = this.#first === this.#last ? [this.#last] : [this.#first, this.#last]
    const events = [...frames, brokenOff].flatMap((frame) => (frame === null ? [] : decoder.push(frame)))
    const last = events.at(-1)
    if (last?.type === 'finish') return last.answer
    return last?.type === 'error' ? last.failure : nothing
  }
}

/** An error in every dialect. */
const brokenOff = new TextEncoder().encode('event: error\ndata: {"error":{}}\n\n')
