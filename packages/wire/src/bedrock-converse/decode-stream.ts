/** Decodes a streamed answer of the Converse API. */
import { AwsFraming } from '../aws-event-stream.ts'
import type { StreamDecoder } from '../dialect.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { ConverseReader } from './answer-reader.ts'

export function decodeStream(): StreamDecoder {
  return new FrameDecoder(new ConverseReader(), (sink) => new AwsFraming(sink))
}
