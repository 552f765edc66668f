/** Decodes a streamed message: server-sent events, or AWS's binary ones where Bedrock serves it. */
import { AwsFraming } from '../aws-event-stream.ts'
import type { StreamDecoder } from '../dialect.ts'
import { SseFraming } from '../frames.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { MessageReader } from './answer-reader.ts'

/** A message of AWS's begins with the highest byte of its length, which is 0 for all that are not huge. */
export function decodeStream(): StreamDecoder {
  return new FrameDecoder(new MessageReader(), (firstByte) =>
    firstByte === 0 ? new AwsFraming() : new SseFraming(),
  )
}
