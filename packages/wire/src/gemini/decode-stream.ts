/** Decodes a streamed answer. https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
import type { StreamDecoder } from '../dialect.ts'
import { SseFraming } from '../sse.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { ChunkReader } from './answer-reader.ts'

/** Turns the bytes of one streamed answer into events. An array is read too, once it is whole. */
export function decodeStream(): StreamDecoder {
  return new FrameDecoder(new ChunkReader(), (sink) => new SseFraming(sink))
}
