/** Decodes a streamed chat completion. https://platform.openai.com/docs/api-reference/chat-streaming */
import { failure, type Failure, type StreamEvent } from '../answer.ts'
import type { StreamDecoder } from '../dialect.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import { type Frame, SseFraming } from '../frames.ts'
import { isObject, parseJson, type Unread } from '../json.ts'
import type { Provider } from '../provider.ts'
import { FrameDecoder, type FrameReader, truncated } from '../stream-decoder.ts'
import { AnswerReader } from './answer-reader.ts'
import { readCompletion } from './decode-response.ts'

/** Reads one streamed answer. */
export function decodeStream(provider: Provider): StreamDecoder {
  return new FrameDecoder(new ChunkReader(provider), () => new SseFraming())
}

/** One pass, nothing copied, nothing parsed twice. */
class ChunkReader implements FrameReader {
  readonly #isReasonEnough: boolean
  readonly #reader = new AnswerReader()

  constructor({ quirks }: Provider) {
    this.#isReasonEnough = quirks.streamEnd === 'finish-reason'
  }

  get isOver(): boolean {
    return this.#reader.builder.isOver
  }

  takeEvents(): readonly StreamEvent[] {
    return this.#reader.builder.takeEvents()
  }

  take({ name, data }: Frame): void {
    const reader = this.#reader
    const chunk = data === '[DONE]' ? undefined : parseJson(data)
    if (!isObject(chunk)) return this.#takeStrange(name, data.trim(), chunk)
    const { choices, error } = chunk
    reader.takeHead(chunk)
    const isError = name === 'error' || (error !== undefined && error !== null)
    if (isError || (choices === undefined && isErrorObject(chunk))) {
      return this.fail(decodeFailure(chunk, null))
    }
    if (!Array.isArray(choices)) return
    for (const choice of choices as unknown[]) {
      // Only one answer was asked for; a second one would be mixed into it.
      if (!isObject(choice) || (choice['index'] ?? 0) !== 0) continue
      reader.takeChoice(choice, choice['delta'] ?? choice['message'], false)
      if (isObject(choice['error']))
        return this.fail(decodeFailure({ ...chunk, error: choice['error'] }, null))
    }
  }

  /** Data that is no chunk: the end, a misplaced keepalive (`data: : ping`), or something broken. */
  #takeStrange(name: string, data: string, parsed: unknown): void {
    if (data === '[DONE]') this.#reader.finish(truncated)
    else if (name === 'error') this.fail(failure('unknown', data || 'The provider failed'))
    else if (data !== '' && !data.startsWith(':') && parsed !== null)
      this.fail(failure('malformed', `An event of the stream is not a chunk: ${excerpt(data)}`))
  }

  /** A JSON body where a stream was asked for: an error, or a server that does not stream. */
  takeBody(wire: unknown): void {
    readCompletion(wire, this.#reader)
  }

  /** The bytes are over without `[DONE]`. */
  end(): void {
    const isEnough = this.#isReasonEnough && this.#reader.builder.rawFinishReason !== null
    if (isEnough) this.#reader.finish(truncated)
    else this.fail(truncated)
  }

  /** What had come is part of a failure: it is paid for, and failed attempts count. */
  fail(cause: Failure): void {
    this.#reader.fail(cause)
  }
}

/** An error that does not stand under `error`: `{object: "error", message}`, `{type: "error", message}`. */
function isErrorObject(chunk: Unread): boolean {
  return chunk['object'] === 'error' || chunk['type'] === 'error'
}
