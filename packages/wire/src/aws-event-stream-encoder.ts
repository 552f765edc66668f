/** Writes messages of `application/vnd.amazon.eventstream`. https://smithy.io/2.0/aws/amazon-eventstream.html */
import { checksumLength, crc32, preludeLength, stringType } from './aws-event-stream.ts'

/** The headers of messages, all of them strings. */
type Headers = Readonly<Record<string, string>>

/** What stands before a payload of this length. */
interface Head {
  readonly length: number
  /** The prelude and the headers. */
  readonly bytes: Uint8Array
  readonly checksum: number
}

/** Where a message is put together: its payload always begins at the same place. */
interface Room {
  readonly message: Uint8Array
  readonly payload: Uint8Array
}

/** A room for payloads of up to so many bytes is kept; a longer one gets its own. */
const roomLength = 4096

const utf8 = new TextEncoder()

/** One message: its headers and its payload, with both checksums. */
export function encodeAwsFrame(headers: Headers, payload: string): Uint8Array {
  return new AwsMessages(headers).encode(payload)
}

/** Messages that have the same headers, which are written once. */
export class AwsMessages {
  readonly #headers: Uint8Array
  readonly #room: Room
  /** Most payloads are as long as another one was. Each head is looked for by the last byte of that length. */
  readonly #heads: Head[] = []

  constructor(headers: Headers) {
    this.#headers = encodeHeaders(headers)
    this.#room = this.#makeRoom(roomLength)
  }

  encode(payload: string): Uint8Array {
    const most = 3 * payload.length
    const room = most > roomLength ? this.#makeRoom(most) : this.#room
    const length = utf8.encodeInto(payload, room.payload).written
    const head = this.#headOf(length)
    const start = head.bytes.length
    const end = start + length
    room.message.set(head.bytes)
    setUint32(room.message, end, crc32(room.message, start, end, head.checksum))
    return room.message.slice(0, end + checksumLength)
  }

  #makeRoom(length: number): Room {
    const start = preludeLength + this.#headers.length
    const message = new Uint8Array(start + length + checksumLength)
    return { message, payload: message.subarray(start) }
  }

  #headOf(length: number): Head {
    const slot = length & 0xff
    const known = this.#heads[slot]
    if (known?.length === length) return known
    const bytes = new Uint8Array(preludeLength + this.#headers.length)
    setUint32(bytes, 0, bytes.length + length + checksumLength)
    setUint32(bytes, 4, this.#headers.length)
    setUint32(bytes, 8, crc32(bytes, 0, 8))
    bytes.set(this.#headers, preludeLength)
    const head = { length, bytes, checksum: crc32(bytes, 0, bytes.length) }
    this.#heads[slot] = head
    return head
  }
}

/** Messages that are written one by one and sent as one piece. */
export class AwsPiece {
  #messages: Uint8Array[] = []

  add(message: Uint8Array): void {
    // A list of one needs no room to grow: most pieces hold one message.
    if (this.#messages.length === 0) this.#messages = [message]
    else this.#messages.push(message)
  }

  /** The messages since this was last asked. */
  take(): Uint8Array {
    const messages = this.#messages
    this.#messages = []
    return joinBytes(messages)
  }
}

function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  if (pieces.length === 1 && first !== undefined) return first
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let place = 0
  for (const piece of pieces) {
    joined.set(piece, place)
    place += piece.length
  }
  return joined
}

function encodeHeaders(headers: Headers): Uint8Array {
  return joinBytes(
    Object.entries(headers).flatMap(([name, value]) => {
      const [nameBytes, valueBytes] = [utf8.encode(name), utf8.encode(value)]
      const { length } = valueBytes
      return [
        Uint8Array.of(nameBytes.length),
        nameBytes,
        Uint8Array.of(stringType, length >>> 8, length),
        valueBytes,
      ]
    }),
  )
}

function setUint32(bytes: Uint8Array, place: number, value: number): void {
  bytes[place] = value >>> 24
  bytes[place + 1] = value >>> 16
  bytes[place + 2] = value >>> 8
  bytes[place + 3] = value
}
