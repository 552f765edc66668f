/** Reads one message, from the events of a stream or from a plain answer alike. https://platform.claude.com/docs/en/build-with-claude/streaming */
import { type Answer, type Failure, failure } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { GrowingText } from '../growing-text.ts'
import {
  arrayOr,
  isObject,
  objectOr,
  parseJson,
  stringifyJson,
  stringIn,
  stringOr,
  type Unread,
} from '../json.ts'
import { decodeCost } from '../money.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { decodeCitation } from './citations.ts'
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
const messageFields = ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'usage', 'delta']

/** Reads events until the last one. Never throws. */
export class MessageReader extends AnswerBuilder implements FrameReader {
  #usage: Unread = {}
  #rest: Unread = {}
  #live: Block | undefined
  /** Events of blocks that began while another one was written, by their index. */
  readonly #waiting = new Map<unknown, Unread[]>()
  /** Calls whose block has ended, by its index. */
  readonly #ended = new Map<unknown, OpenCall>()

  constructor() {
    super({ [name]: {} })
  }

  take(frame: Frame): void {
    const event = parseJson(frame.data)
    if (isObject(event)) this.#takeEvent(event, frame.name)
    else this.#takeStrange(frame.name, frame.data.trim())
  }

  takeBody(wire: unknown): Answer | Failure {
    const message = objectOr(wire)
    if (!Array.isArray(message['content'])) return this.#takeError(wire)
    this.#takeHead(message)
    for (const block of arrayOr(message['content'])) {
      this.#begin(undefined, objectOr(block))
      this.#endLive()
    }
    return this.#finish()
  }

  end(): void {
    this.fail(truncated)
  }

  override fail(cause: Failure): Failure {
    this.#keep()
    return super.fail(cause)
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
        return this.#takeHead({ ...event, ...objectOr(event['delta']) })
      case 'message_stop':
        this.#endBlocks()
        this.#finish()
        return
      default:
        // Events from the future say nothing that is known here, errors always do.
        if (type === 'error' || isObject(event['error'])) this.fail(decodeFailure(event))
    }
  }

  /** Data that is no event: a `[DONE]` that a proxy adds, a misplaced keepalive, or something broken. */
  #takeStrange(frameName: string, data: string): void {
    if (frameName === 'error') this.fail(failure('unknown', data || 'The provider failed'))
    else if (!/^($|:|\[DONE\]$|null$)/.test(data))
      this.fail(failure('malformed', `An event of the stream is not one of a message: ${excerpt(data)}`))
  }

  #takeError(wire: unknown): Failure {
    const { error, message, type } = objectOr(wire)
    const isError = Array.isArray(wire) || isObject(error) || type === 'error' || typeof message === 'string'
    return this.fail(isError ? decodeFailure(wire) : failure('malformed', 'The answer has no content'))
  }

  /** The head of a message, or what a `message_delta` adds to it. */
  #takeHead(wire: Unread): void {
    this.id ||= stringIn(wire, 'id') ?? ''
    this.model ||= stringIn(wire, 'model') ?? ''
    this.rawFinishReason = stringIn(wire, 'stop_reason') ?? this.rawFinishReason
    const { data } = keepRest(wire, messageFields)
    if (data !== undefined) this.#rest = { ...this.#rest, ...data[name] }
    if (!isObject(wire['usage'])) return
    this.#usage = mergeUsage(this.#usage, wire['usage'])
    this.usage = decodeUsage(this.#usage)
    this.cost = decodeCost(this.#usage['cost'])
  }

  /** Blocks come one after the other; where the index says otherwise, the later one waits. */
  #takeBlockEvent(event: Unread, type: unknown): void {
    const { index } = event
    const live = this.#live
    const delta = type === 'content_block_delta' ? objectOr(event['delta']) : undefined
    const ended = delta && index !== live?.index ? this.#ended.get(index) : undefined
    // What comes behind a call's block, such as a blank, is the call's all the same.
    if (ended !== undefined) return this.addInput(ended, stringOr(delta?.['partial_json']) ?? '')
    if (live !== undefined && index !== live.index) {
      const waiting = this.#waiting.get(index)
      if (waiting === undefined) this.#waiting.set(index, [event])
      else waiting.push(event)
      return
    }
    if (delta !== undefined) return this.#takeDelta(delta)
    this.#endLive()
    if (type === 'content_block_start') this.#begin(index, objectOr(event['content_block']))
    else if (this.#waiting.size > 0) this.#takeWaiting()
  }

  #takeWaiting(): void {
    for (const [index, events] of this.#waiting) {
      this.#waiting.delete(index)
      for (const event of events) {
        if (event['type'] === 'content_block_stop') this.#endLive()
        else this.#takeBlockEvent(event, event['type'])
      }
      if (this.#live !== undefined) return
    }
  }

  #begin(index: unknown, start: Unread): void {
    const { type } = start
    const said = (field: string): string => stringOr(start[field]) ?? ''
    const call =
      type === 'tool_use'
        ? this.openCall(said('id'), said('name'), keepRest(start, ['type', 'id', 'name', 'input']).data)
        : undefined
    this.#live = { index, start, input: new GrowingText(), call, fields: {} }
    if (type === 'text') {
      this.addText(said('text'))
      for (const citation of arrayOr(start['citations'])) this.#addCitation(citation)
    } else if (type === 'thinking') {
      this.addReasoning(said('thinking'))
      this.#addSignature(start)
    } else if (type === 'redacted_thinking') {
      this.addPart({ type: 'reasoning', text: '', ...keepRest(start, []) })
    }
  }

  #takeDelta(delta: Unread): void {
    const { type } = delta
    if (type === 'text_delta') return this.addText(stringOr(delta['text']) ?? '')
    if (type === 'thinking_delta') return this.addReasoning(stringOr(delta['thinking']) ?? '')
    if (type === 'signature_delta') return this.#addSignature(delta)
    if (type === 'citations_delta') return this.#addCitation(delta['citation'])
    const live = this.#live
    if (live === undefined) return
    if (type === 'input_json_delta') {
      const text = stringOr(delta['partial_json']) ?? ''
      live.input.add(text)
      if (live.call !== undefined) this.addInput(live.call, text)
    } else if (type === 'compaction_delta') {
      live.fields = { ...live.fields, ...delta }
    }
  }

  #addSignature(wire: Unread): void {
    const signature = stringIn(wire, 'signature')
    if (signature !== null) this.addData('reasoning', name, { signature })
  }

  #addCitation(citation: unknown): void {
    if (isObject(citation)) this.addCitation(decodeCitation(citation))
  }

  /** Input stands in the first event, or comes in deltas: never in both. */
  #endLive(): void {
    const live = this.#live
    this.#live = undefined
    this.endPart()
    if (live === undefined) return
    const { start, call, fields } = live
    const { type, input: whole } = start
    const written = live.input.toString()
    if (call !== undefined) {
      this.#ended.set(live.index, call)
      if (written === '' && isObject(whole) && Object.keys(whole).length > 0)
        this.addInput(call, stringifyJson(whole))
    } else if (stringOr(type) !== null && !texts.has(type)) {
      const input = written === '' ? whole : (parseJson(written) ?? written)
      this.addPart(decodeProviderPart({ ...start, input, ...fields, type }))
    }
  }

  #endBlocks(): void {
    this.#endLive()
    while (this.#waiting.size > 0) {
      this.#takeWaiting()
      this.#endLive()
    }
  }

  #finish(): Answer | Failure {
    this.#keep()
    const isNothing = this.rawFinishReason === null && this.isEmpty
    return isNothing ? super.fail(truncated) : this.finish(decodeFinishReason(this.rawFinishReason))
  }

  /** What the message has beyond the canonical form. */
  #keep(): void {
    const usage = keepRest(this.#usage, usageFields).data?.[name]
    this.data = keepRest({ ...this.#rest, usage }, []).data
  }
}
