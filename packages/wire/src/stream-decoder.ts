/** Decodes one stream: bytes to frames by a transport, frames to events by a dialect. */
import type { Failure, StreamEvent } from './answer.ts'
import { failure } from './answer.ts'
import type { StreamDecoder } from './dialect.ts'
import type { Frame, Framing } from './frames.ts'
import { parseJson } from './json.ts'

/** What a dialect makes of one stream's frames. */
export interface FrameReader {
  /** Whether the last event is out. */
  readonly isOver: boolean
  readonly usage: StreamDecoder['usage']
  readonly cost: StreamDecoder['cost']
  /** The events since this was last asked. */
  takeEvents(): readonly StreamEvent[]
  /** One frame. */
  take(frame: Frame): void
  /** A JSON body, parsed, that came in place of frames: an error, or an answer that was not streamed. */
  takeBody(wire: unknown): void
  /** The frames are over. Where the terminal signal has not come, this fails with `truncated`. */
  end(): void
  fail(cause: Failure): void
}

/** Also of a plain answer that says nothing. */
export const truncated = failure('truncated', 'The answer ended before it was complete')

/** Reads bytes with the framing that `choose` finds for the first of them. */
export class FrameDecoder implements StreamDecoder {
  readonly #reader: FrameReader
  readonly #choose: (firstByte: number) => Framing
  #framing: Framing | undefined

  constructor(reader: FrameReader, choose: (firstByte: number) => Framing) {
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
    const [first] = chunk
    if (first === undefined || reader.isOver) return []
    this.#framing ??= this.#choose(first)
    this.#takeAll(this.#framing, this.#framing.push(chunk))
    return reader.takeEvents()
  }

  end(): readonly StreamEvent[] {
    const reader = this.#reader
    const framing = this.#framing
    if (framing !== undefined && !reader.isOver) {
      this.#takeAll(framing, framing.end())
      const body = parseJson(framing.stray)
      if (body !== undefined && !reader.isOver) reader.takeBody(body)
    }
    if (!reader.isOver) reader.end()
    return reader.takeEvents()
  }

  #takeAll({ problem }: Framing, frames: readonly Frame[]): void {
    const reader = this.#reader
    for (const frame of frames) if (!reader.isOver) reader.take(frame)
    if (problem !== null && !reader.isOver) reader.fail(problem)
  }
}
