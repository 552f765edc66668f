/** Reads responses off a connection, in whatever cuts they arrive. */
import type { BodyReader } from './body.ts'
import { HeadProblem, type ReadHead, readHead } from './response-head.ts'
import type { ResponseHead } from './transport.ts'

/** Bytes of all heads before a body, interim ones too. */
const longestHead = 65_536
const endOfHead = Buffer.from('\r\n\r\n')

/** After a push, its fields say what that brought. Bytes are read at once and never kept. */
export class ResponseParser {
  /** The head, where the last push completed it. */
  head: ResponseHead | null = null
  /** All that the last push brought of the body, in one piece; null for nothing. */
  body: Uint8Array | null = null
  /** Whether the response is whole. */
  isOver = false
  /** What is wrong with it, going on from "its answer breaks HTTP: "; null. What came before is good. */
  problem: string | null = null
  /** Whether more came than the response. */
  hasMore = false
  /** How long the connection can then be used again, in milliseconds; 0: not at all, null: it does not say. */
  keptFor: number | null = 0
  /** A head that is not whole yet, in the first `#headLength` bytes. */
  #pending = Buffer.alloc(0)
  #headLength = 0
  /** Of the heads before. */
  #interimLength = 0
  #reader: BodyReader | null = null

  /** Makes ready for the next response. */
  begin(): void {
    this.head = null
    this.body = null
    this.isOver = false
    this.problem = null
    this.hasMore = false
    this.keptFor = 0
    this.#headLength = 0
    this.#interimLength = 0
    this.#reader = null
  }

  push(bytes: Buffer): void {
    this.head = null
    this.body = null
    let at = 0
    while (this.#reader === null && !this.isOver && this.problem === null && at < bytes.length) {
      at = this.#readHead(bytes, at)
    }
    const reader = this.#reader
    if (reader !== null && at < bytes.length) {
      at = reader.read(bytes, at)
      this.body = reader.body
      this.problem = reader.problem
      this.isOver = reader.isOver
    }
    if (this.isOver && at < bytes.length) this.hasMore = true
  }

  /** The connection ended. Afterwards the response is over, if that was its end. */
  end(): void {
    this.head = null
    this.body = null
    if (this.#reader?.endsWithConnection === true) this.isOver = true
  }

  /** Gives where the head ends in these bytes; their end, where it does not. */
  #readHead(bytes: Buffer, start: number): number {
    const isFirst = this.#headLength === 0
    const length = this.#headLength
    const held = isFirst ? bytes.subarray(start) : this.#hold(bytes.subarray(start))
    const found = held.indexOf(endOfHead, Math.max(0, length - 3))
    const used = found === -1 ? held.length : found + 4
    if (this.#interimLength + used > longestHead)
      this.problem = `its head is longer than ${longestHead} bytes`
    else if (found !== -1) this.#endHead(held.toString('latin1', 0, found), used)
    else if (!isBeginning(held)) this.problem = 'it does not begin with a status'
    else if (isFirst) this.#hold(held)
    return found === -1 ? bytes.length : start + used - length
  }

  /** Room grows by doubling, so that a head that comes byte by byte is not copied each time. */
  #hold(bytes: Buffer): Buffer {
    const length = this.#headLength + bytes.length
    if (this.#pending.length < length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, length * 2))
      this.#pending.copy(larger, 0, 0, this.#headLength)
      this.#pending = larger
    }
    bytes.copy(this.#pending, this.#headLength)
    this.#headLength = length
    return this.#pending.subarray(0, length)
  }

  #endHead(text: string, length: number): void {
    this.#headLength = 0
    const read = this.#tryHead(text)
    if (read === null) return
    const { status } = read.head
    if (status === 101) {
      this.problem = 'it changes to a protocol that nobody asked for'
    } else if (status < 200) {
      this.#interimLength += length
    } else {
      this.head = read.head
      this.keptFor = read.keptFor
      this.#reader = read.body
      this.isOver = read.body === null
    }
  }

  #tryHead(text: string): ReadHead | null {
    try {
      return readHead(text)
    } catch (error) {
      if (!(error instanceof HeadProblem)) throw error
      this.problem = error.message
      return null
    }
  }
}

/** What is no HTTP is told from its first byte: nobody waits for its end. */
function isBeginning(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length)
  return bytes.toString('latin1', 0, length) === beginning.slice(0, length)
}

const beginning = 'HTTP/1.'
