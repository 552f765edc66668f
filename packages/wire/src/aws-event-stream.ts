/** Cuts `application/vnd.amazon.eventstream` into frames. https://smithy.io/2.0/aws/amazon-eventstream.html */
import { failure, type Failure } from './answer.ts'
import type { Frame, Framing } from './frames.ts'

/** Total length, headers' length, and the checksum of both: what every message begins with. */
export const preludeLength = 12
/** The checksum of the whole message, at its end. */
export const checksumLength = 4
/** The type of a header whose value is a string. */
export const stringType = 7

/** No message is longer: the format allows 24 MB of payload and 128 kB of headers. */
const maxLength = 24 * 1024 * 1024 + 128 * 1024 + preludeLength + checksumLength

/** Bytes of a header's value by its type; types 6 and 7 give their length in two bytes before it. */
const valueLengths: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16]

/** What a message's headers say. */
interface Head {
  readonly bytes: Uint8Array
  readonly name: string
  readonly isException: boolean
  /** What stands for the payload of an `error`, which has none. */
  readonly errorMessage: string
}

/** Messages of AWS's binary event streams. A message whose checksums do not hold ends the reading. */
export class AwsFraming implements Framing {
  readonly stray = ''
  readonly #utf8 = new TextDecoder()
  /** The message that is not whole yet: the first `#length` bytes of it. */
  #held = new Uint8Array(0)
  #length = 0
  #head: Head | undefined
  #problem: Failure | null = null

  get problem(): Failure | null {
    return this.#problem
  }

  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = []
    let start = this.#length > 0 ? this.#complete(chunk, frames) : 0
    while (this.#problem === null) {
      const length = this.#lengthAt(chunk, start, chunk.length)
      if (length === null || start + length > chunk.length) break
      this.#take(chunk.subarray(start, start + length), frames)
      start += length
    }
    if (this.#problem === null) this.#hold(chunk, start, chunk.length)
    return frames
  }

  /** A message that was cut off says nothing: the stream is truncated, which its reader sees. */
  end(): readonly Frame[] {
    return []
  }

  /** Adds to the held message what it lacks; gives the place in the chunk behind it. */
  #complete(chunk: Uint8Array, frames: Frame[]): number {
    let start = 0
    if (this.#length < preludeLength) start = this.#hold(chunk, 0, preludeLength - this.#length)
    const length = this.#lengthAt(this.#held, 0, this.#length)
    if (length === null) return start
    start = this.#hold(chunk, start, start + length - this.#length)
    if (this.#length < length) return start
    this.#length = 0
    this.#take(this.#held.subarray(0, length), frames)
    return start
  }

  /** Copies bytes behind the held ones. Room doubles, so that small chunks cost no more than large ones. */
  #hold(chunk: Uint8Array, start: number, end: number): number {
    const piece = chunk.subarray(start, end)
    const length = this.#length + piece.length
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.max(length, this.#held.length * 2, 256))
      grown.set(this.#held.subarray(0, this.#length))
      this.#held = grown
    }
    this.#held.set(piece, this.#length)
    this.#length = length
    return start + piece.length
  }

  /** The length of the message that begins here; null when it is not known yet, or cannot be right. */
  #lengthAt(bytes: Uint8Array, start: number, end: number): number | null {
    if (this.#problem !== null || end - start < preludeLength) return null
    const length = uint32(bytes, start)
    const least = preludeLength + uint32(bytes, start + 4) + checksumLength
    if (crc32(bytes, start, start + 8) !== uint32(bytes, start + 8)) return this.#refuse('checksum is wrong')
    if (length > maxLength) return this.#refuse(`length is ${length}`)
    return length < least ? this.#refuse('headers are longer than itself') : length
  }

  #take(message: Uint8Array, frames: Frame[]): void {
    const end = message.length - checksumLength
    if (crc32(message, 0, end) !== uint32(message, end)) return void this.#refuse('checksum is wrong')
    const headersEnd = preludeLength + uint32(message, 4)
    const head = this.#readHead(message.subarray(preludeLength, headersEnd))
    if (head === null) return void this.#refuse('headers are broken')
    const data = this.#utf8.decode(message.subarray(headersEnd, end))
    const { name, isException, errorMessage } = head
    frames.push(isException ? { name, data: data || errorMessage, isException } : { name, data })
  }

  /** Most messages have the very headers of the one before. Null for what are no headers. */
  #readHead(bytes: Uint8Array): Head | null {
    if (this.#head !== undefined && isSame(this.#head.bytes, bytes)) return this.#head
    const headers = readHeaders(bytes, this.#utf8)
    if (headers === null) return null
    const type = headers.get(':message-type')
    const isException = type === 'exception' || type === 'error'
    const name = isException
      ? (headers.get(':exception-type') ?? headers.get(':error-code'))
      : headers.get(':event-type')
    const errorMessage = headers.get(':error-message') ?? ''
    this.#head = { bytes: bytes.slice(), name: name ?? '', isException, errorMessage }
    return this.#head
  }

  /** Nothing behind this can be read: where the next message begins is not known. */
  #refuse(what: string): null {
    this.#problem = failure('malformed', `A message of the event stream cannot be read: its ${what}`)
    this.#held = new Uint8Array(0)
    this.#length = 0
    return null
  }
}

/** The headers that are strings; null when they do not fit their bytes. */
function readHeaders(bytes: Uint8Array, utf8: TextDecoder): Map<string, string> | null {
  const headers = new Map<string, string>()
  let place = 0
  while (place < bytes.length) {
    const nameEnd = place + 1 + (bytes[place] ?? 0)
    const name = utf8.decode(bytes.subarray(place + 1, nameEnd))
    const type = bytes[nameEnd] ?? -1
    let length = valueLengths[type]
    if (length === undefined) return null
    place = nameEnd + 1
    if (length === -1) {
      length = ((bytes[place] ?? 0) << 8) | (bytes[place + 1] ?? 0)
      place += 2
    }
    const end = place + length
    if (end > bytes.length) return null
    if (type === stringType) headers.set(name, utf8.decode(bytes.subarray(place, end)))
    place = end
  }
  return headers
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let place = 0; place < a.length; place += 1) if (a[place] !== b[place]) return false
  return true
}

/** The number in the four bytes here, the highest first. */
function uint32(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let place = at; place < at + 4; place += 1) value = (value << 8) | (bytes[place] ?? 0)
  return value >>> 0
}

/** Four tables of 256 in a row, for a byte and for one with up to three behind it: four bytes are one step. */
const table = new Uint32Array(1024)
for (let place = 0; place < 1024; place += 1) {
  let crc = place < 256 ? place : at(table, place - 256)
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1
  table[place] = crc
}

/** The checksum (ISO 3309, as in zip and PNG) of these bytes. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1
  let place = start
  for (; place + 4 <= end; place += 4) {
    const next = at(bytes, place) | (at(bytes, place + 1) << 8) | (at(bytes, place + 2) << 16)
    crc ^= next | (at(bytes, place + 3) << 24)
    crc =
      at(table, 768 + (crc & 0xff)) ^
      at(table, 512 + ((crc >>> 8) & 0xff)) ^
      at(table, 256 + ((crc >>> 16) & 0xff)) ^
      at(table, crc >>> 24)
  }
  for (; place < end; place += 1) crc = at(table, (crc ^ at(bytes, place)) & 0xff) ^ (crc >>> 8)
  return (crc ^ -1) >>> 0
}

/** A number that is known to be there. */
function at(numbers: Uint8Array | Uint32Array, place: number): number {
  return numbers[place] as number
}
