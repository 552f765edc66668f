/** Streams as frames: what a transport puts around the JSON of a dialect. */
import { failure, type Failure } from './answer.ts'

/** One message of a stream. `name` is empty where the transport gives none. */
export interface Frame {
  readonly name: string
  readonly data: string
  /** The transport itself says that this is an error (AWS's exceptions); `name` is its type. */
  readonly isException?: true
}

/** Takes a stream's frames until it is over. */
export interface FrameSink {
  /** Whether the last event is out: nothing is taken any more. */
  readonly isOver: boolean
  take(frame: Frame): void
  /** A JSON body, parsed, that came in place of frames: an error, or an answer that was not streamed. */
  takeBody(wire: unknown): void
  fail(cause: Failure): void
}

/** Cuts bytes into frames, however they arrive, and hands each to its sink. */
export interface Framing {
  push(chunk: Uint8Array): void
  /** The bytes are over: a last frame whose end never came may be whole all the same. */
  end(): void
}

/** Characters that a line or an event may have; beyond, nothing more is read, so memory stays bounded. */
export const maxLength = 64 * 1024 * 1024

export const tooLong = failure('malformed', `An event of the stream has more than ${maxLength} characters`)
