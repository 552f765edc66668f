/** Cuts `application/vnd.amazon.eventstream` into frames. https://smithy.io/2.0/aws/amazon-eventstream.html */
import { failure } from './answer.ts'
import type { Frame, FrameSink, Framing } from './frames.ts'

/** Total length, headers' length, and the checksum of both: what every message begins with. */
export const preludeLength = 12
/** The checksum of the whole message, at its end. */
export const checksumLength = 4
/** The type of a header whose value is a string. */
export const stringType = 7

/** No message is longer: the format allows 24 MB of payload, 128 kB of headers and 16 bytes around them. */
const maxLength = 0x1_82_00_10

/** Bytes of a header's value by its type; all others give their length in two bytes before it. */
const valueLengths = [0, 0, 1, 2, 4, 8, null, null, 8, 16]

/** How a message begins, and what its headers say. */
interface Head {
  /** The length of the whole message. */
  readonly length: number
  /** The length of the prelude and the headers, and the checksum of both. */
  readonly size: number
  readonly checksum: number
  readonly name: string
  readonly isException: boolean
  /** What stands for the payload of an `error`, which has none. */
  readonly errorMessage: string
}

const utf8 = new TextDecoder()

/** Messages of AWS's binary event streams. A message whose checksums do not hold ends the reading. */
export class AwsFraming implements Framing {
  readonly #sink: FrameSink
  readonly #read: (message: Frame) => Frame
  /** The message that is not whole yet: the first `#length` bytes. */
  #held = new Uint8Array(0)
  #length = 0
  /** Most messages begin as another one did. Each is looked for by the last byte of the message's length. */
  readonly #heads: Head[] = []

  /** `read` makes a frame of each message, where it is not one as it is. */
  constructor(sink: FrameSink, read: (message: Frame) => Frame = (message) => message) {
    this.#sink = sink
    this.#read = read
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#length > 0 ? this.#hold(chunk) : chunk
    let start = 0
    for (let head = this.#headAt(bytes, 0); head !== undefined; head = this.#headAt(bytes, start)) {
      const { length, size, name, isException, errorMessage } = head
      const data = utf8.decode(bytes.subarray(start + size, start + length - checksumLength))
      this.#sink.take(
        this.#read(isException ? { name, data: data || errorMessage, isException } : { name, data }),
      )
      start += length
    }
    this.#length = 0
    if (start < bytes.length) this.#hold(bytes.subarray(start))
  }

  /** A message that was cut off says nothing: the stream is truncated, which its reader sees. */
  end(): void {}

  /** Copies bytes behind the held ones; gives all. Room doubles, so that small chunks cost no more than large ones. */
  #hold(bytes: Uint8Array): Uint8Array {
    const held = this.#held
    const start = this.#length
    this.#length += bytes.length
    if (this.#length > held.length) {
      this.#held = new Uint8Array(2 * this.#length)
      this.#held.set(held)
    }
    this.#held.set(bytes, start)
    return this.#held.subarray(0, this.#length)
  }

  /**
   * The head of the message that stands here; undefined where that is broken, or not whole yet. A head with the same
   * lengths need not be read again if the message's checksum holds with it: it holds with no other.
   */
  #headAt(bytes: Uint8Array, start: number): Head | undefined {
    if (start + preludeLength > bytes.length || this.#sink.isOver) return undefined
    const length = uint32(bytes, start)
    const size = preludeLength + uint32(bytes, start + 4)
    const known = this.#heads[length & 0xff]
    const isKnown = known?.length === length && known.size === size
    const isLength = length >= size + checksumLength && length <= maxLength
    if (!isKnown && !(isLength && crc32(bytes, start, start + 8) === uint32(bytes, start + 8)))
      return this.#refuse()
    if (start + length > bytes.length) return undefined
    const end = start + length - checksumLength
    const checksum = uint32(bytes, end)
    if (isKnown && crc32(bytes, start + size, end, known.checksum) === checksum) return known
    const head = readHead(bytes.subarray(start, start + size), length)
    if (crc32(bytes, start + size, end, head.checksum) !== checksum) return this.#refuse()
    this.#heads[length & 0xff] = head
    return head
  }

  /** Nothing behind this can be read: where the next message begins is not known. */
  #refuse(): undefined {
    this.#sink.fail(failure('malformed', 'A message of the event stream is broken'))
  }
}

/** Never throws: headers that run over their end say nothing. */
function readHead(bytes: Uint8Array, length: number): Head {
  const headers = new Map<string, string>()
  let place = preludeLength
  const take = (count: number): string => utf8.decode(bytes.subarray(place, (place += count)))
  while (place < bytes.length) {
    const name = take(at(bytes, place++))
    const size = valueLengths[at(bytes, place++)]
    headers.set(name, take(size ?? at(bytes, place++) * 256 + at(bytes, place++)))
  }
  const exception = headers.get(':exception-type') ?? headers.get(':error-code')
  return {
    length,
    size: bytes.length,
    checksum: crc32(bytes, 0, bytes.length),
    name: exception ?? headers.get(':event-type') ?? '',
    isException: exception !== undefined,
    errorMessage: headers.get(':error-message') ?? '',
  }
}

/** The highest byte is the first, as in all numbers of the format. */
function uint32(bytes: Uint8Array, place: number): number {
  const low = (at(bytes, place + 1) << 16) | (at(bytes, place + 2) << 8) | at(bytes, place + 3)
  return at(bytes, place) * 2 ** 24 + low
}

/** Four tables of 256 in a row, for a byte and for one with up to three behind it: four bytes are one step. */
const table = /* @__PURE__ */ new Int32Array(1024)

function fillTable(): void {
  for (let place = 0; place < table.length; place += 1) {
    let crc = place < 256 ? place : at(table, place - 256)
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1
    table[place] = crc
  }
}

/** The checksum (ISO 3309, as in zip and PNG) of these bytes; `before` is that of what stands before them. */
export function crc32(bytes: Uint8Array, start: number, end: number, before = 0): number {
  if (table[1] === 0) fillTable()
  let crc = ~before
  let place = start
  for (; place + 4 <= end; place += 4) {
    crc ^=
      at(bytes, place) |
      (at(bytes, place + 1) << 8) |
      (at(bytes, place + 2) << 16) |
      (at(bytes, place + 3) << 24)
    crc =
      at(table, 768 + (crc & 0xff)) ^
      at(table, 512 + ((crc >>> 8) & 0xff)) ^
      at(table, 256 + ((crc >>> 16) & 0xff)) ^
      at(table, crc >>> 24)
  }
  for (; place < end; place += 1) crc = at(table, (crc ^ at(bytes, place)) & 0xff) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** A number that is known to be there. */
function at(numbers: Int32Array | Uint8Array, place: number): number {
  return numbers[place] as number
}
