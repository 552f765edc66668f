/** One call of a model: encode, send, decode. */
import {
  type Answer,
  type BatchSource,
  type ByteReader,
  type Failure,
  failure,
  type PartEvent,
  type StreamDecoder,
  type StreamEvent,
} from '@playhead/wire'
import type { Clock } from './clock.ts'
import { orAborted } from './limit.ts'
import { keyOf, type Model } from './providers.ts'

/** As much of the platform's `fetch` as a run needs. A recorder's is one, and so is the global one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What a run does to the world, handed in. */
export interface Effects {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * One request, and its answer's events in the batches in which they arrive. When they are over, `outcome`
 * says how it ended. Rejects with what `fetch` throws, unless that is a failure of the network, and with
 * the signal's reason when it fires.
 */
export class Attempt implements BatchSource<PartEvent> {
  outcome: Answer | Failure | undefined
  /** The outcome, before the stream behind it has been read. */
  #ending: Answer | Failure | undefined
  readonly #model: Model
  readonly #body: string
  readonly #effects: Effects
  readonly #decoder: StreamDecoder
  #reader: ByteReader | undefined

  constructor(model: Model, body: string, effects: Effects) {
    this.#model = model
    this.#body = body
    this.#effects = effects
    this.#decoder = model.dialect.decodeStream(model.provider)
  }

  next(): Promise<readonly PartEvent[] | undefined> {
    if (this.#ending !== undefined) return this.#close(this.#ending)
    return this.#reader === undefined ? this.#send() : this.#reader.read().then(this.#take, this.#break)
  }

  leave(): Promise<void> {
    this.#effects.signal.removeEventListener('abort', this.#cancel)
    this.#cancel()
    return Promise.resolve()
  }

  async #send(): Promise<readonly PartEvent[]> {
    const { fetch, signal } = this.#effects
    const { dialect, baseUrl } = this.#model
    try {
      signal.throwIfAborted()
      const request = fetch(baseUrl + dialect.path, {
        method: 'POST',
        headers: headersOf(this.#model),
        body: this.#body,
        signal,
        // A redirect would turn the question into a GET of something else.
        redirect: 'manual',
      })
      const response = await orAborted(request, signal).catch((error: unknown) => {
        discard(request)
        throw error
      })
      if (!response.ok || response.body === null) {
        const body = await orAborted(response.text(), signal)
        this.#ending = dialect.decodeError(response.status, response.headers, body)
        return []
      }
      this.#reader = response.body.getReader()
      signal.addEventListener('abort', this.#cancel)
    } catch (error) {
      this.#ending = networkFailure(error, signal)
    }
    return []
  }

  readonly #take = ({ value }: { readonly value?: Uint8Array | undefined }): readonly PartEvent[] => {
    const events = value === undefined ? this.#decoder.end() : this.#decoder.push(value)
    const last = events[events.length - 1]
    if (last === undefined || (last.type !== 'finish' && last.type !== 'error')) return onlyParts(events)
    return this.#finish(events, last.type === 'finish' ? last.answer : last.failure)
  }

  /** What had come before the connection broke may be whole, and what it used counts either way. */
  readonly #break = (error: unknown): readonly PartEvent[] => {
    const cause = networkFailure(error, this.#effects.signal)
    const events = this.#decoder.end()
    const last = events.at(-1)
    if (last?.type === 'finish') return this.#finish(events, last.answer)
    if (last?.type !== 'error') return this.#finish([], cause)
    const { code, message, retryable } = last.failure.code === 'truncated' ? cause : last.failure
    return this.#finish(events, { ...last.failure, code, message, retryable })
  }

  #finish(events: readonly StreamEvent[], ending: Answer | Failure): readonly PartEvent[] {
    this.#ending = ending
    return onlyParts(events.slice(0, -1))
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

  /** Not waited for: a stream may take its time to end, or never do. */
  readonly #cancel = (): void => {
    this.#reader?.cancel().catch(() => {})
  }
}

/** A fetch that ignores the signal may still answer: nobody reads that any more. */
function discard(request: Promise<Response>): void {
  request.then(({ body }) => body?.cancel()).catch(() => {})
}

/** A decoder's events without its last one add to the answer, all of them. */
function onlyParts(events: readonly StreamEvent[]): readonly PartEvent[] {
  return events as readonly PartEvent[]
}

function headersOf(model: Model): Record<string, string> {
  const key = keyOf(model)
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'playhead/0.1.0',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...model.headers,
  }
}

/** What the system and undici call a failure of the network; a file that is not there, for one, is none. */
const networkCode =
  /^(ECONN(RESET|REFUSED|ABORTED)|E(HOST|NET)(UNREACH|DOWN)|ENETRESET|EPIPE|EPROTO|ETIMEDOUT|ENOTFOUND|EAI_\w+|UND_ERR_\w+)$/

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

/** Reads what is left behind an answer, so that a recorder has all of it and the connection can be used again. */
async function drain(reader: ByteReader, clock: Clock): Promise<void> {
  const enough = new AbortController()
  const timeout = clock.sleep(drainTime, enough.signal).catch(() => {})
  await Promise.race([timeout, readAll(reader)])
  enough.abort()
}

async function readAll(reader: ByteReader): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The answer is complete: what breaks behind it is no failure.
  }
}
