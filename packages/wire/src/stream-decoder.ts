/** Decodes one stream: bytes to frames by a transport, frames to events by a dialect. */
import type { StreamEvent } from './answer.ts'
import { failure } from './answer.ts'
import type { StreamDecoder } from './dialect.ts'
import type { FrameSink, Framing } from './frames.ts'

/** What a dialect makes of one stream's frames. */
export interface FrameReader extends FrameSink {
  readonly usage: StreamDecoder['usage']
  readonly cost: StreamDecoder['cost']
  /** The events since this was last asked. */
  takeEvents(): readonly StreamEvent[]
  /** The frames are over. Where the terminal signal has not come, this fails with `truncated`. */
  end(): void
}

/** Also of a plain answer that says nothing. */
export const truncated = failure('truncated', 'The answer ended before it was complete')

/** Reads bytes with the framing that `choose` finds for the first of them. */
export class FrameDecoder implements StreamDecoder {
  readonly #reader: FrameReader
  readonly #choose: (sink: FrameSink, firstByte: number) => Framing
  #framing: Framing | undefined

  constructor(reader: FrameReader, choose: (sink: FrameSink, firstByte: number) => Framing) {
    this.#reader = reader
    this.#choose = choose
  }

  get usage(): StreamDecoder['usage'] {
    return this.#reader.usage
  }

  get cost(): StreamDecoder['cost'] {
    return this.#reader.cost
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    const reader = this.#reader
    const first = chunk[0]
    if (first !== undefined && !reader.isOver) {
      this.#framing ??= this.#choose(reader, first)
      this.#framing.push(chunk)
    }
    return reader.takeEvents()
  }

  end(): readonly StreamEvent[] {
    const reader = this.#reader
    if (!reader.isOver) this.#framing?.end()
    if (!reader.isOver) reader.end()
    return reader.takeEvents()
  }
}
