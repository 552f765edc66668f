/** Decodes a streamed response. https://platform.openai.com/docs/api-reference/responses-streaming */
import { failure } from '../answer.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { isObject, parseJson, stringOr } from '../json.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { takeResponse } from './decode-response.ts'
import { decodeCause, Output, type Taker } from './output.ts'

/** What takes an event of an item, by its type. All others, such as how far a web search is, add nothing to the answer. */
const takers: ReadonlyMap<string, Taker> = new Map([
  ['response.output_text.delta', 'takeText'],
  ['response.refusal.delta', 'takeText'],
  ['response.reasoning_summary_text.delta', 'takeReasoning'],
  ['response.reasoning_text.delta', 'takeReasoning'],
  ['response.function_call_arguments.delta', 'takeInput'],
  ['response.custom_tool_call_input.delta', 'takeInput'],
  ['response.function_call_arguments.done', 'takeInputEnd'],
  ['response.custom_tool_call_input.done', 'takeInputEnd'],
  ['response.output_text.annotation.added', 'takeAnnotation'],
  ['response.output_text.done', 'takePart'],
  ['response.content_part.done', 'takePart'],
  ['response.output_item.done', 'takeItem'],
])

/** The events that end a response. */
const isEnd = /^response\.(completed|incomplete|failed|cancelled|done)$/

/** Makes events of the frames of one streamed answer. */
export class ResponseFrames extends Output implements FrameReader {
  /** The type of the last event, and what takes it: the next one is nearly always of the same. */
  #type = ''
  #taker: Taker | undefined

  take({ name, data }: Frame): void {
    const event = parseJson(data)
    if (!isObject(event)) return this.#takeWords(name, data.trim())
    const type = stringOr(event['type']) ?? name
    if (type !== this.#type) this.#taker = takers.get((this.#type = type))
    if (this.#taker !== undefined) this.takeEvent(this.#taker, event, type)
    else if (type === 'response.output_item.added') this.begin(event)
    else if (isEnd.test(type)) this.complete(event, type)
    // The event is the error, or has it (DeepSeek, proxies); some proxies send it without a type.
    else if (type === 'error' || event['error']) this.fail(decodeCause(event))
    // It is created, queued, or in progress.
    else this.takeHead(event)
  }

  takeBody(wire: unknown): void {
    takeResponse(this, wire)
  }

  end(): void {
    this.fail(truncated)
  }

  /** Data that is no event: `[DONE]`, a misplaced keepalive (`data: : ping`), or something broken. */
  #takeWords(name: string, words: string): void {
    if (name === 'error') this.fail(decodeFailure({ message: words }))
    else if (!isIdle.test(words))
      this.fail(failure('malformed', `An event of the stream is not JSON: ${excerpt(words)}`))
  }
}

/** What says nothing. */
const isIdle = /^(:.*|null|\[DONE\])?$/s
