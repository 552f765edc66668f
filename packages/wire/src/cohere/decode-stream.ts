/** Decodes a streamed answer of version 2 of Cohere's chat. https://docs.cohere.com/v2/docs/streaming */
import { failure } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { addCitation, decodeCall, finish, takeAnswer } from './decode-response.ts'
import { decodeLogprob } from './tail.ts'

/** Makes events of the frames of one streamed answer. Never throws. */
export class CohereReader extends AnswerBuilder implements FrameReader {
  readonly #calls = new Map<unknown, OpenCall>()
  #isPlanned = false

  take({ name, data }: Frame): void {
    const wire = parseJson(data)
    if (!isObject(wire)) return this.#takeStrange(name, data.trim(), wire)
    const type = stringOr(wire['type']) ?? name
    const message = objectOr(objectOr(wire['delta'])['message'])
    if (type === 'content-delta') return this.#takeContent(objectOr(message['content']), wire)
    switch (type) {
      case 'message-start':
        this.id = stringOr(wire['id']) ?? ''
        return
      case 'content-start':
        this.endPart()
        return this.#takeContent(objectOr(message['content']), wire)
      case 'tool-plan-delta':
        return this.#takePlan(stringOr(message['tool_plan']) ?? '')
      case 'tool-call-start':
        return this.#openCall(wire['index'], firstOf(message['tool_calls']))
      case 'tool-call-delta':
        return this.#takeInput(wire['index'], firstOf(message['tool_calls']))
      case 'citation-start':
        return addCitation(this, firstOf(message['citations']))
      case 'message-end':
        return this.#takeEnd(objectOr(wire['delta']))
      default:
        if (name === 'error' || typeof wire['message'] === 'string' || wire['error'] !== undefined)
          this.fail(decodeFailure(wire, null))
    }
  }

  takeBody(wire: unknown): void {
    takeAnswer(this, wire)
  }

  end(): void {
    this.fail(truncated)
  }

  #takeContent(content: Unread, { logprobs }: Unread): void {
    this.addReasoning(stringOr(content['thinking']) ?? '')
    this.addText(stringOr(content['text']) ?? '')
    if (logprobs !== undefined) this.logprobs.push(...decodeLogprob(logprobs))
  }

  /** A plan is another part than the thinking before it. */
  #takePlan(text: string): void {
    if (!this.#isPlanned) this.endPart()
    this.#isPlanned = true
    this.addReasoning(text)
  }

  #openCall(index: unknown, wire: Unread): void {
    const { id, name, input } = decodeCall(wire)
    this.#calls.set(index, this.openCall(id, name, undefined, input))
  }

  #takeInput(index: unknown, wire: Unread): void {
    const call = this.#calls.get(index)
    if (call === undefined) this.#openCall(index, wire)
    else this.addInput(call, decodeCall(wire).input)
  }

  #takeEnd(delta: Unread): void {
    const error = delta['error'] ?? undefined
    const reason = stringOr(delta['finish_reason'])
    finish(this, error === undefined ? reason : (reason ?? 'ERROR'), delta['usage'], error)
  }

  /** `[DONE]` follows the end; what else is no object is a misplaced keepalive, or broken. */
  #takeStrange(name: string, data: string, parsed: unknown): void {
    if (name === 'error') this.fail(failure('unknown', data || 'The provider failed'))
    else if (data !== '[DONE]' && data !== '' && !data.startsWith(':') && parsed !== null)
      this.fail(failure('malformed', `An event of the stream is not an object: ${excerpt(data)}`))
  }
}

/** Calls and citations come one at a time, as an object and not a list. */
function firstOf(wire: unknown): Unread {
  return objectOr(Array.isArray(wire) ? wire[0] : wire)
}
