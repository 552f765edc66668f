/** Encodes a streamed message. https://platform.claude.com/docs/en/build-with-claude/streaming */
import type { Answer, Failure, PartEvent, StreamEvent } from '../answer.ts'
import type { AnswerHead, StreamEncoder } from '../dialect.ts'
import type { AssistantPart, JsonObject, ToolCall } from '../message.ts'
import { encodeBlock, encodeCallHead } from './encode-blocks.ts'
import { encodeErrorBody } from './encode-error.ts'
import { encodeAnswerUsage, encodeHead, noUsage } from './encode-response.ts'
import { encodeFinishReason } from './finish.ts'
import { keptFields } from './name.ts'
import { AwsSink, type Sink, SseSink } from './sinks.ts'
import { isAwsStreamUrl } from './urls.ts'
import { encodeUsage } from './usage.ts'

type OpenType = 'text' | 'reasoning'

/** By part: how its block begins, and what stands around a delta's words. */
const written: Readonly<Record<OpenType, readonly [start: string, before: string]>> = {
  text: ['{"type":"text","text":"","citations":null}', '"text_delta","text":'],
  reasoning: ['{"type":"thinking","thinking":"","signature":""}', '"thinking_delta","thinking":'],
}

/**
 * Writes the events of one answer. A tool call's id is known only when the call is whole, at the end: the call and
 * what follows it are held back until then, so that the blocks stand in the order of the answer's parts.
 */
export class MessageStreamEncoder implements StreamEncoder {
  readonly contentType: string
  readonly #head: AnswerHead
  readonly #sink: Sink
  #hasBegun = false
  /** The block that is open for deltas. */
  #open: OpenType | undefined
  #isStarted = false
  #index = 0
  /** Events from the first tool call on. */
  #held: PartEvent[] | undefined
  readonly #calls: ToolCall[] = []

  constructor(head: AnswerHead) {
    this.#head = head
    this.#sink = isAwsStreamUrl(head.url ?? '') ? new AwsSink() : new SseSink()
    this.contentType = this.#sink.contentType
  }

  push(event: StreamEvent): Uint8Array {
    if (event.type === 'error') this.#fail(event.failure)
    else {
      this.#begin()
      if (event.type === 'finish') this.#finish(event.answer)
      else if (event.type === 'tool-call') this.#calls.push(event.call)
      else if (this.#held !== undefined) this.#held.push(event)
      else if (event.type === 'tool-input') this.#held = [event]
      else this.#take(event)
    }
    return this.#sink.takeBytes()
  }

  /** Only the end knows the tokens. */
  #begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const message = { ...encodeHead(this.#head), usage: { ...noUsage, ...encodeUsage(null) } }
    this.#write('message_start', `{"type":"message_start","message":${JSON.stringify(message)}}`)
  }

  #take(event: Exclude<PartEvent, { readonly type: 'tool-input' | 'tool-call' }>): void {
    if (event.type === 'part-end') this.#endPart(event.part)
    else if (event.type === 'part') this.#writeWhole(event.part)
    else {
      if (this.#open !== event.type) this.#start(event.type, written[event.type][0])
      this.#delta(`${written[event.type][1]}${JSON.stringify(event.text)}`)
    }
  }

  /** What came besides the words; all of the part where no words came. */
  #endPart(part: Extract<PartEvent, { readonly type: 'part-end' }>['part']): void {
    if (this.#open !== part.type) return this.#writeWhole(part)
    this.#writeBesides(encodeBlock(part))
    this.#stop()
  }

  #writeBesides(block: JsonObject | null): void {
    const { citations, signature } = block ?? {}
    for (const citation of Array.isArray(citations) ? citations : [])
      this.#delta(`"citations_delta","citation":${JSON.stringify(citation)}`)
    if (typeof signature === 'string' && signature !== '')
      this.#delta(`"signature_delta","signature":${JSON.stringify(signature)}`)
  }

  #writeWhole(part: AssistantPart): void {
    const block = encodeBlock(part)
    if (block === null) return
    if (part.type === 'text' || (part.type === 'reasoning' && block['type'] === 'thinking')) {
      const type = part.type === 'text' ? 'text' : 'reasoning'
      this.#start(type, written[type][0])
      if (part.text !== '') this.#delta(`${written[type][1]}${JSON.stringify(part.text)}`)
      this.#writeBesides(block)
    } else if ('input' in block) {
      this.#start(undefined, JSON.stringify({ ...block, input: {} }))
      this.#delta(`"input_json_delta","partial_json":${JSON.stringify(JSON.stringify(block['input']))}`)
    } else {
      this.#start(undefined, JSON.stringify(block))
    }
    this.#stop()
  }

  /** The input byte for byte, as the model wrote it. */
  #writeCall(call: ToolCall): void {
    this.#start(undefined, JSON.stringify(encodeCallHead(call)))
    this.#delta(`"input_json_delta","partial_json":${JSON.stringify(call.inputText)}`)
    this.#stop()
  }

  /** Writes what was held back: each call where it began. */
  #release(): void {
    const begun = new Set<number>()
    for (const event of this.#held ?? []) {
      if (event.type !== 'tool-input') {
        if (event.type !== 'tool-call') this.#take(event)
        continue
      }
      const call = this.#calls[event.index]
      if (begun.has(event.index) || call === undefined) continue
      begun.add(event.index)
      this.#writeCall(call)
    }
    for (const [index, call] of this.#calls.entries()) if (!begun.has(index)) this.#writeCall(call)
    this.#held = undefined
    this.#stop()
  }

  #finish(answer: Answer): void {
    this.#release()
    const { usage: _usage, context_management: edits, ...rest } = keptFields(answer)
    const delta = {
      stop_reason: encodeFinishReason(answer),
      stop_sequence: null,
      stop_details: null,
      ...rest,
    }
    const usage = { server_tool_use: null, ...encodeAnswerUsage(answer) }
    const besides = edits === undefined ? {} : { context_management: edits }
    this.#write('message_delta', JSON.stringify({ type: 'message_delta', delta, usage, ...besides }))
    this.#write('message_stop', '{"type":"message_stop"}')
  }

  /** What was said before is said; a call that is not whole is not. */
  #fail(failure: Failure): void {
    if (this.#held !== undefined) this.#release()
    this.#sink.fail(failure, encodeErrorBody(failure))
  }

  #start(open: OpenType | undefined, block: string): void {
    this.#stop()
    this.#open = open
    this.#isStarted = true
    this.#write(
      'content_block_start',
      `{"type":"content_block_start","index":${this.#index},"content_block":${block}}`,
    )
  }

  #delta(fields: string): void {
    this.#write(
      'content_block_delta',
      `{"type":"content_block_delta","index":${this.#index},"delta":{"type":${fields}}}`,
    )
  }

  #stop(): void {
    if (!this.#isStarted) return
    this.#write('content_block_stop', `{"type":"content_block_stop","index":${this.#index}}`)
    this.#isStarted = false
    this.#open = undefined
    this.#index += 1
  }

  #write(type: string, json: string): void {
    this.#sink.write(type, json)
  }
}
