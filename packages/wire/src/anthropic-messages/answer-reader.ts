/** Reads one message, from the events of a stream or from a plain answer alike. https://platform.claude.com/docs/en/build-with-claude/streaming */
import { type Failure, failure, type StreamEvent } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { GrowingText } from '../growing-text.ts'
import { arrayOr, isObject, objectOr, parseJson, stringifyJson, stringOr, type Unread } from '../json.ts'
import { decodeCost } from '../money.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { decodeCitation } from './citations.ts'
import { decodeFailure } from './failure.ts'
import { decodeFinishReason } from './finish.ts'
import { keepRest, name } from './name.ts'
import { decodeProviderPart } from './provider-parts.ts'
import { decodeUsage, mergeUsage, usageFields } from './usage.ts'

/** The block that is written now. */
interface Block {
  readonly index: unknown
  readonly start: Unread
  /** What came of its input. */
  readonly input: GrowingText
  /** Absent for a block that is none. */
  readonly call: OpenCall | undefined
  /** Fields that came in deltas of their own. */
  fields: Unread
}

/** The types of block that say themselves in deltas of text; all others are parts that come at once. */
const texts: ReadonlySet<unknown> = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use'])

/** The fields of a message that have a canonical form, or always the same value. */
const messageFields = ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'usage']

/** Reads events until the last one. Never throws. */
export class MessageReader implements FrameReader {
  readonly #builder = new AnswerBuilder()
  #usage: Unread = {}
  #rest: Unread = {}
  #live: Block | undefined
  /** Events of blocks that began while another one was written, by their index. */
  readonly #waiting = new Map<unknown, Unread[]>()

  get isOver(): boolean {
    return this.#builder.isOver
  }

  takeEvents(): readonly StreamEvent[] {
    return this.#builder.takeEvents()
  }

  take(frame: Frame): void {
    const event = parseJson(frame.data)
    if (isObject(event)) this.#takeEvent(event, frame.name)
    else this.#takeStrange(frame.name, frame.data.trim())
  }

  takeBody(wire: unknown): void {
    const message = objectOr(wire)
    if (!Array.isArray(message['content'])) return this.#takeError(wire)
    this.#takeHead(message)
    for (const block of arrayOr(message['content'])) {
      if (isObject(block)) this.#begin(undefined, block)
      this.#endLive()
    }
    this.#finish()
  }

  end(): void {
    this.fail(truncated)
  }

  fail(cause: Failure): void {
    this.#keep()
    this.#builder.fail(cause)
  }

  #takeEvent(event: Unread, frameName: string): void {
    const type = stringOr(event['type']) ?? frameName
    switch (type) {
      case 'content_block_start':
      case 'content_block_delta':
      case 'content_block_stop':
        return this.#takeBlockEvent(event, type)
      case 'message_start':
        return this.#takeHead(objectOr(event['message']))
      case 'message_delta':
        this.#takeHead({ ...event, ...objectOr(event['delta']) })
        return
      case 'message_stop':
        this.#endBlocks()
        return this.#finish()
      default:
        // Events from the future say nothing that is known here, errors always do.
        if (type === 'error' || isObject(event['error'])) this.fail(decodeFailure(event))
    }
  }

  /** Data that is no event: a `[DONE]` that a proxy adds, a misplaced keepalive, or something broken. */
  #takeStrange(frameName: string, data: string): void {
    if (frameName === 'error') return this.fail(failure('unknown', data || 'The provider failed'))
    if (data === '' || data === '[DONE]' || data === 'null' || data.startsWith(':')) return
    this.fail(failure('malformed', `An event of the stream is not one of a message: ${excerpt(data)}`))
  }

  #takeError(wire: unknown): void {
    const { error, message, type } = objectOr(wire)
    const isError = Array.isArray(wire) || isObject(error) || type === 'error' || typeof message === 'string'
    this.fail(isError ? decodeFailure(wire) : failure('malformed', 'The answer has no content'))
  }

  /** The head of a message, or what a `message_delta` adds to it. */
  #takeHead(wire: Unread): void {
    const builder = this.#builder
    if (builder.id === '') builder.id = stringOr(wire['id']) ?? ''
    if (builder.model === '') builder.model = stringOr(wire['model']) ?? ''
    builder.rawFinishReason = stringOr(wire['stop_reason']) ?? builder.rawFinishReason
    const { data } = keepRest(wire, [...messageFields, 'delta'])
    if (data !== undefined) this.#rest = { ...this.#rest, ...data[name] }
    if (!isObject(wire['usage'])) return
    this.#usage = mergeUsage(this.#usage, wire['usage'])
    builder.usage = decodeUsage(this.#usage)
    builder.cost = decodeCost(this.#usage['cost'])
  }

  /** Blocks come one after the other; where the index says otherwise, the later one waits. */
  #takeBlockEvent(event: Unread, type: string): void {
    const { index } = event
    const live = this.#live
    if (live !== undefined && index !== live.index) {
      const waiting = this.#waiting.get(index)
      if (waiting === undefined) this.#waiting.set(index, [event])
      else waiting.push(event)
      return
    }
    if (type === 'content_block_delta') return this.#takeDelta(objectOr(event['delta']))
    this.#endLive()
    if (type === 'content_block_start') this.#begin(index, objectOr(event['content_block']))
    else if (this.#waiting.size > 0) this.#takeWaiting()
  }

  #takeWaiting(): void {
    for (const [index, events] of this.#waiting) {
      this.#waiting.delete(index)
      for (const event of events) {
        if (event['type'] === 'content_block_stop') this.#endLive()
        else this.#takeBlockEvent(event, stringOr(event['type']) ?? '')
      }
      if (this.#live !== undefined) return
    }
  }

  #begin(index: unknown, start: Unread): void {
    const builder = this.#builder
    const { type } = start
    const call =
      type === 'tool_use'
        ? builder.openCall(
            stringOr(start['id']) ?? '',
            stringOr(start['name']) ?? '',
            keepRest(start, ['type', 'id', 'name', 'input']).data,
          )
        : undefined
    this.#live = { index, start, input: new GrowingText(), call, fields: {} }
    if (type === 'text') {
      builder.addText(stringOr(start['text']) ?? '')
      for (const citation of arrayOr(start['citations'])) this.#addCitation(citation)
    } else if (type === 'thinking') {
      builder.addReasoning(stringOr(start['thinking']) ?? '')
      this.#addSignature(start['signature'])
    } else if (type === 'redacted_thinking') {
      builder.addPart({ type: 'reasoning', text: '', ...keepRest(start, []) })
    }
  }

  #takeDelta(delta: Unread): void {
    const { type } = delta
    if (type === 'text_delta') return this.#builder.addText(stringOr(delta['text']) ?? '')
    if (type === 'thinking_delta') return this.#builder.addReasoning(stringOr(delta['thinking']) ?? '')
    if (type === 'signature_delta') return this.#addSignature(delta['signature'])
    if (type === 'citations_delta') return this.#addCitation(delta['citation'])
    const live = this.#live
    if (live === undefined) return
    if (type === 'input_json_delta') {
      const text = stringOr(delta['partial_json']) ?? ''
      live.input.add(text)
      if (live.call !== undefined) this.#builder.addInput(live.call, text)
    } else if (type === 'compaction_delta') {
      live.fields = { ...live.fields, ...delta }
    }
  }

  #addSignature(signature: unknown): void {
    if (stringOr(signature) !== null)
      this.#builder.addData('reasoning', name, { signature: stringOr(signature) })
  }

  #addCitation(citation: unknown): void {
    if (isObject(citation)) this.#builder.addCitation(decodeCitation(citation))
  }

  /** Input stands in the first event, or comes in deltas: never in both. */
  #endLive(): void {
    const live = this.#live
    this.#live = undefined
    this.#builder.endPart()
    if (live === undefined) return
    const { start, input, call, fields } = live
    const whole = start['input']
    if (call !== undefined) {
      if (input.length === 0 && isObject(whole) && Object.keys(whole).length > 0)
        this.#builder.addInput(call, stringifyJson(whole))
    } else if (stringOr(start['type']) !== null && !texts.has(start['type'])) {
      const written = input.toString()
      const parsed = input.length === 0 ? start['input'] : (parseJson(written) ?? written)
      const block = {
        ...start,
        ...(parsed !== undefined && { input: parsed }),
        ...fields,
        type: start['type'],
      }
      this.#builder.addPart(decodeProviderPart(block))
    }
  }

  #endBlocks(): void {
    this.#endLive()
    while (this.#waiting.size > 0) {
      this.#takeWaiting()
      this.#endLive()
    }
  }

  #finish(): void {
    const builder = this.#builder
    this.#keep()
    if (builder.rawFinishReason === null && builder.isEmpty) builder.fail(truncated)
    else builder.finish(decodeFinishReason(builder.rawFinishReason))
  }

  /** What the message has beyond the canonical form. */
  #keep(): void {
    const usage = keepRest(this.#usage, usageFields).data?.[name]
    const { data } = keepRest({ ...this.#rest, usage }, [])
    this.#builder.data = data
  }
}
