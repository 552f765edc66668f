/** Encodes a streamed response. https://platform.openai.com/docs/api-reference/responses-streaming */
import type { Answer, Failure, StreamEvent } from '../answer.ts'
import type { AnswerHead, StreamEncoder } from '../dialect.ts'
import { isObject } from '../json.ts'
import { type CallHead, type CallWriter, LiveCalls, type OtherEvent } from '../live-calls.ts'
import type {
  AssistantPart,
  JsonObject,
  ProviderData,
  ReasoningPart,
  TextPart,
  ToolCall,
} from '../message.ts'
import { encodeOther, messageOf } from './encode-items.ts'
import { type EventWriter, OpenCall, OpenMessage, OpenReasoning, Writer } from './item-events.ts'
import { responses } from './items.ts'
import { callItem, encodeOutput, itemIds, messageItem, reasoningItem, textPart } from './output-items.ts'
import { encodeStand, standOf, type Stand, wordOf } from './response.ts'

/** Writes one answer. Items begin in their order; a call's ends when the call is whole, which is at the end. */
export class ResponseEncoder implements StreamEncoder, CallWriter {
  readonly isSerial = false
  readonly contentType = 'text/event-stream'
  readonly #head: AnswerHead
  readonly #writer: EventWriter = new Writer()
  readonly #ids
  readonly #utf8 = new TextEncoder()
  #open: OpenMessage | OpenReasoning | undefined
  readonly #calls = new LiveCalls(this)
  readonly #openCalls: OpenCall[] = []
  /** How many parts of the answer are written, or have begun. */
  #count = 0
  #hasBegun = false

  constructor(head: AnswerHead) {
    this.#head = head
    this.#ids = itemIds(head.id)
  }

  push(event: StreamEvent): Uint8Array {
    if (!this.#hasBegun) this.#begin()
    if (event.type === 'finish') this.#finish(event.answer)
    else if (event.type === 'error') this.#fail(event.failure)
    else this.#calls.take(event)
    return this.#utf8.encode(this.#writer.take())
  }

  #begin(): void {
    this.#hasBegun = true
    const response = encodeStand(this.#head, { status: 'in_progress', output: [] })
    this.#writer.write('response.created', { response })
    this.#writer.write('response.in_progress', { response })
  }

  part(event: OtherEvent): void {
    if (event.type === 'text') this.#text(event.data).add(event.text, isRefusal(event))
    else if (event.type === 'reasoning') this.#reasoning(event.data).add(event.text)
    else if (event.type === 'part-end') this.#endPart(event.part)
    else this.#whole(event.part)
  }

  #text(data?: ProviderData): OpenMessage {
    if (this.#open?.type === 'message') return this.#open
    this.#close()
    const head = data?.[responses]?.['message']
    const own = isObject(head) ? head : undefined
    const item = typeof own?.['id'] === 'string' ? own : { id: this.#ids('msg'), ...own }
    const open = new OpenMessage(this.#writer, {
      ...item,
      type: 'message',
      role: 'assistant',
      status: 'in_progress',
    })
    this.#open = open
    return open
  }

  #reasoning(data?: ProviderData): OpenReasoning {
    if (this.#open?.type === 'reasoning') return this.#open
    this.#close()
    const { list = 'summary', ...head }: JsonObject = data?.[responses] ?? {}
    const own = typeof head['id'] === 'string' ? head : { id: this.#ids('rs'), ...head }
    const item = { ...own, type: 'reasoning' }
    const open = new OpenReasoning(this.#writer, item, list === 'content')
    this.#open = open
    return open
  }

  #endPart(part: TextPart | ReasoningPart): void {
    if (part.type === 'text') {
      this.#text().endPart(part, textPart(part))
      this.#count += 1
      if (messageOf(part) !== undefined) this.#close()
      return
    }
    const open = this.#reasoning()
    const item = reasoningItem(part, () => open.id)
    if (item !== null) open.end(item)
    this.#open = undefined
    this.#count += 1
  }

  /** A part that did not come in deltas. */
  #whole(part: AssistantPart): void {
    if (part.type === 'text') {
      if (part.text !== '') this.#text(part.data).add(part.text, isRefusal(part))
      this.#endPart(part)
      return
    }
    this.#close()
    if (part.type === 'reasoning' && part.text !== '') {
      const own = part.data?.[responses]
      const list = Array.isArray(own?.['content']) && own['content'].length > 0 ? 'content' : 'summary'
      this.#reasoning({ [responses]: { ...own, list } }).add(part.text)
      this.#endPart(part)
      return
    }
    if (part.type === 'tool-call') return this.#wholeCall(part)
    this.#count += 1
    this.#writer.item(part.type === 'reasoning' ? reasoningItem(part, this.#ids) : encodeOther(part))
  }

  #wholeCall(call: ToolCall): void {
    const index = this.#openCalls.length
    this.beginCall({ ...call, index })
    this.endCall(index, call, call.inputText)
  }

  beginCall({ index, id, name, data }: CallHead): void {
    this.#close()
    this.#count += 1
    const head = { id, name, input: undefined, inputText: '', ...(data !== undefined && { data }) }
    this.#openCalls[index] = new OpenCall(this.#writer, callItem({ type: 'tool-call', ...head }, this.#ids))
  }

  addInput(index: number, text: string): void {
    this.#openCalls[index]?.add(text)
  }

  endCall(index: number, call: ToolCall, rest: string): void {
    const open = this.#openCalls[index]
    if (rest !== '') open?.add(rest)
    open?.end(callItem(call, () => open.id))
  }

  /** Ends the item that is open: nothing was said of it but its deltas. */
  #close(): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    if (open.type === 'reasoning') {
      const item = reasoningItem({ type: 'reasoning', text: open.text }, () => open.id)
      if (item !== null) open.end(item)
      this.#count += 1
      return
    }
    if (open.hasOpenPart) {
      const part: TextPart = { type: 'text', text: open.text }
      open.endPart(part, textPart(part))
      this.#count += 1
    }
    open.end(messageItem(open.parts, () => open.id))
  }

  #finish(answer: Answer): void {
    this.#calls.end()
    this.#close()
    for (const part of answer.message.content.slice(this.#count)) this.#whole(part)
    this.#close()
    const stand = standOf(answer, this.#output(answer))
    this.#writer.write(`response.${stand.status}`, { response: encodeStand(this.#head, stand) })
  }

  /** The items as they were written; logprobs, which are known only now, stand with the last text. */
  #output({ message, logprobs }: Answer): readonly JsonObject[] {
    const { items } = this.#writer
    if (logprobs === undefined) return items
    const messages = encodeOutput(message.content, this.#ids, logprobs).filter(isMessage)
    return items.map((item) =>
      isMessage(item) ? { ...item, content: messages.shift()?.['content'] ?? [] } : item,
    )
  }

  /** What had been written stays, and its usage; a call that is not whole does not end. */
  #fail(failure: Failure): void {
    this.#calls.end()
    this.#close()
    const stand: Stand = {
      status: 'failed',
      error: { code: wordOf(failure), message: failure.message },
      output: this.#writer.items,
      usage: failure.usage,
      cost: failure.cost,
    }
    this.#writer.write('response.failed', { response: encodeStand(this.#head, stand) })
  }
}

function isRefusal({ data }: { readonly data?: ProviderData }): boolean {
  const part = data?.[responses]?.['part']
  return isObject(part) && part['type'] === 'refusal'
}

function isMessage({ type }: JsonObject): boolean {
  return type === 'message'
}
