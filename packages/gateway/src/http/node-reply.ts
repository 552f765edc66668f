/** A reply over a socket: its head goes out with the first bytes, and readers that stay too slow are cut off. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerConfiguration } from '../config/configuration.ts'
import type { Reply } from '../incoming.ts'
import type { Connection, Ending } from './connection.ts'

type Headers = Readonly<Record<string, string>>

/** Nothing between here and the client may keep a stream back: nginx reads `x-accel-buffering`. */
const streaming: Headers = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' }

const closing = ['connection', 'close']

/** Bytes of a body that go out as text: Node puts the head before it, and writes both at once. */
const mostAtOnce = 65_536

/** How much of a body that nobody wants is read, so that its sender reads the answer: bytes, milliseconds. */
const unwanted = { most: 1_048_576, longest: 1000 }

export class NodeReply implements Reply, Ending {
  #isBegun = false
  #isEnded = false
  #hasLeft = false
  #isWritten = false
  readonly #leavers: (() => void)[] = []
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #connection: Connection
  readonly #settings: ServerConfiguration
  #slow: NodeJS.Timeout | null = null

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: Connection,
    settings: ServerConfiguration,
  ) {
    this.#request = request
    this.#response = response
    this.#connection = connection
    this.#settings = settings
    connection.replies.add(this)
    response.on('finish', () => this.#finish())
  }

  get isBegun(): boolean {
    return this.#isBegun
  }

  get hasLeft(): boolean {
    return this.#hasLeft
  }

  begin(status: number, headers: Headers): void {
    if (this.#isDone()) return
    this.#writeHead(status, { ...streaming, ...headers }, [])
    // With the first bytes where they are at hand, else now.
    process.nextTick(() => {
      if (!this.#isWritten && !this.#isDone()) this.#response.flushHeaders()
    })
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isDone()) return true
    this.#isWritten = true
    if (this.#response.write(bytes)) return true
    this.#expectReading()
    return this.#response.writableLength <= this.#settings.bufferLimit
  }

  end(bytes?: Uint8Array): void {
    if (this.#isDone()) return
    this.#isEnded = true
    this.#response.end(bytes)
    if (this.#response.writableLength > 0) this.#expectReading()
  }

  send(status: number, headers: Headers, body: Uint8Array | string): void {
    if (this.#isDone() || this.#isBegun) return
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
    const isUnread = this.#isUnread()
    this.#writeHead(status, headers, ['content-length', String(length), ...(isUnread ? closing : [])])
    this.#isEnded = true
    if (isUnread && !this.#connection.isBroken) this.#endWithUnread(body)
    else if (typeof body === 'string' || length > mostAtOnce) this.#response.end(body)
    else this.#response.end(Buffer.from(body.buffer, body.byteOffset, length).toString('latin1'), 'latin1')
    if (this.#response.writableLength > 0) this.#expectReading()
  }

  destroy(): void {
    if (this.#isDone()) return
    this.#isEnded = true
    const { socket } = this.#request
    // A chunked body without its last chunk is seen to be cut off. Any other is reset, so that it does not look whole.
    if (!this.#isBegun) socket.destroy()
    else if (this.#response.chunkedEncoding) {
      socket.uncork()
      socket.destroySoon()
      this.#expectReading()
    } else socket.resetAndDestroy()
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener)
  }

  onLeft(listener: () => void): void {
    if (this.#hasLeft) listener()
    else this.#leavers.push(listener)
  }

  /** The connection is gone. */
  leave(): void {
    this.#connection.replies.delete(this)
    this.#readInTime()
    if (this.#isDone()) return
    this.#hasLeft = true
    for (const listener of this.#leavers) listener()
  }

  #isDone(): boolean {
    return this.#isEnded || this.#hasLeft
  }

  /** All of it is with the operating system. */
  #finish(): void {
    this.#readInTime()
    this.#connection.replies.delete(this)
    if (this.#connection.isLast && this.#connection.replies.size === 0) this.#request.socket.destroySoon()
  }

  /** `more` is names and values in turn, as Node takes them fastest. */
  #writeHead(status: number, headers: Headers, more: string[]): void {
    this.#isBegun = true
    for (const name in headers) more.push(name, headers[name] ?? '')
    if (this.#connection.isLast) more.push(...closing)
    this.#response.writeHead(status, more)
  }

  /** Whether the client is still sending a body that has not been read. */
  #isUnread(): boolean {
    const { headers, complete } = this.#request
    const length = headers['content-length']
    return (
      !complete && (headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0'))
    )
  }

  /**
   * Sends the answer, then reads on for up to 1 s or 1 MB. Closing at once would reset the connection and lose the answer.
   */
  #endWithUnread(body: Uint8Array | string): void {
    const [request, response] = [this.#request, this.#response]
    response.write(body)
    let size = 0
    const stop = (): void => {
      clearTimeout(timer)
      response.end()
    }
    const timer = setTimeout(stop, unwanted.longest)
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > unwanted.most) stop()
    })
    request.once('end', stop)
    request.once('close', stop)
    request.resume()
  }

  /** What waits now must be read in time, or the connection is cut. */
  #expectReading(): void {
    if (this.#slow !== null) return
    const { socket } = this.#request
    const waits = socket.bytesWritten
    this.#response.once('drain', () => this.#readInTime())
    this.#slow = setTimeout(() => {
      this.#slow = null
      const read = socket.bytesWritten - socket.writableLength
      // A pipelined reply that waits for the one before it is not slow.
      if (read >= waits || (this.#response.socket === null && !socket.destroyed)) this.#expectReading()
      else socket.destroy()
    }, this.#settings.readTimeout)
  }

  #readInTime(): void {
    if (this.#slow !== null) clearTimeout(this.#slow)
    this.#slow = null
  }
}
