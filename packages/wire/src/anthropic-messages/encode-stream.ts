/** Encodes a streamed message. https://platform.claude.com/docs/en/build-with-claude/streaming */
import type { Answer, Failure, StreamEvent } from '../answer.ts'
import type { AnswerHead, StreamEncoder } from '../dialect.ts'
import { type CallHead, type CallWriter, LiveCalls, type OtherEvent } from '../live-calls.ts'
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
 * Writes the events of one answer, one block at a time: of two that are open at once, Anthropic's own client
 * (`MessageStream`) takes the last one for the one that is meant.
 */
export class MessageStreamEncoder implements StreamEncoder, CallWriter {
  readonly isSerial = true
  readonly contentType: string
  readonly #head: AnswerHead
  readonly #sink: Sink
  #hasBegun = false
  /** The block that is open for deltas. */
  #open: OpenType | undefined
  #isStarted = false
  #index = 0
  readonly #calls = new LiveCalls(this)
  /** The blocks of the calls, by the calls' index. */
  readonly #places: number[] = []

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
      else this.#calls.take(event)
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

  part(event: OtherEvent): void {
    if (event.type === 'part-end') this.#endPart(event.part)
    else if (event.type === 'part') this.#writeWhole(event.part)
    else {
      if (this.#open !== event.type) this.#start(event.type, written[event.type][0])
      this.#delta(`${written[event.type][1]}${JSON.stringify(event.text)}`)
    }
  }

  /** What came besides the words; all of the part where no words came. */
  #endPart(part: Extract<OtherEvent, { readonly type: 'part-end' }>['part']): void {
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

  beginCall(head: CallHead): void {
    this.#start(undefined, JSON.stringify(encodeCallHead(head)))
    this.#places[head.index] = this.#index
  }

  /** The input byte for byte, as the model wrote it. */
  addInput(index: number, text: string): void {
    this.#delta(`"input_json_delta","partial_json":${JSON.stringify(text)}`, this.#places[index])
  }

  endCall(index: number, _call: ToolCall, rest: string): void {
    if (rest !== '') this.addInput(index, rest)
    if (this.#isStarted && this.#places[index] === this.#index) this.#stop()
  }

  #finish(answer: Answer): void {
    this.#calls.end()
    this.#stop()
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

  /** The block that is open stays open: clients take a call whose block ends for whole. */
  #fail(failure: Failure): void {
    if (this.#isStarted) this.#leave()
    this.#calls.end()
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

  #delta(fields: string, index = this.#index): void {
    this.#write(
      'content_block_delta',
      `{"type":"content_block_delta","index":${index},"delta":{"type":${fields}}}`,
    )
  }

  #stop(): void {
    if (!this.#isStarted) return
    this.#write('content_block_stop', `{"type":"content_block_stop","index":${this.#index}}`)
    this.#leave()
  }

  #leave(): void {
    this.#isStarted = false
    this.#open = undefined
    this.#index += 1
  }

  #write(type: string, json: string): void {
    this.#sink.write(type, json)
  }
}
