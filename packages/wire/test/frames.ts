/** What a transport makes of bytes. */
import type { Failure } from '../src/answer.ts'
import type { Frame, FrameSink, Framing } from '../src/frames.ts'
import { cut } from './streams.ts'

/** What came out of one stream. */
export interface Read {
  readonly frames: readonly Frame[]
  /** The JSON body that came in place of frames; undefined where there was none. */
  readonly body: unknown
  readonly failure: Failure | null
}

/** Hands the chunks to a framing, until it fails or they are over. */
export function readFrames(frame: (sink: FrameSink) => Framing, chunks: Iterable<Uint8Array>): Read {
  const frames: Frame[] = []
  let body: unknown
  let failure: Failure | null = null
  const framing = frame({
    get isOver() {
      return failure !== null
    },
    take: (one) => void frames.push(one),
    takeBody: (wire) => {
      body = wire
    },
    fail: (cause) => {
      failure = cause
    },
  })
  for (const chunk of chunks) {
    // A copy, as chunks come from a socket: its buffer may be used again.
    framing.push(Uint8Array.from(chunk))
    if (failure !== null) break
  }
  if (failure === null) framing.end()
  return { frames, body, failure }
}

/** The bytes, cut at these places, which need be in no order and may lie beyond the end. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Iterable<Uint8Array> {
  const within = places.map((place) => place % (bytes.length + 1))
  return cut(
    bytes,
    within.toSorted((a, b) => a - b),
  )
}
