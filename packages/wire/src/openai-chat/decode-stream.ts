/** Decodes a streamed chat completion. https://platform.openai.com/docs/api-reference/chat-streaming */
import { failure, type Failure, type StreamEvent } from '../answer.ts'
import type { StreamDecoder } from '../dialect.ts'
import { isObject, parseJson, stringOr, type Unread } from '../json.ts'
import type { Provider } from '../provider.ts'
import { maxLength, type SseEvent, SseParser } from '../sse.ts'
import { Assembly } from './assembly.ts'
import { textOfContent } from './content.ts'
import { decodeCompletion, withThinking } from './decode-response.ts'
import { brokenOff, decodeFailure } from './failure.ts'
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
    this.#takeAll(this.#sse.push(this.#utf8.decode(chunk, { stream: true })), events)
    return events
  }

  end(): readonly StreamEvent[] {
    if (this.#isOver) return []
    const events: StreamEvent[] = []
    this.#takeAll([...this.#sse.push(this.#utf8.decode()), ...this.#sse.end()], events)
    const { open } = this.#sse
    if (open !== null && isWhole(open)) this.#takeAll([open], events)
    if (!this.#isOver) this.#takeEnd(events)
    return events
  }

  #takeAll(sse: readonly SseEvent[], events: StreamEvent[]): void {
    for (const event of sse) {
      if (this.#isOver) return
      this.#take(event, events)
    }
    if (!this.#sse.isTooLong || this.#isOver) return
    this.#fail(failure('malformed', `An event of the stream has more than ${maxLength} characters`), events)
  }

  #take(event: SseEvent, events: StreamEvent[]): void {
    if (event.data === '[DONE]') return this.#finish(events)
    const chunk = parseJson(event.data)
    if (!isObject(chunk)) return this.#takeStrange(event, chunk, events)
    const choices = chunk['choices']
    const isError = event.name === 'error' || (chunk['error'] !== undefined && chunk['error'] !== null)
    this.#assembly.addHead(chunk)
    if (isError || (choices === undefined && isErrorObject(chunk))) {
      return this.#fail(decodeFailure(chunk, null), events)
    }
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
    if (isObject(choice['error']))
      this.#fail(decodeFailure({ ...chunk, error: choice['error'] }, null), events)
  }

  #takeDelta(delta: Unread, events: StreamEvent[]): void {
    const reasoning = hasReasoning(delta) ? this.#assembly.reasoning.add(withThinking(delta)) : ''
    if (reasoning !== '') events.push({ type: 'reasoning', text: reasoning })
    const text = textOfContent(delta['content']) || (stringOr(delta['refusal']) ?? '')
    if (text !== '') {
      this.#assembly.text.add(text)
      events.push({ type: 'text', text })
    }
    const calls = delta['tool_calls']
    if (!Array.isArray(calls)) return
    for (const call of calls as unknown[]) {
      const event = isObject(call) ? this.#calls.add(call) : null
      if (event !== null) events.push(event)
    }
  }

  /** Data that is no chunk: a misplaced keepalive (`data: : ping`), or something broken. */
  #takeStrange(event: SseEvent, parsed: unknown, events: StreamEvent[]): void {
    const data = event.data.trim()
    if (data === '[DONE]') return this.#finish(events)
    if (event.name === 'error') return this.#fail(failure('unknown', data || 'The provider failed'), events)
    if (data === '' || data.startsWith(':') || parsed === null) return
    this.#fail(
      failure('malformed', `An event of the stream is not a chunk: ${JSON.stringify(data.slice(0, 80))}`),
      events,
    )
  }

  /** The bytes are over without `[DONE]`. */
  #takeEnd(events: StreamEvent[]): void {
    const stray = parseJson(this.#sse.stray)
    if (stray !== undefined) return this.#takeStray(stray, events)
    const isEnough = this.#provider.quirks.streamEnd === 'finish-reason'
    if (isEnough && this.#assembly.rawFinishReason !== null) return this.#finish(events)
    this.#fail(truncated, events)
  }

  /** A JSON body where a stream was asked for: an error, or a server that does not stream. */
  #takeStray(wire: unknown, events: StreamEvent[]): void {
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
    const calls = this.#calls.finish()
    const answer = this.#assembly.finish(calls)
    if (answer.finishReason === 'error') return this.#fail(decodeFailure(brokenOff, null), events)
    if (answer.rawFinishReason === null && answer.message.content.length === 0)
      return this.#fail(truncated, events)
    this.#isOver = true
    for (const call of calls) events.push({ type: 'tool-call', call })
    events.push({ type: 'finish', answer })
  }

  /** What had come is part of a failure: it is paid for, and failed attempts count. */
  #fail(cause: Failure, events: StreamEvent[]): void {
    this.#isOver = true
    events.push({ type: 'error', failure: this.#assembly.fail(cause) })
  }
}

/** Whether an event that was cut off says something all the same. */
function isWhole({ name, data }: SseEvent): boolean {
  return name === 'error' || data.trim() === '[DONE]' || isObject(parseJson(data))
}

/** An error that does not stand under `error`: `{object: "error", message}`, `{type: "error", message}`. */
function isErrorObject(chunk: Unread): boolean {
  return chunk['object'] === 'error' || chunk['type'] === 'error'
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
