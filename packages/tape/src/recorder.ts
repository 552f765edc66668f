/** A recorder: a `fetch` that replays a cassette, or records one. */
import { readCassette, writeCassette } from './cassette-file.ts'
import { type Clock, scaledClock, virtualClock } from './clock.ts'
import { TapeError } from './error.ts'
import { type Cassette, newGoVcrCassette } from './go-vcr/format.ts'
import { type Fetch, readRequest, type ReadRequest, toHeaderList, toResponse } from './http.ts'
import type { Interaction } from './interaction.ts'
import { type RequestIdentity, Shelf, strictKey } from './match.ts'
import { describeMiss } from './miss.ts'
import { actions, type Found, type Mode } from './mode.ts'
import { Recording } from './recording.ts'
import { redactorFor } from './redact.ts'

/** How a cassette is replayed or recorded. */
export interface RecordOptions {
  /** Default `once`. */
  readonly mode?: Mode
  /** How fast a replay answers: 1 as recorded, 2 twice as fast, 0 (the default) at once, on a virtual clock. */
  readonly speed?: number
  /** What goes to the network. Default: the platform's. */
  readonly fetch?: Fetch
}

/**
 * Puts a cassette (go-vcr 2, `*.yaml`) behind a `fetch`. Throws a TapeError when the file is not a
 * cassette, or when there is none and the mode does not record.
 */
export async function record(file: string, options: RecordOptions = {}): Promise<Recorder> {
  const { mode = 'once', speed = 0, fetch = globalThis.fetch } = options
  const cassette = mode === 'live' ? undefined : await readCassette(file)
  if (cassette === undefined && actions[mode].absent === 'fail') {
    throw new TapeError('absent', 'there is no such cassette; mode "once" records it', { file })
  }
  return new Recorder(file, { mode, speed, fetch }, cassette)
}

/** Made by `record`. What it has recorded is saved by `stop`, or at the end of an `await using`. */
export class Recorder implements AsyncDisposable {
  readonly file: string
  readonly mode: Mode
  /** Time for whatever runs on this recorder: a replay at speed 0 takes none of the machine's. */
  readonly clock: Clock
  /** Chance for whatever runs on this recorder: a replay has none. */
  readonly random: () => number
  readonly #options: Required<RecordOptions>
  readonly #cassette: Cassette | undefined
  readonly #shelf: Shelf
  readonly #recordings: Recording[] = []

  constructor(file: string, options: Required<RecordOptions>, cassette: Cassette | undefined) {
    this.file = file
    this.mode = options.mode
    this.#options = options
    this.#cassette = cassette
    this.#shelf = new Shelf(cassette?.interactions ?? [], strictKey)
    this.clock = this.isReplaying ? replayClock(options.speed) : scaledClock(1)
    this.random = this.isReplaying ? () => 0 : Math.random
  }

  /** Whether nothing will go to the network. */
  get isReplaying(): boolean {
    const { absent, miss } = actions[this.mode]
    return (this.#cassette === undefined ? absent : miss) === 'fail'
  }

  /** Recorded interactions that no request has asked for yet, in recorded order. */
  get unused(): readonly Interaction[] {
    return this.#shelf.unused
  }

  /** The platform's `fetch`, on tape. Rejects with a TapeError for a request that is not, where none is recorded. */
  readonly fetch: Fetch = async (input, init) => {
    const { fetch } = this.#options
    if (actions[this.mode].absent === 'pass') return fetch(input, init)
    const request = await readRequest(input, init)
    request.signal?.throwIfAborted()
    const interaction = this.#take(request)
    const found: Found = this.#cassette === undefined ? 'absent' : interaction === undefined ? 'miss' : 'hit'
    const action = actions[this.mode][found]
    if (action === 'record') return this.#record(request)
    if (interaction === undefined) throw this.#miss(request)
    return this.#replay(interaction, request)
  }

  /**
   * Saves what was recorded. What is still arriving is saved as far as it has come, and a body that
   * nobody began to read is not: a replay would say that it is empty.
   */
  async stop(): Promise<void> {
    const recorded = this.#recordings.flatMap((recording) => recording.exchange ?? [])
    if (recorded.length === 0) return
    const cassette = this.#cassette ?? newGoVcrCassette()
    const kept = this.mode === 'all' ? [] : cassette.interactions
    const interactions = [
      ...kept,
      ...recorded.map((exchange, index) => ({ id: kept.length + index, ...exchange })),
    ]
    await writeCassette(this.file, { ...cassette, interactions })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** A request that repeats its key in its path or its body stands on a tape of ours without it. */
  #take(request: ReadRequest): Interaction | undefined {
    return this.#shelf.take(request) ?? this.#shelf.take(redacted(request))
  }

  async #replay(interaction: Interaction, { signal }: ReadRequest): Promise<Response> {
    if (this.isReplaying) await this.clock.sleep(interaction.response.duration, signal)
    return toResponse(interaction)
  }

  async #record(request: ReadRequest): Promise<Response> {
    const recording = new Recording(request)
    this.#recordings.push(recording)
    return recording.send(this.#options.fetch)
  }

  #miss(request: ReadRequest): TapeError {
    const { interactions = [] } = this.#cassette ?? {}
    const what = describeMiss(redacted(request), interactions, this.unused)
    return new TapeError('miss', `${what}\n  mode "new" records it`, { file: this.file })
  }
}

function redacted({ method, url, headers, body }: ReadRequest): RequestIdentity {
  const list = toHeaderList(headers)
  const redactor = redactorFor(url, list)
  return { method, url: redactor.url(url), body: redactor.body(body, list) }
}

function replayClock(speed: number): Clock {
  return speed === 0 ? virtualClock() : scaledClock(speed)
}
