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

/** Bytes of a header's value by its type; all others give their length in two bytes before it. */
const valueLengths = [0, 0, 1, 2, 4, 8, null, null, 8, 16]

/** How a message begins, and what its headers say. */
interface Head {
  /** The prelude and the headers. */
  readonly bytes: Uint8Array
  readonly checksum: number
  /** The length of the whole message. */
  readonly length: number
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
  /** The message that is not whole yet: the first `#length` bytes. */
  #held = new Uint8Array(0)
  #length = 0
  /** Most messages begin as another one did. Each is looked for by the last byte of the message's length. */
  readonly #heads: Head[] = []

  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = []
    const bytes = this.#length > 0 ? this.#hold(chunk) : chunk
    let start = 0
    while (start < bytes.length && this.problem === null) {
      const head = this.#headAt(bytes, start)
      if (head === undefined || start + head.length > bytes.length) break
      this.#take(head, bytes, start, frames)
      start += head.length
    }
    this.#length = 0
    if (start < bytes.length) this.#hold(bytes.subarray(start))
    return frames
  }

  /** A message that was cut off says nothing: the stream is truncated, which its reader sees. */
  end(): readonly Frame[] {
    return []
  }

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

  /** Undefined where it is broken, or not whole yet. */
  #headAt(bytes: Uint8Array, start: number): Head | undefined {
    const slot = at(bytes, start + 3)
    const known = this.#heads[slot]
    if (known !== undefined && isAt(bytes, start, known.bytes)) return known
    if (bytes.length - start < preludeLength) return undefined
    const length = uint32(bytes, start)
    const headLength = preludeLength + uint32(bytes, start + 4)
    if (crc32(bytes, start, start + 8) !== uint32(bytes, start + 8)) this.#refuse('checksum is wrong')
    else if (length > maxLength || length < headLength + checksumLength) this.#refuse('length is wrong')
    else if (start + headLength <= bytes.length) {
      const head = readHead(bytes.slice(start, start + headLength), length, this.#utf8)
      if (head === undefined) this.#refuse('headers are broken')
      else this.#heads[slot] = head
      return head
    }
    return undefined
  }

  #take(head: Head, bytes: Uint8Array, start: number, frames: Frame[]): void {
    const { name, isException, errorMessage } = head
    const dataStart = start + head.bytes.length
    const end = start + head.length - checksumLength
    if (crc32(bytes, dataStart, end, head.checksum) !== uint32(bytes, end))
      return this.#refuse('checksum is wrong')
    const data = this.#utf8.decode(bytes.subarray(dataStart, end))
    frames.push(isException ? { name, data: data || errorMessage, isException } : { name, data })
  }

  /** Nothing behind this can be read: where the next message begins is not known. */
  #refuse(what: string): void {
    this.problem = failure('malformed', `A message of the event stream cannot be read: its ${what}`)
  }
}

function isAt(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let place = 0; place < wanted.length; place += 1)
    if (bytes[start + place] !== wanted[place]) return false
  return true
}

/** Undefined for what are no headers: a length that is none, or too long, leads to another place than their end. */
function readHead(bytes: Uint8Array, length: number, utf8: TextDecoder): Head | undefined {
  const headers = new Map<string, string>()
  let place = preludeLength
  const take = (count: number): string => utf8.decode(bytes.subarray(place, (place += count)))
  while (place < bytes.length) {
    const name = take(at(bytes, place++))
    const size = valueLengths[at(bytes, place++)]
    headers.set(name, take(size ?? at(bytes, place++) * 256 + at(bytes, place++)))
  }
  if (place !== bytes.length) return undefined
  const isException = /^(exception|error)$/.test(headers.get(':message-type') ?? '')
  const name =
    headers.get(isException ? ':exception-type' : ':event-type') ?? headers.get(':error-code') ?? ''
  return {
    bytes,
    checksum: crc32(bytes, 0, bytes.length),
    length,
    name,
    isException,
    errorMessage: headers.get(':error-message') ?? '',
  }
}

function uint32(bytes: Uint8Array, place: number): number {
  let number = 0
  for (let byte = place; byte < place + 4; byte += 1) number = number * 256 + at(bytes, byte)
  return number
}

let table: Int32Array | undefined

/** Four tables of 256 in a row, for a byte and for one with up to three behind it: four bytes are one step. */
function makeTable(): Int32Array {
  const made = new Int32Array(1024)
  for (let place = 0; place < made.length; place += 1) {
    let crc = place < 256 ? place : at(made, place - 256)
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1
    made[place] = crc
  }
  return made
}

/** The checksum (ISO 3309, as in zip and PNG) of these bytes; `before` is that of what stands before them. */
export function crc32(bytes: Uint8Array, start: number, end: number, before = 0): number {
  const t = (table ??= makeTable())
  let crc = ~before
  let place = start
  for (; place + 4 <= end; place += 4) {
    crc ^=
      at(bytes, place) |
      (at(bytes, place + 1) << 8) |
      (at(bytes, place + 2) << 16) |
      (at(bytes, place + 3) << 24)
    crc =
      at(t, 768 + (crc & 0xff)) ^
      at(t, 512 + ((crc >>> 8) & 0xff)) ^
      at(t, 256 + ((crc >>> 16) & 0xff)) ^
      at(t, crc >>> 24)
  }
  for (; place < end; place += 1) crc = at(t, (crc ^ at(bytes, place)) & 0xff) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** A number that is known to be there. */
function at(numbers: Int32Array | Uint8Array, place: number): number {
  return numbers[place] as number
}
