/** Decodes a streamed message. */
import type { StreamDecoder } from '../dialect.ts'
import { SseFraming } from '../sse.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { MessageReader } from './answer-reader.ts'

export function decodeStream(): StreamDecoder {
  return new FrameDecoder(new MessageReader(), (sink) => new SseFraming(sink))
}
