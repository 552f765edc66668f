/** Decodes a streamed answer also as `invoke-with-response-stream` has it: each event under its name. */
import type { Answer, Failure } from '../answer.ts'
import { AwsFraming } from '../aws-event-stream.ts'
import { eventOf } from '../aws-invoke.ts'
import type { StreamDecoder } from '../dialect.ts'
import type { Frame } from '../frames.ts'
import { isObject, objectOr, parseJson, stringifyJson, type Unread } from '../json.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { ConverseReader } from './answer-reader.ts'
import { decodeResponse } from './decode-response.ts'

export function decodeAnyStream(): StreamDecoder {
  return new FrameDecoder(new AnyReader(), (sink) => new AwsFraming(sink))
}

/** Decodes a plain answer also as `invoke` has it. */
export function decodeAnyResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  return isObject(wire) ? new ConverseReader().takeBody(withUsualCounts(wire)) : decodeResponse(body)
}

class AnyReader extends ConverseReader {
  override take(frame: Frame): void {
    super.take(frame.name === 'chunk' ? namedOf(eventOf(frame)) : frame)
  }
}

/** `{"contentBlockDelta": {…}}` as the frame that it would be. */
function namedOf(frame: Frame): Frame {
  const [[name, event] = [frame.name, null]] = Object.entries(objectOr(parseJson(frame.data)))
  return { name, data: stringifyJson(isObject(event) ? withUsualCounts(event) : event) }
}

/** Where it is invoked, Nova has names of its own for what the cache gave and took. */
function withUsualCounts(wire: Unread): Unread {
  const { usage } = wire
  if (!isObject(usage)) return wire
  const { cacheReadInputTokenCount: read, cacheWriteInputTokenCount: written } = usage
  return { ...wire, usage: { cacheReadInputTokens: read, cacheWriteInputTokens: written, ...usage } }
}
