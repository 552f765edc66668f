/** One call of a model: encode, send, decode. */
import {
  type Answer,
  authOf,
  type BatchSource,
  type ByteReader,
  type Failure,
  failure,
  keyHeader,
  type PartEvent,
  readRest,
  type StreamDecoder,
  type StreamEvent,
  type UnsignedRequest,
} from '@playhead/wire'
import type { Clock } from './clock.ts'
import { AgentError } from './error.ts'
import { orAborted } from './limit.ts'
import { keyOf, type Model, placeOf } from './providers.ts'
import { Patience, type Timeouts } from './timeouts.ts'

/** As much of the platform's `fetch` as a run needs. A recorder's is one, and so is the global one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What a run does to the world, handed in. */
export interface Effects {
  readonly fetch: Fetch
  readonly clock: Clock
  /** A number from 0 up to 1. */
  readonly random: () => number
  readonly signal: AbortSignal
}

/**
 * One request, and its answer's events in the batches in which they arrive. When they are over, `outcome`
 * says how it ended. Rejects with what `fetch` throws, unless that is a failure of the network, and with
 * the signal's reason when it fires.
 */
export class Attempt implements BatchSource<PartEvent> {
  outcome: Answer | Failure | undefined
  /** Whether an event of the answer has come. */
  hasBegun = false
  /** The outcome, before the stream behind it has been read. */
  #ending: Answer | Failure | undefined
  /** Why the answer is cut off, where that is known: a timeout, a broken connection. */
  #cause: Failure | undefined
  readonly #model: Model
  readonly #body: string
  readonly #timeouts: Timeouts
  readonly #effects: Effects
  readonly #decoder: StreamDecoder
  readonly #patience = new Patience()
  readonly #controller = new AbortController()
  #reader: ByteReader | undefined
  /** What must not be shown: what was sent to prove who asks, and what the model's own headers say. */
  #secrets: readonly string[] = []

  constructor(model: Model, body: string, timeouts: Timeouts, effects: Effects) {
    this.#model = model
    this.#body = body
    this.#timeouts = timeouts
    this.#effects = effects
    this.#decoder = model.dialect.decodeStream(model.provider)
  }

  next(): Promise<readonly PartEvent[] | undefined> {
    if (this.#ending !== undefined) return this.#close(this.#ending)
    this.#patience.resume()
    return this.#reader === undefined ? this.#send() : this.#reader.read().then(this.#take, this.#break)
  }

  leave(): Promise<void> {
    this.#effects.signal.removeEventListener('abort', this.#abort)
    this.#patience.stop()
    this.#cancel()
    return Promise.resolve()
  }

  async #send(): Promise<readonly PartEvent[]> {
    const { signal } = this.#effects
    try {
      signal.throwIfAborted()
      signal.addEventListener('abort', this.#abort)
      this.#waitFor('connect', 'No answer')
      const response = await this.#request()
      this.#waitFor('firstEvent', 'No event')
      if (response.ok && response.body !== null) {
        this.#reader = response.body.getReader()
      } else {
        const body = await orAborted(response.text(), this.#controller.signal)
        // A provider that refuses a key may repeat it, also where a long body is cut.
        this.#end(this.#model.dialect.decodeError(response.status, response.headers, this.#hide(body)))
      }
    } catch (error) {
      this.#end(this.#cause ?? networkFailure(error, signal))
    }
    return []
  }

  #request(): Promise<Response> {
    const { signal } = this.#controller
    const request = this.#ask(signal)
    return orAborted(request, signal).catch((error: unknown) => {
      discard(request)
      throw error
    })
  }

  async #ask(signal: AbortSignal): Promise<Response> {
    const model = this.#model
    const request = { url: urlOf(model), method: 'POST', headers: headersOf(model), body: this.#body }
    const proof = await proofOf(model, request)
    signal.throwIfAborted()
    const said = Object.values({ ...proof, ...model.headers }).map((value) => value.replace(/^Bearer /, ''))
    // Shorter ones are words that stand in many places.
    this.#secrets = said.filter(({ length }) => length >= 8)
    const { url, ...init } = request
    const headers = { ...request.headers, ...proof, ...model.headers }
    // A redirect would turn the question into a GET of something else.
    return this.#effects.fetch(url, { ...init, headers, signal, redirect: 'manual' })
  }

  #waitFor(name: 'connect' | 'firstEvent' | 'idle', missing: string): void {
    const milliseconds = this.#timeouts[name]
    this.#patience.wait(milliseconds, () => {
      this.#cause = failure('timeout', `${missing} within ${milliseconds} ms (timeouts.${name})`)
      this.#controller.abort(new Error(this.#cause.message))
      this.#cancel()
    })
  }

  readonly #take = ({ value }: { readonly value?: Uint8Array | undefined }): readonly PartEvent[] =>
    this.#takeEvents(value === undefined ? this.#decoder.end() : this.#decoder.push(value))

  /** What had come before the connection broke may be whole, and what it used counts either way. */
  readonly #break = (error: unknown): readonly PartEvent[] => {
    this.#cause ??= networkFailure(error, this.#effects.signal)
    const parts = this.#takeEvents(this.#decoder.end())
    if (this.#ending === undefined) this.#end(this.#cause)
    return parts
  }

  #takeEvents(events: readonly StreamEvent[]): readonly PartEvent[] {
    const last = events[events.length - 1]
    const isLast = last !== undefined && (last.type === 'finish' || last.type === 'error')
    const parts = onlyParts(isLast ? events.slice(0, -1) : events)
    if (parts.length > 0) this.#hear()
    if (isLast) this.#end(last.type === 'finish' ? last.answer : last.failure)
    return parts
  }

  /** Until the next events are asked for, it is their reader that takes its time. */
  #hear(): void {
    if (!this.hasBegun) this.#waitFor('idle', 'No further event')
    this.hasBegun = true
    this.#patience.pause()
  }

  #end(ending: Answer | Failure): void {
    this.#patience.stop()
    this.#ending = ending.type === 'answer' ? ending : this.#hideIn(explain(ending, this.#cause))
  }

  #hideIn(failure: Failure): Failure {
    const { message, raw } = failure
    return { ...failure, message: this.#hideCut(message), raw: raw === null ? null : this.#hideCut(raw) }
  }

  /** What a failure quotes is cut short, perhaps inside a secret. */
  #hideCut(text: string): string {
    let shown = this.#hide(text)
    for (const secret of this.#secrets) {
      for (let length = secret.length - 1; length >= 8; length--)
        shown = shown.replaceAll(secret.slice(0, length), redacted)
    }
    return shown
  }

  #hide(text: string): string {
    return this.#secrets.reduce((shown, secret) => shown.replaceAll(secret, redacted), text)
  }

  /** Nobody waits for what stands behind an answer before its last events are out. */
  async #close(ending: Answer | Failure): Promise<undefined> {
    const { signal, clock } = this.#effects
    if (ending.type === 'answer' && this.#reader !== undefined) await drain(this.#reader, clock)
    void this.leave()
    // The signal may have cancelled the stream, which then only looks cut off.
    signal.throwIfAborted()
    this.outcome = ending
  }

  readonly #abort = (): void => {
    this.#controller.abort(this.#effects.signal.reason)
    this.#cancel()
  }

  /** Not waited for: a stream may take its time to end, or never do. */
  #cancel(): void {
    this.#reader?.cancel().catch(() => {})
  }
}

/** What stands in a secret's place, here as on tapes. */
const redacted = 'REDACTED'

/** A stream that ended too soon, in the words of what ended it. */
function explain(failure: Failure, cause: Failure | undefined): Failure {
  if (cause === undefined || failure.code !== 'truncated') return failure
  const { code, message, retryable } = cause
  return { ...failure, code, message, retryable }
}

/** A fetch that ignores the signal may still answer: nobody reads that any more. */
function discard(request: Promise<Response>): void {
  request.then(({ body }) => body?.cancel()).catch(() => {})
}

/** A decoder's events without its last one add to the answer, all of them. */
function onlyParts(events: readonly StreamEvent[]): readonly PartEvent[] {
  return events as readonly PartEvent[]
}

/** A path names the model and that it streams, nothing of the conversation. */
function urlOf(model: Model): string {
  const request = { model: model.name, messages: [], stream: true }
  return placeOf(model) + model.dialect.path(request, model.provider)
}

function headersOf({ dialect, headers }: Model): Record<string, string> {
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'playhead',
    ...dialect.headers,
    ...headers,
  }
}

/** A key where there is one, else what the model's `authorize` gives. */
async function proofOf(model: Model, request: UnsignedRequest): Promise<Readonly<Record<string, string>>> {
  const key = keyOf(model)
  if (key !== undefined) return keyHeader(authOf(model.provider, model.dialect.name), key)
  return (await model.authorize?.(request).catch(sayWhatIsMissing)) ?? {}
}

/** By its name: who authorizes is handed in. What the network does stays the network's. */
function sayWhatIsMissing(error: unknown): never {
  if (!(error instanceof Error) || error.name !== 'AuthError') throw error
  throw new AgentError('key', error.message, { cause: error })
}

/** What the system and undici call a failure of the network; a file that is not there, for one, is none. */
const networkCode = /^(E(CONN|HOST|NET|PIPE|PROTO|TIMEDOUT|NOTFOUND|AI_)|UND_ERR_)/

/**
 * The network's failures are TypeErrors (https://fetch.spec.whatwg.org/#fetch-method) or carry a code of
 * the system's. Anything else that a `fetch` throws, a recorder's miss for one, is no failure of the model.
 */
function networkFailure(error: unknown, signal: AbortSignal): Failure {
  signal.throwIfAborted()
  if (!(error instanceof Error)) throw error
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (!(error instanceof TypeError) && !networkCode.test(code)) throw error
  return failure('network', `The network failed: ${cause.message || code || error.message}`)
}

/** Milliseconds that a server has to close a stream whose answer is complete. */
const drainTime = 1000

/** Reads what is left behind an answer, but waits for it no longer than that. */
async function drain(reader: ByteReader, clock: Clock): Promise<void> {
  const enough = new AbortController()
  const timeout = clock.sleep(drainTime, enough.signal).catch(() => {})
  await Promise.race([timeout, readRest(reader)])
  enough.abort()
}
