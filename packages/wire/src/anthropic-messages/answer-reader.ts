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
import { decodeUsage, mergeSaid, usageFields } from './usage.ts'

/** A tool call, or what a tool that the provider runs says: a part when it is whole. */
interface Block {
  start: Unread
  readonly call?: OpenCall
  readonly input: GrowingText
}

/** The fields of a message that have a canonical form, or always the same value. */
const messageFields = ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'delta']

/**
 * Where a guardrail of Bedrock's says that the words are its own; the stop reason stays that of a whole answer.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-invoke.html
 */
const guardrail = 'amazon-bedrock-guardrailAction'

const lostCall = failure('malformed', 'The answer has no tool call')

/** Reads events until the last one. Never throws. */
export class MessageReader extends AnswerBuilder implements FrameReader {
  /** What the message said of itself: the last of each field counts. */
  #head: Unread = {}
  /** By their index: undefined for those that are parts already. */
  readonly #blocks = new Map<unknown, Block | undefined>()
  /** The index of the block that began last: the next one ends it, too. */
  #last: unknown
  /** Whether there was input of a block that never began. */
  #isLost = false

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
    return this.#finish()
  }

  end(): void {
    this.fail(truncated)
  }

  #takeEvent(event: Unread, frameName: string): void {
    const { index } = event
    const type = stringOr(event['type']) ?? frameName
    switch (type) {
      case 'content_block_delta':
        return this.#takeDelta(index, objectOr(event['delta']))
      case 'content_block_start':
        return this.#begin(index, objectOr(event['content_block']))
      case 'content_block_stop':
        return this.#end(index)
      case 'message_start':
        return this.#takeHead(objectOr(event['message']))
      case 'message_delta':
        return this.#takeHead({ ...event, ...objectOr(event['delta']) })
      case 'message_stop':
        return void this.#finish()
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
    const usage = mergeSaid(objectOr(this.#head['usage']), objectOr(wire['usage']))
    this.#head = { ...mergeSaid(this.#head, wire), usage }
    this.id = stringIn(this.#head, 'id') ?? ''
    this.model = stringIn(this.#head, 'model') ?? ''
    this.rawFinishReason = stringIn(this.#head, 'stop_reason')
    this.usage = decodeUsage(usage)
    this.cost = decodeCost(usage['cost'])
    // A plain answer's; in a stream what was said before it began, where tools are called by code.
    for (const block of arrayOr(wire['content'])) this.#begin(undefined, objectOr(block))
  }

  #begin(index: unknown, start: Unread): void {
    this.#end(this.#last)
    this.#last = index
    const { type } = start
    if (type === 'text' || type === 'thinking') {
      this.#takeWords(start)
      for (const citation of arrayOr(start['citations'])) this.#takeWords({ citation })
    } else if (type === 'redacted_thinking') {
      this.addPart({ type: 'reasoning', text: '', ...keepRest(start, []) })
    } else if (type === 'tool_use') {
      const { data } = keepRest(start, ['type', 'id', 'name', 'input'])
      const call = this.openCall(stringIn(start, 'id') ?? '', stringIn(start, 'name') ?? '', data)
      this.#blocks.set(index, { start, call, input: call.input })
    } else if (stringOr(type) !== null) {
      this.#blocks.set(index, { start, input: new GrowingText() })
    }
  }

  /** Input that comes behind a call's block, such as a blank, is the call's all the same. */
  #takeDelta(index: unknown, delta: Unread): void {
    const { partial_json: input } = delta
    const block = this.#blocks.get(index)
    if (typeof input !== 'string') {
      this.#takeWords(delta)
      // A compaction says its words so: they are a field of the block.
      if (block) block.start = { ...block.start, ...delta, type: block.start['type'] }
    } else if (block?.call) this.addInput(block.call, input)
    else if (block) block.input.add(input)
    else if (!this.#blocks.has(index) && input.trim() !== '') this.#isLost = true
  }

  /** A text or a thought: the start of its block has the same fields as what follows. */
  #takeWords(wire: Unread): void {
    const { text, thinking, citation } = wire
    const signature = stringOr(wire['signature'])
    this.addText(stringOr(text) ?? '')
    this.addReasoning(stringOr(thinking) ?? '')
    if (signature !== null) this.addData('reasoning', name, { signature })
    if (isObject(citation)) this.addCitation(decodeCitation(citation))
  }

  /** Input stands in the first event, or comes in deltas: never in both. */
  #end(index: unknown): void {
    this.endPart()
    const block = this.#blocks.get(index)
    if (block === undefined) return
    const { start, call, input } = block
    const { input: whole } = start
    const written = input.toString()
    if (call === undefined) {
      this.#blocks.set(index, undefined)
      this.addPart(
        decodeProviderPart({ ...start, input: written === '' ? whole : (parseJson(written) ?? written) }),
      )
    } else if (written === '' && Object.keys(objectOr(whole)).length > 0)
      this.addInput(call, stringifyJson(whole))
  }

  #finish(): Answer | Failure {
    this.#end(this.#last)
    const head = this.#head
    const usage = keepRest(objectOr(head['usage']), usageFields).data?.[name]
    this.data = keepRest({ ...head, usage }, messageFields).data
    if (this.rawFinishReason === null && this.isEmpty) return this.fail(truncated)
    const isBlocked = head[guardrail] === 'INTERVENED'
    const reason = isBlocked ? 'content-filter' : decodeFinishReason(this.rawFinishReason)
    const isLost = this.#isLost && reason === 'tool-calls' && !this.hasCalls
    return isLost ? this.fail(lostCall) : this.finish(reason)
  }
}
