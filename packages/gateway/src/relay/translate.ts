/** Relays a stream into another dialect, or on from another upstream: every event is decoded and written anew. */
import {
  type AssistantMessage,
  type Dialect,
  type Failure,
  type Provider,
  type StreamDecoder,
  type StreamEncoder,
  type StreamEvent,
  type Usage,
} from '@playhead/wire'
import { isEventStream } from '../question/server-sent.ts'
import { join, noBytes } from './bytes.ts'
import { canContinue, ContinuedAnswer, sumOf } from './continuation.ts'
import { headOf, outcomeOf, toldAnswer } from './head.ts'
import { toldFrames } from './cost.ts'
import { maskedFailure } from './mask.ts'
import type { AnswerOutcome, ContinuableRelay, RelayContext } from './relay.ts'
import { isToken, Tally } from './tally.ts'
import { cutShort, toldFailure } from './upstream-failure.ts'

/** What becomes of a failure: it is told at once, or whoever holds the relay decides. */
export type OnFailure = 'tell' | 'hold'

export class Translation implements ContinuableRelay {
  readonly #client: Dialect
  readonly #onFailure: OnFailure
  readonly #encoder: StreamEncoder
  #context: RelayContext
  #decoder: StreamDecoder
  #tally = new Tally()
  #outcome: AnswerOutcome | null = null
  #hasBegun = false
  /** Whether nothing but text and reasoning has come: who has begun to call a tool must end the call. */
  #isText = true
  #isTold = false
  /** What has come of the upstreams before this one. */
  #before: ContinuedAnswer | null = null

  constructor(
    client: Dialect,
    upstream: Dialect,
    provider: Provider,
    context: RelayContext,
    onFailure: OnFailure,
  ) {
    this.#client = client
    this.#onFailure = onFailure
    this.#context = context
    this.#encoder = client.server.encodeStream(headOf(context))
    this.#decoder = upstream.client.decodeStream(provider)
  }

  get contentType(): string {
    return this.#encoder.contentType
  }

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  get outcome(): AnswerOutcome | null {
    return this.#outcome
  }

  get outputEstimate(): number {
    return this.#tally.estimate
  }

  /** A decoder tells what it knows when it ends: `end` or `fail` comes first. */
  get usageSoFar(): Usage | null {
    return this.#outcome?.type === 'failure' ? this.#outcome.failure.usage : null
  }

  get continuable(): AssistantMessage | null {
    if (this.#outcome?.type !== 'failure' || !this.#isText || this.#isTold) return null
    const { partial } = this.#outcome.failure
    const whole = this.#before?.message(partial) ?? partial
    return canContinue(whole) ? whole : null
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.#outcome === null ? this.#take(this.#decoder.push(chunk)) : noBytes
  }

  end(cause?: Failure): Uint8Array {
    return this.#outcome === null ? this.#take(this.#decoder.end(), cause) : noBytes
  }

  /** Also tells a failure that was held. */
  fail(cause: Failure): Uint8Array {
    return join([this.end(cause), this.#tell(cause)])
  }

  continueWith(upstream: Dialect, provider: Provider, context: RelayContext): Uint8Array {
    const said = this.continuable
    if (this.#outcome?.type !== 'failure' || said === null)
      throw new Error('Only an answer that broke off within its text can be continued')
    this.#before = new ContinuedAnswer(said, sumOf(this.#before?.usage ?? null, this.#outcome.failure.usage))
    this.#outcome = null
    this.#context = context
    this.#decoder = upstream.client.decodeStream(provider)
    this.#tally = new Tally()
    if (!isEventStream(this.contentType)) return noBytes
    // One line end: the next event follows, and some clients take a blank line for an event of its own.
    return Buffer.from(`: continued by ${context.provider.replace(/\s+/g, ' ')}\n`)
  }

  #take(events: readonly StreamEvent[], cause?: Failure): Uint8Array {
    this.#tally.take(events)
    const written = this.#onFailure === 'hold' ? withoutBrokenEnd(events) : events
    return join(written.map((event) => this.#write(event, cause)))
  }

  #write(event: StreamEvent, cause?: Failure): Uint8Array {
    if (event.type === 'error') return this.#fail(event.failure, cause)
    this.#hasBegun ||= isToken(event)
    this.#isText &&= texts.has(event.type)
    if (event.type !== 'finish') {
      const told = this.#before === null ? event : this.#before.event(event)
      return told === null ? noBytes : this.#encoder.push(told)
    }
    this.#outcome = outcomeOf(event.answer)
    const whole = this.#before?.answer(event.answer) ?? event.answer
    const { cost } = toldAnswer(event.answer, this.#context)
    const bytes = this.#encoder.push({ ...event, answer: { ...toldAnswer(whole, this.#context), cost } })
    if (this.#context.upstreamCost === null) return bytes
    return toldFrames(bytes, this.#client.name, this.#context, event.answer.usage, event.answer.cost)
  }

  #fail(own: Failure, cause?: Failure): Uint8Array {
    const told = toldFailure(cutShort(own, cause), this.#context)
    this.#outcome = { type: 'failure', failure: told }
    return this.#onFailure === 'hold' ? noBytes : this.#tell(told)
  }

  #tell(cause: Failure): Uint8Array {
    if (this.#outcome?.type !== 'failure' || this.#isTold) return noBytes
    this.#isTold = true
    return this.#encoder.push({ type: 'error', failure: maskedFailure(cause, this.#context.secrets()) })
  }
}

const texts: ReadonlySet<StreamEvent['type']> = new Set(['text', 'reasoning', 'part-end', 'finish'])

/** Without the end of the last text, which a decoder writes when an answer breaks off: the text may go on. */
function withoutBrokenEnd(events: readonly StreamEvent[]): readonly StreamEvent[] {
  const [end, last] = events.slice(-2)
  const isBroken = last?.type === 'error' && end?.type === 'part-end' && end.part.type === 'text'
  return isBroken ? [...events.slice(0, -2), last] : events
}
