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
  problem: Failure | null = null
  readonly stray = ''
  readonly #utf8 = new TextDecoder()
  /** The message that is not whole yet: the first `#length` bytes; it takes as many as are wanted to say more. */
  #held = new Uint8Array(0)
  #length = 0
  #wanted = preludeLength
  #head: Head | undefined

  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = []
    let bytes = chunk
    if (this.#length > 0) {
      this.#hold(chunk)
      if (this.#length < this.#wanted) return frames
      bytes = this.#held.subarray(0, this.#length)
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let start = 0
    for (;;) {
      this.#wanted = this.#lengthAt(view, start)
      if (this.problem !== null || start + this.#wanted > bytes.length) break
      this.#take(bytes, view, start, start + this.#wanted, frames)
      start += this.#wanted
    }
    this.#length = 0
    if (this.problem === null) this.#hold(bytes.subarray(start))
    return frames
  }

  /** A message that was cut off says nothing: the stream is truncated, which its reader sees. */
  end(): readonly Frame[] {
    return []
  }

  /** Copies bytes behind the held ones. Room doubles, so that small chunks cost no more than large ones. */
  #hold(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    if (length > this.#held.length) {
      const grown = new Uint8Array(2 * length)
      grown.set(this.#held.subarray(0, this.#length))
      this.#held = grown
    }
    this.#held.set(bytes, this.#length)
    this.#length = length
  }

  /** The length of the message that begins here; the prelude's while that is not whole. */
  #lengthAt(view: DataView, start: number): number {
    if (view.byteLength - start < preludeLength) return preludeLength
    const length = view.getUint32(start)
    const least = preludeLength + view.getUint32(start + 4) + checksumLength
    if (crc32(view, start, start + 8) !== view.getUint32(start + 8)) this.#refuse('checksum is wrong')
    else if (length > maxLength) this.#refuse(`length is ${length}`)
    else if (length < least) this.#refuse('headers are longer than itself')
    return length
  }

  #take(bytes: Uint8Array, view: DataView, start: number, end: number, frames: Frame[]): void {
    const dataEnd = end - checksumLength
    if (crc32(view, start, dataEnd) !== view.getUint32(dataEnd)) return this.#refuse('checksum is wrong')
    const headStart = start + preludeLength
    const headEnd = headStart + view.getUint32(start + 4)
    // Most messages have the very headers of the one before.
    const isSame = this.#head !== undefined && isAt(bytes, headStart, headEnd, this.#head.bytes)
    if (!isSame) this.#head = readHead(bytes.slice(headStart, headEnd), this.#utf8)
    if (this.#head === undefined) return this.#refuse('headers are broken')
    const { name, isException, errorMessage } = this.#head
    const data = this.#utf8.decode(bytes.subarray(headEnd, dataEnd))
    frames.push(isException ? { name, data: data || errorMessage, isException } : { name, data })
  }

  /** Nothing behind this can be read: where the next message begins is not known. */
  #refuse(what: string): void {
    this.problem = failure('malformed', `A message of the event stream cannot be read: its ${what}`)
  }
}

function isAt(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start !== wanted.length) return false
  for (let place = 0; place < wanted.length; place += 1)
    if (bytes[start + place] !== wanted[place]) return false
  return true
}

/** Undefined for what are no headers. */
function readHead(bytes: Uint8Array, utf8: TextDecoder): Head | undefined {
  const headers = readHeaders(bytes, utf8)
  if (headers === null) return undefined
  const isException = /^(exception|error)$/.test(headers.get(':message-type') ?? '')
  const name = isException
    ? (headers.get(':exception-type') ?? headers.get(':error-code'))
    : headers.get(':event-type')
  return { bytes, name: name ?? '', isException, errorMessage: headers.get(':error-message') ?? '' }
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

let table: Int32Array | undefined

/** Eight tables of 256 in a row, for a byte and for one with up to seven behind it: eight bytes are one step. */
function makeTable(): Int32Array {
  const made = new Int32Array(2048)
  for (let place = 0; place < made.length; place += 1) {
    let crc = place < 256 ? place : at(made, place - 256)
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1
    made[place] = crc
  }
  return made
}

/** The checksum (ISO 3309, as in zip and PNG) of these bytes. */
export function crc32(bytes: DataView, start: number, end: number): number {
  const t = (table ??= makeTable())
  let crc = -1
  let place = start
  for (; place + 8 <= end; place += 8) {
    const a = crc ^ bytes.getInt32(place, true)
    const b = bytes.getInt32(place + 4, true)
    crc =
      at(t, 1792 + (a & 0xff)) ^
      at(t, 1536 + ((a >>> 8) & 0xff)) ^
      at(t, 1280 + ((a >>> 16) & 0xff)) ^
      at(t, 1024 + (a >>> 24)) ^
      at(t, 768 + (b & 0xff)) ^
      at(t, 512 + ((b >>> 8) & 0xff)) ^
      at(t, 256 + ((b >>> 16) & 0xff)) ^
      at(t, b >>> 24)
  }
  for (; place < end; place += 1) crc = at(t, (crc ^ bytes.getUint8(place)) & 0xff) ^ (crc >>> 8)
  return (crc ^ -1) >>> 0
}

/** A number that is known to be there. */
function at(numbers: Int32Array, place: number): number {
  return numbers[place] as number
}
