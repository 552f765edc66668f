/** Reads one message, from the events of a stream or from a plain answer alike. https://platform.claude.com/docs/en/build-with-claude/streaming */
import { type Answer, type Failure, failure } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { decodeFailure, decodeStray, excerpt } from '../failure.ts'
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
  /** What came of the input of a tool that the provider runs. */
  readonly input: GrowingText
  /** Fields that came in deltas of their own. */
  fields: Unread
}

/** The types of block that say themselves in deltas of text; all others are parts that come at once. */
const texts: ReadonlySet<unknown> = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use'])

/** The fields of a message that have a canonical form, or always the same value. */
const messageFields = ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'usage', 'delta']

/**
 * Where a guardrail of Bedrock's says that the words are its own; the stop reason stays that of a whole answer.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-invoke.html
 */
const guardrail = 'amazon-bedrock-guardrailAction'

const lostCall = failure('malformed', 'The answer has no tool call')

/** Reads events until the last one. Never throws. */
export class MessageReader extends AnswerBuilder implements FrameReader {
  #usage: Unread = {}
  #rest: Unread = {}
  #live: Block | undefined
  /** Events of blocks that began while another one was written, by their index. */
  readonly #waiting = new Map<unknown, Unread[]>()
  /** The blocks that there were, by their index: the call, where it is one. */
  readonly #begun = new Map<unknown, OpenCall | undefined>()
  /** Input of blocks that never began. */
  #lost = ''

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
    if (!Array.isArray(message['content'])) return this.fail(decodeStray(wire, 'The answer has no content'))
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
        this.#takeBlockEvent(event, type)
        if (this.#live === undefined) this.#takeWaiting()
        return
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
    const delta = type === 'content_block_delta' ? objectOr(event['delta']) : undefined
    const call = delta?.['type'] === 'input_json_delta' && this.#begun.get(index)
    // What comes behind a call's block, such as a blank, is the call's all the same.
    if (call) return this.addInput(call, stringOr(delta?.['partial_json']) ?? '')
    if (this.#live !== undefined && index !== this.#live.index) {
      const waiting = this.#waiting.get(index)
      if (waiting === undefined) this.#waiting.set(index, [event])
      else waiting.push(event)
    } else if (delta !== undefined) this.#takeDelta(delta, index)
    else {
      this.#endLive()
      if (type === 'content_block_start') this.#begin(index, objectOr(event['content_block']))
    }
  }

  #takeWaiting(): void {
    for (const [index, events] of this.#waiting) {
      if (this.#live !== undefined) return
      this.#waiting.delete(index)
      for (const event of events) this.#takeBlockEvent(event, event['type'])
    }
  }

  #begin(index: unknown, start: Unread): void {
    const { type } = start
    const said = (field: string): string => stringOr(start[field]) ?? ''
    this.#live = { index, start, input: new GrowingText(), fields: {} }
    this.#begun.set(index, undefined)
    if (type === 'tool_use') {
      const { data } = keepRest(start, ['type', 'id', 'name', 'input'])
      this.#begun.set(index, this.openCall(said('id'), said('name'), data))
    } else if (type === 'text') {
      this.addText(said('text'))
      for (const citation of arrayOr(start['citations'])) this.#addCitation(citation)
    } else if (type === 'thinking') {
      this.addReasoning(said('thinking'))
      this.#addSignature(start)
    } else if (type === 'redacted_thinking') {
      this.addPart({ type: 'reasoning', text: '', ...keepRest(start, []) })
    }
  }

  #takeDelta(delta: Unread, index: unknown): void {
    const { type } = delta
    if (type === 'text_delta') this.addText(stringOr(delta['text']) ?? '')
    else if (type === 'thinking_delta') this.addReasoning(stringOr(delta['thinking']) ?? '')
    else if (type === 'signature_delta') this.#addSignature(delta)
    else if (type === 'citations_delta') this.#addCitation(delta['citation'])
    else if (type === 'input_json_delta') {
      const input = stringOr(delta['partial_json']) ?? ''
      if (this.#begun.has(index)) this.#live?.input.add(input)
      else this.#lost += input.trim()
    } else if (type === 'compaction_delta' && this.#live !== undefined)
      this.#live.fields = { ...this.#live.fields, ...delta }
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
    const { start, fields } = live
    const { type, input: whole } = start
    const call = this.#begun.get(live.index)
    if (call !== undefined) {
      if (call.input.length === 0 && isObject(whole) && Object.keys(whole).length > 0)
        this.addInput(call, stringifyJson(whole))
    } else if (stringOr(type) !== null && !texts.has(type)) {
      const written = live.input.toString()
      const input = written === '' ? whole : (parseJson(written) ?? written)
      this.addPart(decodeProviderPart({ ...start, input, ...fields, type }))
    }
  }

  #endBlocks(): void {
    do {
      this.#endLive()
      this.#takeWaiting()
    } while (this.#live !== undefined)
  }

  #finish(): Answer | Failure {
    this.#keep()
    if (this.rawFinishReason === null && this.isEmpty) return super.fail(truncated)
    const isBlocked = this.#rest[guardrail] === 'INTERVENED'
    const reason = isBlocked ? 'content-filter' : decodeFinishReason(this.rawFinishReason)
    const isLost = reason === 'tool-calls' && this.#lost !== '' && !this.hasCalls
    return isLost ? super.fail(lostCall) : this.finish(reason)
  }

  /** What the message has beyond the canonical form. */
  #keep(): void {
    const usage = keepRest(this.#usage, usageFields).data?.[name]
    this.data = keepRest({ ...this.#rest, usage }, []).data
  }
}
