/** Decodes a streamed answer also where no event stream was asked for: an array, whose elements are the chunks. */
import type { StreamDecoder } from '../dialect.ts'
import { JsonArrayFraming } from '../json-array.ts'
import { SseFraming } from '../sse.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { ChunkReader } from './answer-reader.ts'

/** Events with `alt=sse`, else an array. An error comes as a bare object with either. */
export function decodeAnyStream(): StreamDecoder {
  return new FrameDecoder(new ChunkReader(), (sink, firstByte) =>
    firstByte === 0x5b ? new JsonArrayFraming(sink) : new SseFraming(sink),
  )
}
