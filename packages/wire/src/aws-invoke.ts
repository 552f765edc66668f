/** Cuts the streams of Bedrock's `invoke-with-response-stream` into frames. */
import { AwsFraming } from './aws-event-stream.ts'
import type { Frame, FrameSink, Framing } from './frames.ts'
import { objectOr, parseJson, stringIn } from './json.ts'
import { SseFraming } from './sse.ts'

/**
 * Events as they are, or in AWS's binary ones, exceptions as errors among them.
 * A message of AWS's begins with the highest byte of its length, which is 0 for all that are not huge.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html
 */
export function invokeOrSse(sink: FrameSink, firstByte: number): Framing {
  if (firstByte !== 0) return new SseFraming(sink)
  return new AwsFraming(sink, (frame) => (frame.isException ? errorOf(frame) : eventOf(frame)))
}

/** An exception as Anthropic and OpenAI would say it: an error where the exception's name says nothing. */
function errorOf({ name, data }: Frame): Frame {
  const message = stringIn(objectOr(parseJson(data)), 'message') ?? (data || name)
  const error = { type: 'api_error', code: name, message }
  return { name: 'error', data: JSON.stringify({ type: 'error', error }) }
}

/** What stands before the base64 of an event. */
const before = '{"bytes":"'

/** The event in a `chunk`: `{"bytes": …}`, which are the event in base64. */
export function eventOf(frame: Frame): Frame {
  const { name, data } = frame
  if (name !== 'chunk') return frame
  // As AWS writes it, it is cut out: parsing costs as much as the event itself.
  const end = data.startsWith(before) ? data.indexOf('"', before.length) : -1
  const bytes = end === -1 ? objectOr(parseJson(data))['bytes'] : data.slice(before.length, end)
  return typeof bytes === 'string' ? { name, data: decode(bytes) } : frame
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
  const bytes = new Uint8Array(binary.length)
  for (let place = 0; place < bytes.length; place += 1) bytes[place] = binary.charCodeAt(place)
  return utf8.decode(bytes)
}

const utf8 = new TextDecoder()
