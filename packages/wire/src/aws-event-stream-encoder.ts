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
  const body = utf8.encode(payload)
  const length = preludeLength + head.length + body.length + checksumLength
  const message = new Uint8Array(length)
  const view = new DataView(message.buffer)
  view.setUint32(0, length)
  view.setUint32(4, head.length)
  view.setUint32(8, crc32(view, 0, 8))
  message.set(head, preludeLength)
  message.set(body, preludeLength + head.length)
  view.setUint32(length - checksumLength, crc32(view, 0, length - checksumLength))
  return message
}
