/** Decodes a streamed answer also as `invoke-with-response-stream` has it: each event under its name. */
import { AwsFraming } from '../aws-event-stream.ts'
import { eventOf } from '../aws-invoke.ts'
import type { StreamDecoder } from '../dialect.ts'
import type { Frame } from '../frames.ts'
import { objectOr, parseJson } from '../json.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { ConverseReader } from './answer-reader.ts'

export function decodeAnyStream(): StreamDecoder {
  return new FrameDecoder(new ConverseReader(), () => new NamedFraming())
}

class NamedFraming extends AwsFraming {
  override push(chunk: Uint8Array): readonly Frame[] {
    return super.push(chunk).map((frame) => (frame.name === 'chunk' ? namedOf(eventOf(frame)) : frame))
  }
}

/** `{"contentBlockDelta": {…}}` as the frame that it would be. */
function namedOf(frame: Frame): Frame {
  const [[name, event] = [frame.name, null]] = Object.entries(objectOr(parseJson(frame.data)))
  return { name, data: JSON.stringify(event) }
}
