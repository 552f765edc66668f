/** A recorder: a `fetch` that replays a cassette, or records one. */
import { setImmediate } from 'node:timers/promises'
import { type Clock, scaledClock, virtualClock } from './clock.ts'
import { TapeError } from './error.ts'
import { type Fault, Faults } from './faults/fault.ts'
import { layFault, type SayError } from './faults/lay.ts'
import { type Fetch, readRequest, type ReadRequest, toHeaderList } from './http.ts'
import { install, withinScope } from './install/install.ts'
import type { Interaction } from './interaction.ts'
import { digest, type RequestIdentity } from './match.ts'
import { describeMiss } from './miss.ts'
import { actions, type Found, type Mode } from './mode.ts'
import type { RecordOptions } from './options.ts'
import type { Playback } from './playback.ts'
import { absent, prepare, type Prepared } from './prepare.ts'
import { createRedaction } from './redact.ts'
import type { Redaction } from './redaction.ts'
import { respond } from './replay.ts'
import type { Overlay } from './reply.ts'
import { type InstalledFetch, onNetwork } from './scope.ts'
import { Session } from './session.ts'

export type { RecordOptions } from './options.ts'

/**
 * Puts a cassette behind a `fetch`: a native tape, or go-vcr 2 where the name ends with `.yaml`; cassettes of other
 * formats replay. Throws a TapeError when the file is not a cassette, when there is none and the mode does not record,
 * or when somebody else records on it.
 */
export async function record(file: string, options: RecordOptions = {}): Promise<Recorder> {
  return new Recorder(file, options, await prepare(file, options))
}

/** Made by `record`. What it has recorded is saved by `stop`, or at the end of an `await using`. */
export class Recorder implements AsyncDisposable {
  readonly file: string
  readonly mode: Mode
  /** Time for whatever runs on this recorder: a replay at speed 0 takes none of the machine's. */
  readonly clock: Clock
  /** Chance for whatever runs on this recorder: a replay has none. */
  readonly random: () => number
  /** Whether nothing will go to the network. */
  readonly isReplaying: boolean
  readonly #prepared: Prepared
  readonly #network: Fetch
  /** Whether it was handed a `fetch`. */
  readonly #hasOwnNetwork: boolean
  readonly #redaction: Redaction
  readonly #faults: Faults
  readonly #overlays: readonly Overlay[]
  /** On which answers come; null where they come at once. */
  readonly #pace: Clock | null
  readonly #session: Session
  /** Undoes what `install` did. */
  readonly #installs: (() => void)[] = []
  /** What the latest replayed requests carried, which later ones may tell: looked at when one of those is new. */
  #carried: (readonly [url: string, headers: Headers])[] = []
  /** Requests whose bodies are being read, the latest of them last. */
  #reading: Promise<unknown> | undefined

  constructor(file: string, options: RecordOptions, prepared: Prepared) {
    const { mode = 'once', speed = 0, overlays = [], redact } = options
    const { modes, playback } = prepared
    const found: Found = playback === undefined ? 'absent' : 'miss'
    this.file = file
    this.mode = mode
    this.isReplaying = modes.all.every((one) => actions[one][found] === 'fail')
    const pace = speed === 0 ? (this.isReplaying ? virtualClock() : null) : scaledClock(speed)
    this.clock = options.clock ?? (this.isReplaying && pace !== null ? pace : scaledClock(1))
    this.random = this.isReplaying ? () => 0 : Math.random
    this.#pace = options.clock ?? pace
    this.#prepared = prepared
    this.#hasOwnNetwork = options.fetch !== undefined
    this.#network = networkBy(options.fetch)
    this.#redaction = createRedaction(redact)
    this.#faults = new Faults(prepared.faults)
    this.#overlays = overlays
    this.#session = new Session(file, prepared, this.#redaction)
  }

  /** Interactions that no request has asked for yet, in recorded order. */
  get unused(): readonly Interaction[] {
    const { playback } = this.#prepared
    return playback?.unused.map((place) => playback.cassette.at(place)) ?? []
  }

  /** Interactions that say again what an earlier one says: an equal request, and the same answer. */
  get duplicates(): readonly Interaction[] {
    return this.#prepared.playback?.duplicates ?? []
  }

  /** What was wrong with the cassette and did not keep it from being read, one line each. */
  get warnings(): readonly string[] {
    return this.#prepared.playback?.cassette.warnings ?? []
  }

  /** The platform's `fetch`, on tape. Rejects with a TapeError for a request that is not, where none is recorded. */
  readonly fetch: Fetch = (input, init) => this.#answer(input, init, this.#network)

  /** The same for a call that has its own way to the network, taken unless the recorder was handed a `fetch`. */
  readonly answer: InstalledFetch = (input, init, network) =>
    this.#answer(input, init, this.#hasOwnNetwork ? this.#network : network)

  /**
   * Puts on tape what code does that cannot be handed a `fetch`: the global one, undici's global dispatcher, `node:http`
   * and `node:https`. Undone by what it gives, and by `stop`; of several recorders the latest answers.
   */
  install(): () => void {
    const undo = install(this.answer)
    this.#installs.push(undo)
    return undo
  }

  /** Runs something whose calls, and those of all that it waits for, are on this tape as if it were installed for them alone. */
  scope<T>(run: () => T | Promise<T>): Promise<T> {
    return withinScope(this.answer, run)
  }

  async #answer(
    input: string | URL | Request,
    init: RequestInit | undefined,
    network: Fetch,
  ): Promise<Response> {
    const { modes, playback } = this.#prepared
    if (modes.passes(input)) return network(input, init)
    const read = readRequest(input, init)
    const request = read instanceof Promise || this.#reading !== undefined ? await this.#inTurn(read) : read
    request.signal?.throwIfAborted()
    const row = actions[modes.of(request.url)]
    const hit = playback !== undefined && row.hit === 'replay' ? this.#find(request, playback) : undefined
    const found: Found = playback === undefined ? 'absent' : hit === undefined ? 'miss' : 'hit'
    const action = row[found]
    if (action === 'record') {
      this.#learnCarried()
      return this.#session.send(request, network)
    }
    if (playback === undefined || hit === undefined) throw this.#miss(request)
    return this.#replay(playback, hit, request)
  }

  /**
   * Puts a remark on the tape (JSON) where the recording stands: which test began, what a tool gave. Nothing where nothing
   * is recorded, and on go-vcr cassettes, which have no place for it.
   */
  note(value: unknown): void {
    this.#session.note(value)
  }

  /**
   * Saves what was recorded and lets the tape go. What is still arriving is there as far as it has come. Throws a
   * TapeError where not all could be written, and where something was recorded that looks like a secret.
   */
  async stop(): Promise<void> {
    for (const undo of this.#installs.splice(0)) undo()
    await this.#session.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Bodies that take time to be read keep the order of their calls, unless that takes a while: no call waits for it. */
  #inTurn(read: ReadRequest | Promise<ReadRequest>): Promise<ReadRequest> {
    const before = this.#reading
    const wait = async (): Promise<ReadRequest> => {
      const request = await read
      if (before !== undefined) await Promise.race([before, setImmediate()])
      return request
    }
    const own = wait()
    const settle = async (): Promise<void> => {
      await own.catch(forget)
      if (this.#reading === settled) this.#reading = undefined
    }
    const settled = settle()
    this.#reading = settled
    return own
  }

  /** A request that repeats its key in its path or its body stands on a tape of ours without it. */
  #find(request: ReadRequest, playback: Playback): Hit | undefined {
    const { matcher } = this.#prepared
    const { identity } = request
    const hit = this.#take(playback.digestOf(identity) ?? digest(matcher.key(identity)), playback)
    if (hit === undefined) return this.#take(digest(matcher.key(this.#clean(request))), playback)
    if (this.#carried.push([request.url, request.sent]) > mostCarried) this.#carried.shift()
    return hit
  }

  #learnCarried(): void {
    for (const [url, headers] of this.#carried) this.#redaction.exchange(url, toHeaderList(headers))
    this.#carried = []
  }

  /** What meets a fault is not used up: a retry finds what was recorded. */
  #take(text: string, playback: Playback): Hit | undefined {
    const next = playback.peek(text)
    const fault = next === undefined ? undefined : this.#faults.next(next)
    const place = fault === undefined ? playback.take(text) : next
    return place === undefined ? undefined : { place, fault }
  }

  #replay(playback: Playback, { place, fault }: Hit, request: ReadRequest): Promise<Response> {
    const { meaning } = this.#prepared.how
    const recorded = playback.replyAt(place)
    const sayError: SayError = (status, message) => meaning?.error?.(request, status, message)
    const faulty = fault === undefined ? recorded : layFault(fault, recorded, sayError)
    const reply = this.#overlays.reduce((below, overlay) => overlay(below, place), faulty)
    return respond(reply, request, this.#pace, { file: this.file, id: place })
  }

  #miss(request: ReadRequest): TapeError {
    const { playback, how } = this.#prepared
    if (playback === undefined) return absent(this.file)
    const { cassette, digests, course } = playback
    const redact = (one: RequestIdentity): RequestIdentity => this.#clean(one)
    const what = describeMiss(redact(request), { cassette, digests, ...course, how, redact })
    return new TapeError('miss', what, { file: this.file, recordedBy: 'new' })
  }

  /** Without its secrets. */
  #clean({ method, url, headers = [], body }: RequestIdentity): RequestIdentity {
    this.#learnCarried()
    const redactor = this.#redaction.exchange(url, headers)
    return {
      method,
      url: redactor.url(url),
      headers: redactor.headers(headers),
      body: redactor.body(body, headers),
    }
  }
}

const mostCarried = 32

/** Nothing on this way is put on tape again. */
function networkBy(fetch: Fetch = globalThis.fetch): Fetch {
  return (input, init) => onNetwork(() => fetch(input, init))
}

function forget(): void {
  // Whoever called is told.
}

/** What answers a request, and what goes wrong on the way. */
interface Hit {
  readonly place: number
  readonly fault: Fault | undefined
}
