/** Encodes a streamed answer of the Converse API. */
import type { Answer, Failure, StreamEvent } from '../answer.ts'
import { AwsMessages, AwsPiece, encodeAwsFrame } from '../aws-event-stream-encoder.ts'
import type { StreamEncoder } from '../dialect.ts'
import { messageFor } from '../error-status.ts'
import type { Unread } from '../json.ts'
import { type CallHead, type CallWriter, LiveCalls, type OtherEvent } from '../live-calls.ts'
import type { AssistantPart, ReasoningPart, TextPart, ToolCall } from '../message.ts'
import { encodeCitation } from './citations.ts'
import { streamException } from './encode-error.ts'
import { encodeStopReason, encodeTail } from './encode-response.ts'
import { name } from './name.ts'
import { encodeProviderPart } from './provider-parts.ts'

const types = [
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
] as const
type EventType = (typeof types)[number]

const messages = Object.fromEntries(
  types.map((type) => [
    type,
    new AwsMessages({
      ':event-type': type,
      ':content-type': 'application/json',
      ':message-type': 'event',
    }),
  ]),
) as Readonly<Record<EventType, AwsMessages>>

export function encodeStream(): StreamEncoder {
  const writer = new ConverseWriter()
  return { contentType: 'application/vnd.amazon.eventstream', push: (event) => writer.write(event) }
}

/** Writes one answer's events, one block at a time. A block of text or reasoning has no start. */
class ConverseWriter implements CallWriter {
  readonly isSerial = true
  readonly #piece = new AwsPiece()
  #hasBegun = false
  #open: 'text' | 'reasoning' | 'call' | null = null
  /** The place of the open block, or of the next one. */
  #index = 0
  readonly #calls = new LiveCalls(this)
  /** The blocks of the calls, by the calls' index. */
  readonly #places: number[] = []

  write(event: StreamEvent): Uint8Array {
    if (!this.#hasBegun) this.#frame('messageStart', '{"role":"assistant"}')
    this.#hasBegun = true
    if (event.type === 'finish') this.#finish(event.answer)
    else if (event.type === 'error') this.#fail(event.failure)
    else this.#calls.take(event)
    return this.#piece.take()
  }

  part(event: OtherEvent): void {
    switch (event.type) {
      case 'text':
        this.#openBlock('text')
        return this.#delta(`{"text":${JSON.stringify(event.text)}}`)
      case 'reasoning':
        this.#openBlock('reasoning')
        return this.#delta(`{"reasoningContent":{"text":${JSON.stringify(event.text)}}}`)
      case 'part-end':
        return this.#endPart(event.part)
      case 'part':
        return event.part.type === 'reasoning' ? this.#whole(event.part) : this.#providerPart(event.part)
    }
  }

  #openBlock(type: 'text' | 'reasoning'): void {
    if (this.#open !== type) this.#close()
    this.#open = type
  }

  #delta(delta: string, index = this.#index): void {
    this.#frame('contentBlockDelta', `{"contentBlockIndex":${index},"delta":${delta}}`)
  }

  #close(): void {
    if (this.#open === null) return
    this.#open = null
    this.#stop()
  }

  #stop(): void {
    this.#frame('contentBlockStop', `{"contentBlockIndex":${this.#index}}`)
    this.#index += 1
  }

  #whole(part: ReasoningPart): void {
    this.#close()
    if (part.text !== '') this.part({ type: 'reasoning', text: part.text })
    this.#endPart(part)
  }

  /** What comes behind the deltas of a part. */
  #endPart(part: TextPart | ReasoningPart): void {
    if (part.type === 'text') {
      this.#openBlock('text')
      for (const citation of part.citations ?? [])
        this.#delta(JSON.stringify({ citation: encodeCitation(citation) }))
      return this.#close()
    }
    const { signature, redactedContent } = part.data?.[name] ?? {}
    if (signature === undefined && redactedContent === undefined) return this.#close()
    this.#openBlock('reasoning')
    if (redactedContent !== undefined) this.#delta(JSON.stringify({ reasoningContent: { redactedContent } }))
    if (signature !== undefined) this.#delta(JSON.stringify({ reasoningContent: { signature } }))
    this.#close()
  }

  #start(start: Unread): void {
    this.#close()
    this.#frame('contentBlockStart', JSON.stringify({ contentBlockIndex: this.#index, start }))
  }

  beginCall({ index, id, name: tool }: CallHead): void {
    this.#start({ toolUse: { toolUseId: id, name: tool } })
    this.#open = 'call'
    this.#places[index] = this.#index
  }

  /** The input byte for byte, as the model wrote it. */
  addInput(index: number, text: string): void {
    this.#delta(`{"toolUse":{"input":${JSON.stringify(text)}}}`, this.#places[index])
  }

  endCall(index: number, _call: ToolCall, rest: string): void {
    if (rest !== '') this.addInput(index, rest)
    if (this.#open === 'call' && this.#places[index] === this.#index) this.#close()
  }

  #providerPart(part: AssistantPart): void {
    if (part.type !== 'provider-call' && part.type !== 'provider-result') return
    const [block] = encodeProviderPart(part)
    if (block === undefined) return
    const { toolUse, toolResult } = block as Readonly<Record<string, Unread>>
    if (toolUse !== undefined) {
      const { input, ...start } = toolUse
      this.#start({ toolUse: start })
      this.#delta(JSON.stringify({ toolUse: { input: JSON.stringify(input) } }))
    } else {
      const { content, ...start } = toolResult ?? {}
      this.#start({ toolResult: start })
      this.#delta(JSON.stringify({ toolResult: content }))
    }
    this.#stop()
  }

  #finish(answer: Answer): void {
    this.#calls.end()
    this.#close()
    const { metrics, usage, rest } = encodeTail(answer)
    const { additionalModelResponseFields, ...others } = rest
    const stopReason = encodeStopReason(answer)
    this.#frame('messageStop', JSON.stringify({ stopReason, additionalModelResponseFields }))
    this.#frame('metadata', JSON.stringify({ usage, metrics, ...others }))
  }

  /** The block that is open stays open: clients take a call whose block ends for whole. */
  #fail(failure: Failure): void {
    if (this.#open !== null) this.#index += 1
    this.#open = null
    this.#calls.end()
    const exception = {
      ':exception-type': streamException(failure),
      ':content-type': 'application/json',
      ':message-type': 'exception',
    }
    this.#piece.add(encodeAwsFrame(exception, JSON.stringify({ message: messageFor(failure) })))
  }

  #frame(type: EventType, payload: string): void {
    this.#piece.add(messages[type].encode(payload))
  }
}
