/** Takes the chunked coding off a body, in whatever cuts it arrives. https://www.rfc-editor.org/rfc/rfc9112#section-7.1 */
import { type BodyReader, copyOf } from './body.ts'

const lineFeed = 10
const carriageReturn = 13
/** Bytes of a line with a chunk's size and what extends it, and of all trailers. */
const longestLine = 4096
const longestTrailers = 65_536

/** What the next bytes are. */
type Part = 'size' | 'data' | 'after-data' | 'trailers'

export class ChunkedBody implements BodyReader {
  body: Uint8Array | null = null
  problem: string | null = null
  isOver = false
  readonly endsWithConnection = false
  #part: Part = 'size'
  /** Bytes of the chunk that are still to come. */
  #left = 0
  /** Of a line that is not whole yet. */
  #line = ''
  #trailers = 0
  /** The first data of a read, while it is the only one: from and to. */
  #from = 0
  #to = 0
  /** From the first data of a read on, once there are several: they stand joined in its first `#length` bytes. */
  #joined: Buffer | null = null
  #length = 0

  read(bytes: Buffer, start: number): number {
    let at = start
    this.#from = 0
    this.#to = 0
    while (at < bytes.length && !this.isOver && this.problem === null) {
      at =
        this.#part === 'data'
          ? this.#readData(bytes, at)
          : this.#part === 'size'
            ? this.#readSize(bytes, at)
            : this.#readLine(bytes, at)
    }
    this.body = this.#taken(bytes)
    return at
  }

  /** The usual case: a size without extensions that lies whole in one read. */
  #readSize(bytes: Buffer, start: number): number {
    if (this.#line !== '') return this.#readLine(bytes, start)
    let at = start
    let size = 0
    for (; at < start + 12; at += 1) {
      const digit = hexDigits[bytes[at] ?? 0] ?? none
      if (digit === none) break
      size = size * 16 + digit
    }
    const isWhole = at > start && bytes[at] === carriageReturn && bytes[at + 1] === lineFeed
    if (!isWhole) return this.#readLine(bytes, start)
    this.#begin(size)
    return at + 2
  }

  #begin(size: number): void {
    this.#left = size
    this.#part = size === 0 ? 'trailers' : 'data'
  }

  #readData(bytes: Buffer, start: number): number {
    const end = Math.min(bytes.length, start + this.#left)
    this.#left -= end - start
    this.#take(bytes, start, end)
    if (this.#left > 0) return end
    const isFollowed = bytes[end] === carriageReturn && bytes[end + 1] === lineFeed
    this.#part = isFollowed ? 'size' : 'after-data'
    return isFollowed ? end + 2 : end
  }

  /** Many small chunks of one read are one piece to whoever reads: they move together in a copy of it. */
  #take(bytes: Buffer, start: number, end: number): void {
    if (this.#to === 0) {
      this.#from = start
      this.#to = end
      return
    }
    if (this.#joined === null) {
      this.#joined = Buffer.allocUnsafe(bytes.length - this.#from)
      bytes.copy(this.#joined, 0, this.#from)
      this.#length = this.#to - this.#from
    }
    this.#joined.copyWithin(this.#length, start - this.#from, end - this.#from)
    this.#length += end - start
  }

  #taken(bytes: Buffer): Uint8Array | null {
    const joined = this.#joined
    this.#joined = null
    return joined === null ? copyOf(bytes, this.#from, this.#to) : joined.subarray(0, this.#length)
  }

  #readLine(bytes: Buffer, start: number): number {
    const found = bytes.indexOf(lineFeed, start)
    const end = found === -1 ? bytes.length : found + 1
    this.#line += bytes.toString('latin1', start, end)
    if (this.#line.length > longestLine) this.problem = 'a line of its chunked body is too long'
    else if (found !== -1) this.#endLine()
    return end
  }

  #endLine(): void {
    const line = this.#line.slice(0, -2)
    const isProper = this.#line.endsWith('\r\n')
    this.#line = ''
    if (this.#part === 'trailers') this.#trailer(line, isProper)
    else if (this.#part === 'after-data' && line === '' && isProper) this.#part = 'size'
    else {
      const size = this.#part === 'size' && isProper ? sizeLine.exec(line)?.[1] : undefined
      if (size === undefined) this.problem = 'its chunked body is broken'
      else this.#begin(Number.parseInt(size, 16))
    }
  }

  /** Trailers are dropped. */
  #trailer(line: string, isProper: boolean): void {
    this.#trailers += line.length + 2
    if (!isProper) this.problem = 'its chunked body is broken'
    else if (this.#trailers > longestTrailers) this.problem = 'the trailers of its body are too long'
    else if (line === '') this.isOver = true
  }
}

/** A dot is no carriage return. */
const sizeLine = /^([0-9a-f]{1,12})[\t ]*(?:;.*)?$/i

const none = 16
const hexDigits = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase())
  return digit === -1 ? none : digit
})
