/** Relays a stream whose client and upstream speak the same dialect: its bytes pass as they are, and few frames are read. */
import {
  type Dialect,
  failure,
  type Failure,
  parseJson,
  type Provider,
  type StreamDecoder,
  type StreamEvent,
  truncated,
} from '@playhead/wire'
import { join, noBytes } from './bytes.ts'
import { spliced, toldCost, toldFrames, usagePaths } from './cost.ts'
import type { DeltaRule } from './delta-rules.ts'
import { failureFrames } from './error-reply.ts'
import { headOf, outcomeOf, toldAnswer } from './head.ts'
import { masked } from './mask.ts'
import type { AnswerOutcome, RelayContext, StreamRelay } from './relay.ts'
import { endOfFrame, type FrameText, latin1, maxFrameLength, SseFrames } from './sse-frames.ts'
import type { StreamForm } from './stream-forms.ts'
import { isPart, isToken, Tally } from './tally.ts'
import { cutShort, toldFailure } from './upstream-failure.ts'

/** After so many deltas that passed unread, one is read, to learn how long they are. */
const sampled = 64

export class Passthrough implements StreamRelay {
  readonly contentType = 'text/event-stream'
  readonly #dialect: Dialect
  readonly #context: RelayContext
  readonly #form: StreamForm
  readonly #decoder: StreamDecoder
  readonly #rule: DeltaRule
  readonly #frames = new SseFrames()
  readonly #tally = new Tally()
  #hasBegun = false
  #outcome: AnswerOutcome | null = null
  /** Frames that passed unread since one was last read. */
  #unread = 0
  /** Whether frames passed unread: the decoder has then not seen all, so only deltas are tallied. */
  #hasSkipped = false
  /** Whether JSON comes where frames were expected. Null before the first byte. */
  #isBody: boolean | null = null

  constructor(dialect: Dialect, provider: Provider, context: RelayContext, form: StreamForm) {
    this.#dialect = dialect
    this.#context = context
    this.#form = form
    this.#decoder = dialect.client.decodeStream(provider)
    this.#rule = form.rule()
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

  get usageSoFar(): StreamRelay['usageSoFar'] {
    return this.#decoder.usage
  }

  push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0 || this.#outcome?.type === 'failure') return noBytes
    this.#isBody ??= isJson(chunk)
    if (this.#isBody) this.#frames.hold(chunk)
    const whole = this.#isBody ? null : this.#frames.push(chunk)
    const bytes = whole === null ? noBytes : this.#pass(whole)
    return this.#frames.length > maxFrameLength ? join([bytes, this.#close(tooLong)]) : bytes
  }

  end(cause?: Failure): Uint8Array {
    if (this.#outcome !== null) return noBytes
    const rest = this.#frames.take()
    const events = [...this.#decoder.push(rest), ...this.#decoder.end()]
    return this.#finish(events, rest, cause)
  }

  fail(cause: Failure): Uint8Array {
    if (this.#outcome !== null) return noBytes
    return this.#finish(this.#decoder.end(), noBytes, cause)
  }

  /** Passes all frames of one piece on, as one piece; the same bytes where nothing changes. */
  #pass(whole: FrameText): Uint8Array {
    const { bytes, text } = whole
    const pieces: Uint8Array[] = []
    let [place, sent] = [0, 0]
    while (this.#outcome?.type !== 'failure') {
      const deltaEnd = this.#tally.isInformed ? this.#rule.endOfDelta(text, place) : -1
      const end = deltaEnd === -1 ? endOfFrame(whole, place) : deltaEnd
      if (end === -1) break
      if (deltaEnd !== -1 && this.#unread < sampled) this.#skip()
      else if (this.#outcome === null) {
        const changed = this.#read(bytes.subarray(place, end), text.slice(place, end), deltaEnd !== -1)
        if (changed !== null) {
          pieces.push(bytes.subarray(sent, place), changed)
          sent = end
        }
      }
      place = end
    }
    if (this.#outcome?.type !== 'failure') this.#frames.hold(bytes.subarray(place), text.slice(place))
    const last = bytes.subarray(sent, place)
    return pieces.length === 0 ? last : join([...pieces, last])
  }

  #skip(): void {
    this.#unread += 1
    this.#hasSkipped = true
    this.#tally.pass()
  }

  /** What takes the place of a frame; null where it stays as it is. */
  #read(frame: Uint8Array, text: string, isDelta: boolean): Uint8Array | null {
    const events = this.#decoder.push(frame)
    this.#unread = 0
    this.#hasBegun ||= events.some(isToken)
    if (isDelta || !this.#hasSkipped) this.#tally.take(events)
    const [only] = events
    if (events.length === 1 && only !== undefined && isPart(only)) this.#rule.learn(text, only)
    const last = events.at(-1)
    if (last?.type === 'error') return this.#readFailure(last.failure, frame, text)
    if (last?.type === 'finish') this.#outcome = outcomeOf(last.answer)
    return text.includes(this.#form.usageMark) ? this.#readUsage(frame, text) : null
  }

  #readUsage(frame: Uint8Array, text: string): Uint8Array | null {
    const path = usagePaths[this.#dialect.name]?.stream
    if (path === undefined) return null
    const { usage, cost } = this.#decoder
    const splice = toldCost(text, path, this.#context, usage, cost)
    return splice === null ? null : Buffer.from(spliced(text, splice), 'latin1')
  }

  /** A frame with the upstream's own error passes. A broken frame, or a wrong end, gives way to an error of ours. */
  #readFailure(cause: Failure, frame: Uint8Array, text: string): Uint8Array {
    const saysIt = cause.code !== 'malformed' && /^data:/m.test(text) && /error/i.test(text)
    if (!saysIt) return this.#close(cause)
    this.#outcome = { type: 'failure', failure: this.#told(cause) }
    const said = Buffer.from(frame).toString()
    const clean = masked(said, this.#context.secrets())
    return clean === said ? frame : Buffer.from(clean)
  }

  /** The decoder has said its last word. `rest` is a frame whose end never came. */
  #finish(events: readonly StreamEvent[], rest: Uint8Array, cause?: Failure): Uint8Array {
    const last = events.at(-1)
    if (last?.type === 'finish') {
      this.#hasBegun ||= events.some(isToken)
      this.#outcome = outcomeOf(last.answer)
      return this.#isBody || isJson(rest) ? this.#encoded(events) : this.#lastFrame(rest)
    }
    const own = last?.type === 'error' ? last.failure : truncated
    return this.#close(cutShort(own, cause))
  }

  /** A stream that ended well without its last blank line, or without a last word that it may leave out. */
  #lastFrame(rest: Uint8Array): Uint8Array {
    const text = latin1(rest)
    const isWhole = isWholeEvent(text)
    const missing = isWhole && !/(?:\n\r?|\r)[\n\r]$/.test(text) ? (/[\n\r]$/.test(text) ? '\n' : '\n\n') : ''
    const hasEnd = this.#form.end === '' || text.includes('[DONE]')
    return join([isWhole ? rest : noBytes, Buffer.from(missing + (hasEnd ? '' : this.#form.end))])
  }

  /** A plain answer came where a stream was asked for. */
  #encoded(events: readonly StreamEvent[]): Uint8Array {
    const encoder = this.#dialect.server.encodeStream(headOf(this.#context))
    const told = events.map((event) =>
      event.type === 'finish' ? { ...event, answer: toldAnswer(event.answer, this.#context) } : event,
    )
    this.#tally.take(events)
    const bytes = join(told.map((event) => encoder.push(event)))
    const last = events.at(-1)
    if (this.#context.upstreamCost === null || last?.type !== 'finish') return bytes
    return toldFrames(bytes, this.#dialect.name, this.#context, last.answer.usage, last.answer.cost)
  }

  /** Ends the stream with a failure. */
  #close(cause: Failure): Uint8Array {
    const told = this.#told(cause)
    this.#frames.take()
    this.#outcome = { type: 'failure', failure: told }
    return failureFrames(this.#dialect, headOf(this.#context), told)
  }

  /** With what was reported so far, and without the partial answer: the decoder has seen only parts of it. */
  #told(cause: Failure): Failure {
    const { usage, cost } = this.#decoder
    return {
      ...toldFailure(cause, this.#context),
      usage: cause.usage ?? usage,
      cost: cause.cost ?? cost,
      partial: null,
    }
  }
}

const tooLong = failure('malformed', `A frame of the stream has more than ${maxFrameLength} bytes`)

/** Whether an object or a list begins here: no frame does so. */
function isJson(bytes: Uint8Array): boolean {
  return /^(?:\xef\xbb\xbf)?\s*[[{]/.test(latin1(bytes.subarray(0, 64)))
}

/** Whether an event without its blank line says all that it has to say. */
function isWholeEvent(text: string): boolean {
  const data = /(?:^|\n)data:([^\n]*)\s*$/.exec(text)?.[1]?.trim()
  return data !== undefined && (data === '[DONE]' || parseJson(data) !== undefined)
}
