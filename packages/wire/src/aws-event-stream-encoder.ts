/** Writes messages of `application/vnd.amazon.eventstream`. https://smithy.io/2.0/aws/amazon-eventstream.html */
import { checksumLength, crc32, preludeLength, stringType } from './aws-event-stream.ts'

const utf8 = new TextEncoder()

/** The headers of messages, all of them strings, as they stand in them: to be written once and used for many. */
export function encodeAwsHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  const fields = Object.entries(headers).map(
    ([name, value]) => [utf8.encode(name), utf8.encode(value)] as const,
  )
  const length = fields.reduce((sum, [name, value]) => sum + 1 + name.length + 1 + 2 + value.length, 0)
  const written = new Uint8Array(length)
  const view = new DataView(written.buffer)
  let place = 0
  for (const [name, value] of fields) {
    view.setUint8(place, name.length)
    written.set(name, place + 1)
    place += 1 + name.length
    view.setUint8(place, stringType)
    view.setUint16(place + 1, value.length)
    written.set(value, place + 3)
    place += 3 + value.length
  }
  return written
}

/** One message: its headers and its payload, with both checksums. */
export function encodeAwsFrame(
  headers: Readonly<Record<string, string>> | Uint8Array,
  payload: string,
): Uint8Array {
  const head = headers instanceof Uint8Array ? headers : encodeAwsHeaders(headers)
  const start = preludeLength + head.length
  const most = start + 3 * payload.length + checksumLength
  const message = most > room.length ? new Uint8Array(most) : room
  const end = start + utf8.encodeInto(payload, message.subarray(start)).written
  const length = end + checksumLength
  setUint32(message, 0, length)
  setUint32(message, 4, head.length)
  setUint32(message, 8, crc32(message, 0, 8))
  message.set(head, preludeLength)
  setUint32(message, end, crc32(message, 0, end))
  const whole = new Uint8Array(length)
  whole.set(message.subarray(0, length))
  return whole
}

const room = new Uint8Array(8192)

function setUint32(bytes: Uint8Array, place: number, value: number): void {
  bytes[place] = value >>> 24
  bytes[place + 1] = value >>> 16
  bytes[place + 2] = value >>> 8
  bytes[place + 3] = value
}
