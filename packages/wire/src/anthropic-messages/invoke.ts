/** Decodes a streamed message also as Bedrock serves it: its events in AWS's binary ones. */
import { AwsFraming } from '../aws-event-stream.ts'
import type { StreamDecoder } from '../dialect.ts'
import { type Frame, SseFraming } from '../frames.ts'
import { objectOr, parseJson, stringOr } from '../json.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { MessageReader } from './answer-reader.ts'

/** A message of AWS's begins with the highest byte of its length, which is 0 for all that are not huge. */
export function decodeAnyStream(): StreamDecoder {
  return new FrameDecoder(new MessageReader(), (firstByte) =>
    firstByte === 0 ? new InvokeFraming() : new SseFraming(),
  )
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html */
class InvokeFraming extends AwsFraming {
  override push(chunk: Uint8Array): readonly Frame[] {
    return super.push(chunk).map((frame) => (frame.isException ? errorOf(frame) : eventOf(frame)))
  }
}

/** What Anthropic would say; `api_error` for all others. */
const errorTypes: ReadonlyMap<string, string> = new Map([
  ['throttlingException', 'rate_limit_error'],
  ['serviceUnavailableException', 'overloaded_error'],
  ['modelTimeoutException', 'timeout_error'],
  ['validationException', 'invalid_request_error'],
])

function errorOf({ name, data }: Frame): Frame {
  const message = stringOr(objectOr(parseJson(data))['message']) ?? (data || name)
  const error = { type: errorTypes.get(name) ?? 'api_error', message }
  return { name: 'error', data: JSON.stringify({ type: 'error', error }) }
}

/** The event in a `chunk`: `{"bytes": …}`, which are the event in base64. */
function eventOf(frame: Frame): Frame {
  const { bytes } = objectOr(parseJson(frame.data))
  return frame.name === 'chunk' && typeof bytes === 'string' ? { name: 'chunk', data: decode(bytes) } : frame
}

function decode(base64: string): string {
  let binary: string
  try {
    binary = atob(base64)
  } catch {
    return base64
  }
  // Nearly all of it is ASCII, which is its own UTF-8.
  // oxlint-disable-next-line no-control-regex
  if (!/[^\0-\x7F]/.test(binary)) return binary
  return utf8.decode(Uint8Array.from(binary, (unit) => unit.charCodeAt(0)))
}

const utf8 = new TextDecoder()
