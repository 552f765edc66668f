/** Decodes a streamed chat completion. https://platform.openai.com/docs/api-reference/chat-streaming */
import { failure, type Failure, type StreamEvent } from '../answer.ts'
import type { StreamDecoder } from '../dialect.ts'
import { WireError } from '../error.ts'
import { isObject, parseJson, stringOr, type Unread } from '../json.ts'
import type { Provider } from '../provider.ts'
import { type SseEvent, SseParser } from '../sse.ts'
import { Assembly } from './assembly.ts'
import { textOfContent } from './content.ts'
import { decodeCompletion, withThinking } from './decode-response.ts'
import { decodeFailure } from './failure.ts'
import { ToolCalls } from './tool-calls.ts'

const truncated = failure('truncated', 'The stream ended before the answer was complete')

/** Turns the bytes of one streamed answer into events. One pass, nothing copied, nothing parsed twice. */
export class ChatStreamDecoder implements StreamDecoder {
  readonly #provider: Provider
  readonly #utf8 = new TextDecoder()
  readonly #sse = new SseParser()
  readonly #assembly = new Assembly()
  readonly #calls = new ToolCalls()
  #isOver = false

  constructor(provider: Provider) {
    this.#provider = provider
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    if (this.#isOver) return []
    const events: StreamEvent[] = []
    try {
      this.#takeAll(this.#sse.push(this.#utf8.decode(chunk, { stream: true })), events)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#fail(failure('malformed', error.message), events)
    }
    return events
  }

  end(): readonly StreamEvent[] {
    if (this.#isOver) return []
    const events: StreamEvent[] = []
    this.#takeAll([...this.#sse.push(this.#utf8.decode()), ...this.#sse.end()], events, 'last')
    if (!this.#isOver) this.#takeEnd(events)
    return events
  }

  #takeAll(sse: readonly SseEvent[], events: StreamEvent[], place?: 'last'): void {
    for (const event of sse) {
      if (this.#isOver) return
      this.#take(event, events, place)
    }
  }

  #take(event: SseEvent, events: StreamEvent[], place: 'last' | undefined): void {
    if (event.data === '[DONE]') return this.#finish(events)
    const chunk = parseJson(event.data)
    if (!isObject(chunk)) return this.#takeStrange(event, chunk, events, place)
    const isError = event.name === 'error' || (chunk['error'] !== undefined && chunk['error'] !== null)
    this.#assembly.addHead(chunk)
    if (isError) return this.#fail(decodeFailure(chunk, null), events)
    const choices = chunk['choices']
    if (!Array.isArray(choices)) return
    for (const choice of choices as unknown[]) {
      // Only one answer was asked for; a second one would be mixed into it.
      if (isObject(choice) && (choice['index'] ?? 0) === 0) this.#takeChoice(choice, chunk, events)
    }
  }

  #takeChoice(choice: Unread, chunk: Unread, events: StreamEvent[]): void {
    const delta = choice['delta'] ?? choice['message']
    if (isObject(delta)) this.#takeDelta(delta, events)
    const reason = stringOr(choice['finish_reason'])
    if (reason !== null) this.#assembly.rawFinishReason = reason
    if (isObject(choice['error'])) this.#fail(decodeFailure({ ...chunk, error: choice['error'] }, null), events)
  }

  #takeDelta(delta: Unread, events: StreamEvent[]): void {
    const reasoning = hasReasoning(delta) ? this.#assembly.reasoning.add(withThinking(delta)) : ''
    if (reasoning !== '') events.push({ type: 'reasoning', text: reasoning })
    const text = textOfContent(delta['content']) || (stringOr(delta['refusal']) ?? '')
    if (text !== '') {
      this.#assembly.text += text
      events.push({ type: 'text', text })
    }
    const calls = delta['tool_calls']
    if (!Array.isArray(calls)) return
    for (const call of calls as unknown[]) {
      const event = isObject(call) ? this.#calls.add(call) : null
      if (event !== null) events.push(event)
    }
  }

  /** Data that is no chunk: a misplaced keepalive (`data: : ping`), or something cut off or broken. */
  #takeStrange(event: SseEvent, parsed: unknown, events: StreamEvent[], place: 'last' | undefined): void {
    const data = event.data.trim()
    if (event.name === 'error') return this.#fail(failure('unknown', data || 'The provider failed'), events)
    if (data === '' || data.startsWith(':') || parsed === null) return
    if (place === 'last') return this.#fail(truncated, events)
    this.#fail(failure('malformed', `An event of the stream is not a chunk: ${JSON.stringify(data.slice(0, 80))}`), events)
  }

  /** The bytes are over without `[DONE]`. */
  #takeEnd(events: StreamEvent[]): void {
    const stray = this.#sse.stray
    if (stray !== '') return this.#takeStray(stray, events)
    const isWhole = this.#assembly.rawFinishReason !== null && this.#provider.quirks.streamEnd === 'finish-reason'
    if (isWhole) return this.#finish(events)
    this.#fail(truncated, events)
  }

  /** A JSON body where a stream was asked for: an error, or a server that does not stream. */
  #takeStray(stray: string, events: StreamEvent[]): void {
    const wire = parseJson(stray)
    if (wire === undefined) return this.#fail(truncated, events)
    const outcome = decodeCompletion(wire)
    if (outcome.type === 'failure') return this.#fail(outcome, events)
    this.#isOver = true
    for (const part of outcome.message.content) {
      if (part.type === 'tool-call') events.push({ type: 'tool-call', call: part })
      else events.push({ type: part.type, text: part.text })
    }
    events.push({ type: 'finish', answer: outcome })
  }

  #finish(events: StreamEvent[]): void {
    if (this.#assembly.rawFinishReason === 'error') {
      return this.#fail(decodeFailure({ error: 'The provider broke off' }, null), events)
    }
    const calls = this.#calls.finish()
    const answer = this.#assembly.finish(calls)
    if (answer.rawFinishReason === null && answer.message.content.length === 0) return this.#fail(truncated, events)
    this.#isOver = true
    for (const call of calls) events.push({ type: 'tool-call', call })
    events.push({ type: 'finish', answer })
  }

  /** What had been used is part of a failure: failed attempts count. */
  #fail(cause: Failure, events: StreamEvent[]): void {
    this.#isOver = true
    const { usage, cost } = this.#assembly
    events.push({ type: 'error', failure: { ...cause, usage: cause.usage ?? usage, cost: cause.cost ?? cost } })
  }
}

function hasReasoning(delta: Unread): boolean {
  return (
    delta['reasoning'] !== undefined ||
    delta['reasoning_content'] !== undefined ||
    delta['reasoning_details'] !== undefined ||
    delta['reasoning_text'] !== undefined ||
    Array.isArray(delta['content'])
  )
}
