/** Decodes a streamed answer. https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
import { failure, type Failure, type StreamEvent } from '../answer.ts'
import type { StreamDecoder } from '../dialect.ts'
import { excerpt } from '../failure.ts'
import { type Frame, SseFraming } from '../frames.ts'
import { isObject, parseJson } from '../json.ts'
import { FrameDecoder, type FrameReader, truncated } from '../stream-decoder.ts'
import { Answering } from './answering.ts'
import { decodeFailure } from './failure.ts'

/** Turns the bytes of one streamed answer into events. An array is read too, once it is whole. */
export function decodeStream(): StreamDecoder {
  return new FrameDecoder(new ChunkReader(), () => new SseFraming())
}

/** Every frame is a chunk, of the shape of a plain answer. Nothing marks the last one. */
export class ChunkReader implements FrameReader {
  readonly #answering = new Answering()

  get isOver(): boolean {
    return this.#answering.builder.isOver
  }

  takeEvents(): readonly StreamEvent[] {
    return this.#answering.builder.takeEvents()
  }

  take({ name, data }: Frame): void {
    const chunk = parseJson(data)
    if (name === 'error') return this.fail(decodeFailure(isObject(chunk) ? chunk : { error: data }))
    if (isObject(chunk)) this.#answering.takeChunk(chunk)
    else if (!/^\s*(:.*|\[DONE\]|null)?\s*$/s.test(data)) {
      // Not what proxies write that is no chunk: a misplaced comment, OpenAI's last word.
      this.fail(failure('malformed', `An event of the stream is not a chunk: ${excerpt(data)}`))
    }
  }

  takeBody(wire: unknown): void {
    this.#answering.takeAll(wire)
  }

  end(): void {
    if (this.#answering.isComplete) this.#answering.finish()
    else this.fail(truncated)
  }

  fail(cause: Failure): void {
    this.#answering.builder.fail(cause)
  }
}
