/** Encodes a streamed answer of version 2 of Cohere's chat. https://docs.cohere.com/v2/docs/streaming */
import type { Answer, Failure, StreamEvent } from '../answer.ts'
import type { AnswerHead, StreamEncoder } from '../dialect.ts'
import { messageFor } from '../error-status.ts'
import { kept } from '../kept-fields.ts'
import { type CallHead, type CallWriter, LiveCalls, type OtherEvent } from '../live-calls.ts'
import type { ReasoningPart, TextPart, ToolCall } from '../message.ts'
import { encodeCitation } from './citations.ts'
import { encodeCall } from './encode-request.ts'
import { encodeFinishReason, encodeLogprob, encodeUsage } from './encode-response.ts'
import { plansOnly } from './plan.ts'

const utf8 = new TextEncoder()

export function encodeStream(head: AnswerHead): StreamEncoder {
  const writer = new CohereWriter(head)
  return { contentType: 'text/event-stream', push: (event) => utf8.encode(writer.write(event)) }
}

/**
 * Writes one answer's events. Content blocks, calls and citations are counted from 0, each kind for itself; calls
 * come one at a time, which is how `@ai-sdk/cohere` reads them.
 */
class CohereWriter implements CallWriter {
  readonly isSerial = true
  #text: string
  readonly #isPlanned: boolean
  #open: 'text' | 'thinking' | 'call' | null = null
  /** The start of the open block's deltas. */
  #prefix = ''
  #blocks = 0
  readonly #calls = new LiveCalls(this)
  /** The call that was begun last. */
  #call = 0
  #citations = 0

  constructor({ id, model }: AnswerHead) {
    this.#isPlanned = plansOnly(model)
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    this.#text = frame('message-start', { id, delta: { message } })
  }

  write(event: StreamEvent): string {
    if (event.type === 'finish') this.#finish(event.answer)
    else if (event.type === 'error') this.#fail(event.failure)
    else this.#calls.take(event)
    const text = this.#text
    this.#text = ''
    return text
  }

  part(event: OtherEvent): void {
    switch (event.type) {
      case 'text':
        this.#openBlock('text')
        return this.#delta(event.text)
      case 'reasoning':
        return this.#reasoning(event.text)
      case 'part-end':
        return this.#endPart(event.part)
      case 'part':
        if (event.part.type === 'reasoning') this.#whole(event.part)
    }
  }

  #openBlock(type: 'text' | 'thinking'): void {
    if (this.#open === type) return
    this.#close()
    this.#open = type
    const index = this.#blocks
    this.#blocks += 1
    this.#prefix = `event: content-delta\ndata: {"type":"content-delta","index":${index},"delta":{"message":{"content":{"${type}":`
    const message = { content: { type, [type]: '' } }
    this.#frame('content-start', { index, delta: { message } })
  }

  #reasoning(text: string): void {
    if (!this.#isPlanned) {
      this.#openBlock('thinking')
      return this.#delta(text)
    }
    this.#close()
    this.#frame('tool-plan-delta', { delta: { message: { tool_plan: text } } })
  }

  #delta(text: string): void {
    this.#text += `${this.#prefix}${JSON.stringify(text)}}}}}\n\n`
  }

  #close(): void {
    if (this.#open === 'call') this.#frame('tool-call-end', { index: this.#call })
    else if (this.#open !== null) this.#frame('content-end', { index: this.#blocks - 1 })
    this.#open = null
  }

  /** Text of only citations had no deltas. */
  #endPart(part: TextPart | ReasoningPart): void {
    if (part.type === 'text') {
      this.#openBlock('text')
      for (const [nth, one] of (part.citations ?? []).entries())
        this.#citation(encodeCitation(one, part, nth))
    }
    this.#close()
  }

  #citation(citations: unknown): void {
    const index = this.#citations
    this.#citations += 1
    this.#frame('citation-start', { index, delta: { message: { citations } } })
    this.#frame('citation-end', { index })
  }

  #whole(part: ReasoningPart): void {
    if (part.text === '') return
    this.#close()
    this.#reasoning(part.text)
    this.#close()
  }

  beginCall({ index, id, name, data }: CallHead): void {
    this.#close()
    this.#open = 'call'
    this.#call = index
    const call = { id, name, input: undefined, inputText: '', ...(data !== undefined && { data }) }
    const tool_calls = encodeCall({ type: 'tool-call', ...call })
    this.#frame('tool-call-start', { index, delta: { message: { tool_calls } } })
  }

  addInput(index: number, text: string): void {
    this.#text += `event: tool-call-delta\ndata: {"type":"tool-call-delta","index":${index},"delta":{"message":{"tool_calls":{"function":{"arguments":${JSON.stringify(text)}}}}}}\n\n`
  }

  endCall(index: number, _call: ToolCall, rest: string): void {
    if (rest !== '') this.addInput(index, rest)
    if (this.#open === 'call' && this.#call === index) this.#close()
  }

  #finish(answer: Answer): void {
    this.#calls.end()
    const { citations } = kept('cohere', answer)
    for (const logprob of answer.logprobs ?? []) {
      const index = Math.max(0, this.#blocks - 1)
      const delta = { message: { content: { text: '' } } }
      this.#frame('content-delta', { index, delta, logprobs: encodeLogprob(logprob) })
    }
    if (Array.isArray(citations)) for (const citation of citations) this.#citation(citation)
    this.#close()
    this.#end({ finish_reason: encodeFinishReason(answer), usage: encodeUsage(answer) ?? {} })
  }

  /** A call that is open stays open: clients take one that ends for whole. */
  #fail(failure: Failure): void {
    if (this.#open === 'call') this.#open = null
    this.#calls.end()
    this.#close()
    this.#end({ ...broken(failure), usage: {} })
  }

  #end(delta: object): void {
    this.#frame('message-end', { delta })
    this.#text += 'data: [DONE]\n\n'
  }

  #frame(type: string, fields: object): void {
    this.#text += frame(type, fields)
  }
}

/** A failure in the middle is the end of the answer, with its words beside it. */
function broken(failure: Failure): { readonly finish_reason: string; readonly error: string } {
  return { finish_reason: failure.code === 'timeout' ? 'TIMEOUT' : 'ERROR', error: messageFor(failure) }
}

function frame(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
