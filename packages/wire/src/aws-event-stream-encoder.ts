/** Writes messages of `application/vnd.amazon.eventstream`. https://smithy.io/2.0/aws/amazon-eventstream.html */
import { checksumLength, crc32, preludeLength, stringType } from './aws-event-stream.ts'

const utf8 = new TextEncoder()

/** Headers by the object that they are: most messages of a stream have the same. */
const encodedHeaders = new WeakMap<object, Uint8Array>()

/** One message: its headers, all of them strings, and its payload, with both checksums. */
export function encodeAwsFrame(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  const head = encodedHeaders.get(headers) ?? encodeHeaders(headers)
  const body = utf8.encode(payload)
  const length = preludeLength + head.length + body.length + checksumLength
  const message = new Uint8Array(length)
  const view = new DataView(message.buffer)
  view.setUint32(0, length)
  view.setUint32(4, head.length)
  view.setUint32(8, crc32(message, 0, 8))
  message.set(head, preludeLength)
  message.set(body, preludeLength + head.length)
  view.setUint32(length - checksumLength, crc32(message, 0, length - checksumLength))
  return message
}

/** Each header is the length of its name, its name, the type, the length of its value, its value. */
function encodeHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  const bytes = Object.entries(headers).flatMap(([name, value]) => {
    const [named, said] = [utf8.encode(name), utf8.encode(value)]
    return [named.length, ...named, stringType, said.length >> 8, said.length & 0xff, ...said]
  })
  const encoded = Uint8Array.from(bytes)
  encodedHeaders.set(headers, encoded)
  return encoded
}
