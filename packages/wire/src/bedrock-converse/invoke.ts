/** Decodes a streamed answer also as `invoke-with-response-stream` has it: each event under its name. */
import type { Answer, Failure } from '../answer.ts'
import { AwsFraming } from '../aws-event-stream.ts'
import { eventOf } from '../aws-invoke.ts'
import type { StreamDecoder } from '../dialect.ts'
import type { Frame } from '../frames.ts'
import { objectOr, parseJson } from '../json.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { ConverseReader } from './answer-reader.ts'
import { decodeResponse } from './decode-response.ts'

export function decodeAnyStream(): StreamDecoder {
  return new FrameDecoder(new AnyReader(), (sink) => new AwsFraming(sink))
}

/** Decodes a plain answer also as `invoke` has it. */
export function decodeAnyResponse(body: string): Answer | Failure {
  return decodeResponse(withUsualCounts(body))
}

class AnyReader extends ConverseReader {
  override take(frame: Frame): void {
    super.take(frame.name === 'chunk' ? namedOf(eventOf(frame)) : frame)
  }
}

/** `{"contentBlockDelta": {…}}` as the frame that it would be. */
function namedOf(frame: Frame): Frame {
  const wire = objectOr(parseJson(withUsualCounts(frame.data)))
  const [[name, event] = [frame.name, null]] = Object.entries(wire)
  return { name, data: JSON.stringify(event) }
}

/** Where it is invoked, Nova has names of its own for what the cache gave and took. */
function withUsualCounts(json: string): string {
  return json.replaceAll(/"(cache(?:Read|Write)InputToken)Count"(?=\s*:)/g, '"$1s"')
}
