/** Encodes a streamed answer of version 2 of Cohere's chat. https://docs.cohere.com/v2/docs/streaming */
import type { Answer, Failure, StreamEvent } from '../answer.ts'
import type { AnswerHead, StreamEncoder } from '../dialect.ts'
import { kept } from '../kept-fields.ts'
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

/** Writes one answer's events. Content blocks, calls and citations are counted from 0, each kind for itself. */
class CohereWriter {
  #begin: string
  readonly #isPlanned: boolean
  #open: 'text' | 'thinking' | null = null
  /** The start of the open block's deltas. */
  #prefix = ''
  #blocks = 0
  #calls = 0
  #citations = 0

  constructor({ id, model }: AnswerHead) {
    this.#isPlanned = plansOnly(model)
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    this.#begin = frame('message-start', { id, delta: { message } })
  }

  write(event: StreamEvent): string {
    const begin = this.#begin
    this.#begin = ''
    switch (event.type) {
      case 'text':
        return begin + this.#openBlock('text') + this.#delta(event.text)
      case 'reasoning':
        return begin + this.#reasoning(event.text)
      case 'part-end':
        return begin + this.#endPart(event.part)
      case 'part':
        return begin + (event.part.type === 'reasoning' ? this.#whole(event.part) : '')
      case 'tool-call':
        return begin + this.#close() + this.#call(event.call)
      case 'finish':
        return begin + this.#finish(event.answer)
      case 'error':
        return begin + this.#close() + end({ ...broken(event.failure), usage: {} })
      case 'tool-input':
        return begin
    }
  }

  #openBlock(type: 'text' | 'thinking'): string {
    if (this.#open === type) return ''
    const ended = this.#close()
    this.#open = type
    const index = this.#blocks
    this.#blocks += 1
    this.#prefix = `event: content-delta\ndata: {"type":"content-delta","index":${index},"delta":{"message":{"content":{"${type}":`
    const message = { content: { type, [type]: '' } }
    return ended + frame('content-start', { index, delta: { message } })
  }

  #reasoning(text: string): string {
    if (!this.#isPlanned) return this.#openBlock('thinking') + this.#delta(text)
    return this.#close() + frame('tool-plan-delta', { delta: { message: { tool_plan: text } } })
  }

  #delta(text: string): string {
    return `${this.#prefix}${JSON.stringify(text)}}}}}\n\n`
  }

  #close(): string {
    if (this.#open === null) return ''
    this.#open = null
    return frame('content-end', { index: this.#blocks - 1 })
  }

  /** Text of only citations had no deltas. */
  #endPart(part: TextPart | ReasoningPart): string {
    if (part.type === 'reasoning') return this.#close()
    let written = this.#openBlock('text')
    for (const [nth, one] of (part.citations ?? []).entries())
      written += this.#citation(encodeCitation(one, part, nth))
    return written + this.#close()
  }

  #citation(citations: unknown): string {
    const index = this.#citations
    this.#citations += 1
    const delta = { message: { citations } }
    return frame('citation-start', { index, delta }) + frame('citation-end', { index })
  }

  #whole(part: ReasoningPart): string {
    return part.text === '' ? '' : this.#close() + this.#reasoning(part.text) + this.#close()
  }

  #call(call: ToolCall): string {
    const index = this.#calls
    this.#calls += 1
    const opened = { ...encodeCall(call), function: { name: call.name, arguments: '' } }
    const input = { function: { arguments: call.inputText } }
    return (
      frame('tool-call-start', { index, delta: { message: { tool_calls: opened } } }) +
      frame('tool-call-delta', { index, delta: { message: { tool_calls: input } } }) +
      frame('tool-call-end', { index })
    )
  }

  #finish(answer: Answer): string {
    const { citations } = kept('cohere', answer)
    let written = ''
    for (const logprob of answer.logprobs ?? []) {
      const index = Math.max(0, this.#blocks - 1)
      const delta = { message: { content: { text: '' } } }
      written += frame('content-delta', { index, delta, logprobs: encodeLogprob(logprob) })
    }
    if (Array.isArray(citations)) for (const citation of citations) written += this.#citation(citation)
    const usage = encodeUsage(answer) ?? {}
    return written + this.#close() + end({ finish_reason: encodeFinishReason(answer), usage })
  }
}

/** A failure in the middle is the end of the answer, with its words beside it. */
function broken({ code, message }: Failure): { readonly finish_reason: string; readonly error: string } {
  return { finish_reason: code === 'timeout' ? 'TIMEOUT' : 'ERROR', error: message }
}

function end(delta: object): string {
  return `${frame('message-end', { delta })}data: [DONE]\n\n`
}

function frame(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
