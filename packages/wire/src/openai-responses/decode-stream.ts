/** Decodes a streamed response. https://platform.openai.com/docs/api-reference/responses-streaming */
import { failure, type Failure, type StreamEvent } from '../answer.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { takeResponse } from './decode-response.ts'
import { inWords, Output } from './output.ts'

type Taker = (output: Output, event: Unread) => void

const delta = (event: Unread): string => stringOr(event['delta']) ?? ''

/** How a stream ends, by what its last event says of the status. `[DONE]`, which some send behind it, says nothing. */
const finished =
  (status: string): Taker =>
  (output, event) =>
    output.finish(objectOr(event['response']), status)

const begun: Taker = (output, event) => output.addHead(objectOr(event['response']))
const inputDelta: Taker = (output, event) => output.addInput(event['output_index'], delta(event))
const inputDone =
  (field: string): Taker =>
  (output, event) =>
    output.endInput(event['output_index'], stringOr(event[field]) ?? '')
const text =
  (isRefusal: boolean): Taker =>
  (output, event) =>
    output.addText(event['output_index'], event['content_index'], delta(event), isRefusal)

/** By event. All others, such as how far a web search is, add nothing to the answer. */
const takers: ReadonlyMap<string, Taker> = new Map<string, Taker>([
  ['response.output_text.delta', text(false)],
  ['response.refusal.delta', text(true)],
  [
    'response.reasoning_summary_text.delta',
    (output, event) =>
      output.addReasoning(event['output_index'], 'summary', event['summary_index'], delta(event)),
  ],
  [
    'response.reasoning_text.delta',
    (output, event) =>
      output.addReasoning(event['output_index'], 'content', event['content_index'], delta(event)),
  ],
  ['response.function_call_arguments.delta', inputDelta],
  ['response.function_call_arguments.done', inputDone('arguments')],
  ['response.custom_tool_call_input.delta', inputDelta],
  ['response.custom_tool_call_input.done', inputDone('input')],
  [
    'response.output_text.annotation.added',
    (output, event) => output.addAnnotation(event['output_index'], event['annotation']),
  ],
  [
    'response.content_part.done',
    (output, event) => output.endPart(event['output_index'], event['content_index'], objectOr(event['part'])),
  ],
  [
    'response.output_item.added',
    (output, event) => void output.begin(event['output_index'], objectOr(event['item'])),
  ],
  [
    'response.output_item.done',
    (output, event) => output.end(event['output_index'], objectOr(event['item'])),
  ],
  ['response.created', begun],
  ['response.in_progress', begun],
  ['response.queued', begun],
  ['response.completed', finished('completed')],
  ['response.incomplete', finished('incomplete')],
  ['response.failed', finished('failed')],
  ['response.cancelled', finished('cancelled')],
  // What compatible servers call it, and the realtime API: the status stands inside.
  ['response.done', finished('completed')],
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
    if (take !== undefined) return take(this.#output, event)
    // The event is the error, or has it (DeepSeek, proxies); some proxies send it without a type.
    if (type === 'error' || isObject(event['error'])) this.fail(decodeFailure(inWords(event), null))
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
