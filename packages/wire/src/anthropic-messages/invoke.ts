/** Decodes a streamed message also as Bedrock serves it: its events in AWS's binary ones. */
import { invokeOrSse } from '../aws-invoke.ts'
import type { StreamDecoder } from '../dialect.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { MessageReader } from './answer-reader.ts'

export function decodeAnyStream(): StreamDecoder {
  return new FrameDecoder(new MessageReader(), invokeOrSse)
}
