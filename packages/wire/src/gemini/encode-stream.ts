/** Encodes a streamed answer: events with `alt=sse` in the URL, an array without it. */
import type { Answer, PartEvent, StreamEvent, ToolCallEvent, ToolInputEvent } from '../answer.ts'
import type { AnswerHead, StreamEncoder } from '../dialect.ts'
import type { AssistantPart } from '../message.ts'
import { encodeCandidate, encodeParts, encodeRest } from './encode-answer.ts'
import { encodeErrorBody } from './encode-response.ts'

/** What stands around chunks, and where they end for good. */
interface Transport {
  readonly contentType: string
  readonly first: string
  readonly before: string
  readonly behind: string
  readonly last: string
}

const events: Transport = {
  contentType: 'text/event-stream',
  first: 'data: ',
  before: 'data: ',
  behind: '\r\n\r\n',
  last: '',
}
const array: Transport = {
  contentType: 'application/json',
  first: '[',
  before: ',\r\n',
  behind: '',
  last: ']',
}

/** What is written as it comes. */
type WrittenEvent = Exclude<PartEvent, ToolInputEvent | ToolCallEvent>

export function encodeStream(head: AnswerHead): StreamEncoder {
  return new ChunkWriter(head)
}

class ChunkWriter implements StreamEncoder {
  readonly #head: AnswerHead
  readonly #transport: Transport
  readonly #utf8 = new TextEncoder()
  /** What stands behind a delta's text. */
  readonly #tails: { readonly text: string; readonly reasoning: string }
  /** What came behind the first tool call: a call is written when it is whole, and nothing goes before it. */
  #held: WrittenEvent[] | undefined
  #hasBegun = false

  constructor(head: AnswerHead) {
    this.#head = head
    this.#transport = /[?&](?:alt|%24alt|\$alt)=sse(?:[&#]|$)/.test(head.url ?? '?alt=sse') ? events : array
    const { model, id } = head
    const rest = JSON.stringify({ modelVersion: model || undefined, responseId: id || undefined }).slice(1)
    const tail = (thought: string): string =>
      `${thought}}],"role":"model"},"index":0}]${rest === '}' ? '}' : `,${rest}`}${this.#transport.behind}`
    this.#tails = { text: tail(''), reasoning: tail(',"thought":true') }
  }

  get contentType(): string {
    return this.#transport.contentType
  }

  push(event: StreamEvent): Uint8Array {
    return this.#utf8.encode(this.#encode(event))
  }

  #encode(event: StreamEvent): string {
    if (event.type === 'finish') return this.#finish(event.answer)
    if (event.type === 'error') return this.#fail(encodeErrorBody(event.failure))
    if (event.type === 'tool-call' || event.type === 'tool-input') {
      this.#held ??= []
      return ''
    }
    if (this.#held === undefined) return this.#encodePart(event)
    this.#held.push(event)
    return ''
  }

  #encodePart(event: WrittenEvent): string {
    switch (event.type) {
      case 'text':
      case 'reasoning':
        return `${this.#before()}{"candidates":[{"content":{"parts":[{"text":${JSON.stringify(event.text)}${this.#tails[event.type]}`
      // The words are out: what is left is their signature.
      case 'part-end':
        return event.part.data?.['gemini'] === undefined ? '' : this.#chunk([{ ...event.part, text: '' }])
      case 'part':
        return this.#chunk([event.part])
    }
  }

  /** Calls stand where they stood in the answer, before what was held back for them, if that came behind them. */
  #finish(answer: Answer): string {
    const { content } = answer.message
    const firstCall = content.findIndex(({ type }) => type === 'tool-call')
    const tail = firstCall === -1 ? [] : content.slice(firstCall)
    const isLast = tail.every(({ type }) => type === 'tool-call')
    const held = isLast ? (this.#held ?? []).map((event) => this.#encodePart(event)).join('') : ''
    const { behind, last } = this.#transport
    const body = JSON.stringify({
      candidates: [encodeCandidate(answer, encodeParts(tail))],
      ...encodeRest(answer, this.#head),
    })
    return held + this.#before() + body + behind + last
  }

  /**
   * Google writes an error bare behind the events, which its own client (`throwIfStreamErrorChunk`) only reads where
   * the network brings it alone. As an event it reads one always.
   */
  #fail(body: string): string {
    const { behind, last } = this.#transport
    return this.#before() + body + behind + last
  }

  #chunk(content: readonly AssistantPart[]): string {
    const parts = encodeParts(content)
    if (parts.length === 0) return ''
    const { model, id } = this.#head
    const chunk = {
      candidates: [{ content: { parts, role: 'model' }, index: 0 }],
      modelVersion: model || undefined,
      responseId: id || undefined,
    }
    return this.#before() + JSON.stringify(chunk) + this.#transport.behind
  }

  #before(): string {
    const { first, before } = this.#transport
    const prefix = this.#hasBegun ? before : first
    this.#hasBegun = true
    return prefix
  }
}
