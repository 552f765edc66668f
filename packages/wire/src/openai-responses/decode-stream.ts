/** Decodes a streamed response. https://platform.openai.com/docs/api-reference/responses-streaming */
import { failure, type Failure, type StreamEvent } from '../answer.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { isObject, parseJson, stringOr } from '../json.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { takeResponse } from './decode-response.ts'
import { inWords, Output } from './output.ts'

/** What takes an event, by its type. All others, such as how far a web search is, add nothing to the answer. */
const takers: ReadonlyMap<string, Exclude<keyof Output, 'answer'>> = new Map([
  ['response.created', 'addHead'],
  ['response.in_progress', 'addHead'],
  ['response.queued', 'addHead'],
  ['response.output_item.added', 'begin'],
  ['response.output_text.delta', 'addText'],
  ['response.refusal.delta', 'addText'],
  ['response.reasoning_summary_text.delta', 'addReasoning'],
  ['response.reasoning_text.delta', 'addReasoning'],
  ['response.function_call_arguments.delta', 'addInput'],
  ['response.custom_tool_call_input.delta', 'addInput'],
  ['response.function_call_arguments.done', 'endInput'],
  ['response.custom_tool_call_input.done', 'endInput'],
  ['response.output_text.annotation.added', 'addAnnotation'],
  ['response.content_part.done', 'endPart'],
  ['response.output_item.done', 'end'],
  ['response.completed', 'finish'],
  ['response.incomplete', 'finish'],
  ['response.failed', 'finish'],
  ['response.cancelled', 'finish'],
  ['response.done', 'finish'],
])

/** Makes events of the frames of one streamed answer. */
export class ResponseFrames implements FrameReader {
  readonly #output = new Output()

  get isOver(): boolean {
    return this.#output.answer.isOver
  }

  takeEvents(): readonly StreamEvent[] {
    return this.#output.answer.takeEvents()
  }

  take(frame: Frame): void {
    const event = parseJson(frame.data)
    if (!isObject(event)) return this.#takeStrange(frame, event)
    const type = stringOr(event['type']) ?? frame.name
    const take = takers.get(type)
    if (take !== undefined) this.#output[take](event, type)
    // The event is the error, or has it (DeepSeek, proxies); some proxies send it without a type.
    else if (type === 'error' || isObject(event['error'])) this.fail(decodeFailure(inWords(event), null))
  }

  takeBody(wire: unknown): void {
    takeResponse(this.#output, wire)
  }

  end(): void {
    this.fail(truncated)
  }

  fail(cause: Failure): void {
    this.#output.answer.fail(cause)
  }

  /** Data that is no event: `[DONE]`, a misplaced keepalive (`data: : ping`), or something broken. */
  #takeStrange(frame: Frame, parsed: unknown): void {
    const data = frame.data.trim()
    if (frame.name === 'error') return this.fail(failure('unknown', data || 'The provider failed'))
    if (data === '' || data === '[DONE]' || data.startsWith(':') || parsed === null) return
    this.fail(failure('malformed', `An event of the stream is not JSON: ${excerpt(data)}`))
  }
}
