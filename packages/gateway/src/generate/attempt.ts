/** One request to one endpoint, from sending it to its last byte. */
import { type Failure, failure, truncated } from '@playhead/wire'
import { plainRelay } from '../relay/plain-relay.ts'
import type { AnswerOutcome, ContinuableRelay, StreamRelay } from '../relay/relay.ts'
import { upstreamFailure } from '../relay/upstream-failure.ts'
import type { Receiver, ResponseHead, Sending, TransportError } from '../transport/transport.ts'
import type { AttemptEnd, AttemptParts, RunningAttempt } from './attempt-parts.ts'
import type { Held } from './delivery.ts'
import { plainEstimate } from './plain-estimate.ts'
import { failureOf } from './transport-failure.ts'

/** Milliseconds that an upstream has to end its response after its answer's last word. */
const lingering = 1000
/** Bytes of an error that are read: what is longer is not for people. */
const errorLimit = 64 * 1024
/** Bytes of a plain answer. */
const answerLimit = 256 * 1024 * 1024
/** Bytes of a stream that wait for its first token. */
const heldLimit = 32 * 1024 * 1024

/** Sends it. What it gives comes to the client through the delivery, once the first token has come. */
export function startAttempt(parts: AttemptParts): RunningAttempt {
  return new Attempt(parts)
}

class Attempt implements Receiver, RunningAttempt, Held {
  readonly ended: Promise<AttemptEnd>
  readonly #parts: AttemptParts
  readonly #startedAt: number
  readonly #sending: Sending
  readonly #resolve: (end: AttemptEnd) => void
  #head: ResponseHead | null = null
  /** Of a stream; null for what is read whole. */
  #relay: StreamRelay | ContinuableRelay | null = null
  /** What is read whole, or held until the first token. */
  #pieces: Uint8Array[] = []
  #size = 0
  #timer: NodeJS.Timeout | null = null
  #firstTokenAfter: number | null = null
  /** Output tokens of an answer that was read whole, where nobody counted them. */
  #plainEstimate = 0
  #isDelivered: boolean
  #isCancelled = false
  #isOver = false

  constructor(parts: AttemptParts) {
    const { promise, resolve } = Promise.withResolvers<AttemptEnd>()
    this.ended = promise
    this.#resolve = resolve
    this.#parts = parts
    this.#isDelivered = parts.isContinuing
    this.#startedAt = parts.now()
    const { connect, head } = parts.timeouts
    const { method, url, body } = parts.asked.request
    this.#sending = parts.transport.send(
      { method, url, headers: parts.headers, body, connectTimeout: connect, headTimeout: head },
      this,
    )
    parts.delivery.source(this)
  }

  head(head: ResponseHead): void {
    this.#head = head
    const { question, delivery, timeouts } = this.#parts
    const isStream = question.isStream && head.status < 300
    this.#await(isStream ? timeouts.firstToken : timeouts.head, 'said nothing')
    if (!isStream) return
    this.#guard(() => {
      const { relay, first } = this.#parts.stream()
      this.#relay = relay
      delivery.write(first)
    })
  }

  data(chunk: Uint8Array): void {
    this.#guard(() => {
      if (this.#relay === null) this.#collect(chunk)
      else this.#pass(this.#relay, chunk)
    })
  }

  end(): void {
    if (this.#isOver) this.#stopTimer()
    this.#guard(() => {
      if (this.#relay !== null) this.#finishStream(this.#relay, this.#relay.end())
      else if (this.#head !== null) this.#finishPlain(this.#head)
    })
  }

  fail(error: TransportError): void {
    this.#break(failureOf(error, this.#parts.endpoint))
  }

  leave(): void {
    if (this.#isOver) return
    this.#isCancelled = true
    if (this.#parts.drains && (this.#isDelivered || this.#head !== null)) {
      this.resume()
      return
    }
    this.#sending.abort()
    this.#guard(() => {
      // What was used by then a relay may know only when it ends.
      this.#relay?.fail(clientLeft)
      this.#over({ type: 'failure', failure: clientLeft })
    })
  }

  stop(cause: Failure): void {
    if (this.#isOver) return
    this.#sending.abort()
    this.#guard(() => this.#end(cause, (relay) => relay.fail(cause)))
  }

  pause(): void {
    this.#sending.pause()
  }

  resume(): void {
    this.#timer?.refresh()
    this.#sending.resume()
  }

  /** Sockets and timers call this: nobody stands above them, so what was thrown here would end the process. */
  #guard(work: () => void): void {
    if (this.#isOver) return
    try {
      work()
    } catch (error) {
      const { delivery } = this.#parts
      this.#parts.thrown(error)
      this.#sending.abort()
      if (this.#isDelivered) delivery.breakOff()
      this.#relay = null
      this.#over({
        type: 'failure',
        failure: failure('malformed', `${this.#name}: its answer breaks the relay`),
      })
    }
  }

  /** A piece of what is read whole. */
  #collect(chunk: Uint8Array): void {
    const isError = (this.#head?.status ?? 0) >= 300
    this.#size += chunk.length
    if (this.#size <= (isError ? errorLimit : answerLimit)) {
      this.#pieces.push(chunk)
      this.#timer?.refresh()
    } else if (!isError) {
      this.#sending.abort()
      this.#break(failure('malformed', `${this.#name} sent an answer of more than ${answerLimit} bytes`))
    }
  }

  /** A piece of a stream: held until the first token, for until then another endpoint can be asked. */
  #pass(relay: StreamRelay, chunk: Uint8Array): void {
    const bytes = relay.push(chunk)
    if (this.#isDelivered) {
      this.#parts.delivery.write(bytes)
      this.#timer?.refresh()
    } else if (relay.hasBegun || relay.outcome?.type === 'answer') {
      this.#deliver(relay, bytes)
    } else if (bytes.length > 0) {
      this.#pieces.push(bytes)
      this.#size += bytes.length
      if (this.#size > heldLimit) {
        this.#sending.abort()
        this.#break(failure('malformed', `${this.#name} sent ${heldLimit} bytes before the first token`))
      }
    }
    if (relay.outcome === null) return
    const isAnswer = relay.outcome.type === 'answer'
    this.#finishStream(relay, relay.end())
    // What an upstream still says is nobody's, but a connection that ends well can be used again.
    if (isAnswer) this.#timer = setTimeout(() => this.#sending.abort(), lingering).unref()
    else this.#sending.abort()
  }

  #deliver(relay: StreamRelay, bytes: Uint8Array): void {
    const { delivery, timeouts } = this.#parts
    this.#isDelivered = true
    this.#firstTokenAfter = this.#parts.now() - this.#startedAt
    delivery.begin(relay.contentType)
    for (const piece of this.#pieces) delivery.write(piece)
    this.#pieces = []
    delivery.write(bytes)
    this.#await(timeouts.idle, 'fell silent')
  }

  #finishStream(relay: StreamRelay, bytes: Uint8Array): void {
    if (this.#isOver) return
    const { outcome } = relay
    if (!this.#isDelivered && outcome?.type === 'answer') this.#deliver(relay, nothing)
    this.#last(relay, bytes)
    this.#over(outcome ?? { type: 'failure', failure: truncated })
  }

  #finishPlain(head: ResponseHead): void {
    const { question, asked, relay, delivery } = this.#parts
    const bytes = this.#pieces.length === 1 ? (this.#pieces[0] ?? nothing) : Buffer.concat(this.#pieces)
    if (head.status >= 300) {
      this.#over({ type: 'failure', failure: upstreamFailure(asked.dialect, head, bytes, relay) })
      return
    }
    const contentType = head.headers.find(([name]) => name === 'content-type')?.[1]
    const answer = plainRelay(question.dialect, asked.dialect, relay, contentType, bytes)
    if (answer.outcome.type === 'answer') {
      if (answer.outcome.usage === null) this.#plainEstimate = plainEstimate(asked.dialect, bytes)
      this.#isDelivered = true
      delivery.send(200, { 'content-type': answer.contentType }, answer.body)
    }
    this.#over(answer.outcome)
  }

  /** The connection broke, or something took too long. */
  #break(cause: Failure): void {
    this.#guard(() => this.#end(cause, (relay) => relay.end(cause)))
  }

  #end(cause: Failure, last: (relay: StreamRelay) => Uint8Array): void {
    if (this.#relay === null) {
      this.#over({ type: 'failure', failure: cause })
      return
    }
    this.#last(this.#relay, last(this.#relay))
    // An answer that had said all it had to say is one, whatever became of its connection.
    this.#over(this.#relay.outcome ?? { type: 'failure', failure: cause })
  }

  /** The last bytes, unless another endpoint may go on behind them. */
  #last(relay: StreamRelay | ContinuableRelay, bytes: Uint8Array): void {
    const { delivery } = this.#parts
    if (!this.#isDelivered) return
    if (continuableOf(relay) === null) delivery.end(bytes)
    else delivery.write(bytes)
  }

  #over(outcome: AnswerOutcome): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stopTimer()
    this.#pieces = []
    const relay = this.#relay
    this.#resolve({
      isDelivered: this.#isDelivered,
      outcome,
      status: this.#head?.status ?? null,
      firstTokenAfter: this.#firstTokenAfter,
      duration: this.#parts.now() - this.#startedAt,
      usage: outcome.type === 'answer' ? outcome.usage : outcome.failure.usage,
      usageSoFar: relay?.usageSoFar ?? null,
      outputEstimate: relay?.outputEstimate ?? this.#plainEstimate,
      isCancelled: this.#isCancelled,
      continuable: this.#isDelivered ? continuableOf(relay) : null,
    })
  }

  get #name(): string {
    return this.#parts.endpoint.provider.name
  }

  #await(milliseconds: number, what: string): void {
    this.#stopTimer()
    this.#timer = setTimeout(() => {
      if (this.#parts.delivery.isHolding) {
        this.#timer?.refresh()
        return
      }
      this.#sending.abort()
      this.#break(failure('timeout', `${this.#name} ${what} for ${milliseconds / 1000} s`))
    }, milliseconds)
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }
}

/** A relay whose failure is not told yet, because another endpoint can go on. */
function continuableOf(relay: StreamRelay | ContinuableRelay | null): ContinuableRelay | null {
  return relay !== null && 'continuable' in relay && relay.continuable !== null ? relay : null
}

const nothing = new Uint8Array()
const clientLeft = failure('truncated', 'The client left before the answer was whole')
