/** Decodes a streamed chat completion. https://platform.openai.com/docs/api-reference/chat-streaming */
import { failure, type Failure, type StreamEvent } from '../answer.ts'
import type { StreamDecoder } from '../dialect.ts'
import { isObject, parseJson, stringOr, type Unread } from '../json.ts'
import type { Provider } from '../provider.ts'
import { maxLength, type SseEvent, SseParser } from '../sse.ts'
import { Assembly, isNothing } from './assembly.ts'
import { textOfContent } from './content.ts'
import { decodeCompletion, excerpt, withThinking } from './decode-response.ts'
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
  #events: StreamEvent[] = []
  #hasBegun = false
  #isOver = false

  constructor(provider: Provider) {
    this.#provider = provider
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    if (this.#isOver) return []
    this.#events = []
    this.#takeAll(this.#sse.push(this.#utf8.decode(chunk, { stream: true })))
    return this.#events
  }

  end(): readonly StreamEvent[] {
    if (this.#isOver) return []
    this.#events = []
    this.#takeAll([...this.#sse.push(this.#utf8.decode()), ...this.#sse.end()])
    const { open } = this.#sse
    if (open !== null && isWhole(open)) this.#takeAll([open])
    if (!this.#isOver) this.#takeEnd()
    return this.#events
  }

  #takeAll(sse: readonly SseEvent[]): void {
    if (sse.length > 0) this.#hasBegun = true
    for (const event of sse) {
      if (this.#isOver) return
      this.#take(event)
    }
    if (!this.#sse.isTooLong || this.#isOver) return
    this.#fail(failure('malformed', `An event of the stream has more than ${maxLength} characters`))
  }

  #take(event: SseEvent): void {
    if (event.data === '[DONE]') return this.#finish()
    const chunk = parseJson(event.data)
    if (!isObject(chunk)) return this.#takeStrange(event, chunk)
    const choices = chunk['choices']
    const isError = event.name === 'error' || (chunk['error'] !== undefined && chunk['error'] !== null)
    this.#assembly.addHead(chunk)
    if (isError || (choices === undefined && isErrorObject(chunk))) {
      return this.#fail(decodeFailure(chunk, null))
    }
    if (!Array.isArray(choices)) return
    for (const choice of choices as unknown[]) {
      if (this.#isOver) return
      // Only one answer was asked for; a second one would be mixed into it.
      if (isObject(choice) && (choice['index'] ?? 0) === 0) this.#takeChoice(choice, chunk)
    }
  }

  #takeChoice(choice: Unread, chunk: Unread): void {
    const delta = choice['delta'] ?? choice['message']
    if (isObject(delta)) this.#takeDelta(delta)
    const reason = stringOr(choice['finish_reason'])
    if (reason !== null) this.#assembly.rawFinishReason = reason
    if (isObject(choice['error'])) this.#fail(decodeFailure({ ...chunk, error: choice['error'] }, null))
  }

  #takeDelta(delta: Unread): void {
    const reasoning = hasReasoning(delta) ? this.#assembly.reasoning.add(withThinking(delta)) : ''
    if (reasoning !== '') this.#emit({ type: 'reasoning', text: reasoning })
    const text = textOfContent(delta['content']) || (stringOr(delta['refusal']) ?? '')
    if (text !== '') {
      this.#assembly.text.add(text)
      this.#emit({ type: 'text', text })
    }
    const calls = delta['tool_calls']
    if (!Array.isArray(calls)) return
    for (const call of calls as unknown[]) {
      const event = isObject(call) ? this.#calls.add(call) : null
      if (event !== null) this.#emit(event)
    }
  }

  /** Data that is no chunk: a misplaced keepalive (`data: : ping`), or something broken. */
  #takeStrange(event: SseEvent, parsed: unknown): void {
    const data = event.data.trim()
    if (data === '[DONE]') return this.#finish()
    if (event.name === 'error') return this.#fail(failure('unknown', data || 'The provider failed'))
    if (data === '' || data.startsWith(':') || parsed === null) return
    this.#fail(failure('malformed', `An event of the stream is not a chunk: ${excerpt(data)}`))
  }

  /** The bytes are over without `[DONE]`. */
  #takeEnd(): void {
    const { stray, open, foreign } = this.#sse
    const body = parseJson(stray)
    if (body !== undefined) return this.#takeStray(body)
    const isEnough = this.#provider.quirks.streamEnd === 'finish-reason'
    if (isEnough && this.#assembly.rawFinishReason !== null) return this.#finish()
    const isStream = this.#hasBegun || open !== null || foreign === ''
    this.#fail(
      isStream
        ? truncated
        : failure('malformed', `The answer is not a stream of events: ${excerpt(foreign)}`),
    )
  }

  /** A JSON body where a stream was asked for: an error, or a server that does not stream. */
  #takeStray(wire: unknown): void {
    const outcome = decodeCompletion(wire)
    if (outcome.type === 'failure') return this.#fail(outcome)
    this.#isOver = true
    for (const part of outcome.message.content) {
      if (part.type === 'tool-call') this.#emit({ type: 'tool-call', call: part })
      else this.#emit({ type: part.type, text: part.text })
    }
    this.#emit({ type: 'finish', answer: outcome })
  }

  #finish(): void {
    const calls = this.#calls.finish()
    const answer = this.#assembly.finish(calls)
    if (answer.finishReason === 'error') return this.#fail(decodeFailure(brokenOff, null))
    if (isNothing(answer)) return this.#fail(truncated)
    this.#isOver = true
    for (const call of calls) this.#emit({ type: 'tool-call', call })
    this.#emit({ type: 'finish', answer })
  }

  /** A list of one needs no room to grow: most chunks hold one event. */
  #emit(event: StreamEvent): void {
    if (this.#events.length === 0) this.#events = [event]
    else this.#events.push(event)
  }

  /** What had come is part of a failure: it is paid for, and failed attempts count. */
  #fail(cause: Failure): void {
    this.#isOver = true
    this.#emit({ type: 'error', failure: this.#assembly.fail(cause) })
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
