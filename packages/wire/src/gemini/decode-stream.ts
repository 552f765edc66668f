/** Decodes a streamed answer. https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
import { failure, type Failure, type StreamEvent } from '../answer.ts'
import type { StreamDecoder } from '../dialect.ts'
import { excerpt } from '../failure.ts'
import { type Frame, type Framing, SseFraming } from '../frames.ts'
import { JsonArrayFraming } from '../json-array.ts'
import { arrayOr, isObject, parseJson } from '../json.ts'
import { FrameDecoder, type FrameReader, truncated } from '../stream-decoder.ts'
import { Answering } from './answering.ts'
import { decodeFailure } from './failure.ts'

/** Turns the bytes of one streamed answer into events. */
export function decodeStream(): StreamDecoder {
  return new FrameDecoder(new ChunkReader(), chooseFraming)
}

/** Events with `alt=sse`, else an array. An error comes as a bare object with either. */
function chooseFraming(firstByte: number): Framing {
  return firstByte === 0x5b ? new JsonArrayFraming() : new SseFraming()
}

/** Every frame is a chunk, of the shape of a plain answer. Nothing marks the last one. */
class ChunkReader implements FrameReader {
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
    else if (!isKeepalive(data)) {
      this.fail(failure('malformed', `An event of the stream is not a chunk: ${excerpt(data)}`))
    }
  }

  takeBody(wire: unknown): void {
    for (const chunk of isObject(wire) ? [wire] : arrayOr(wire).filter(isObject)) {
      if (!this.isOver) this.#answering.takeChunk(chunk)
    }
  }

  end(): void {
    if (this.#answering.isComplete) this.#answering.finish()
    else this.fail(truncated)
  }

  fail(cause: Failure): void {
    this.#answering.fail(cause)
  }
}

/** What proxies write that is no chunk: a misplaced comment, OpenAI's last word. */
function isKeepalive(data: string): boolean {
  const words = data.trim()
  return words === '' || words.startsWith(':') || words === '[DONE]' || words === 'null'
}
