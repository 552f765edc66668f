/** One connection to an upstream: carries one exchange after another. */
import type { Socket } from 'node:net'
import { codeOf } from '../thrown.ts'
import { askedProxy, connectError, dial, dialOver, type Origin, type Way } from './origin.ts'
import { unauthenticated } from './proxy-refusal.ts'
import { ResponseParser } from './response-parser.ts'
import { type ResponseHead, TransportError } from './transport.ts'
import { openTunnel, toProxy } from './tunnel.ts'
import { writeRequest, type WrittenRequest } from './write-request.ts'

/** The exchange that a connection carries. After `over` or `lost` it is told nothing more. */
export interface Carried {
  /** The connection stands; the exchange may `send`. Not told on one that stood already. */
  ready(): void
  head(head: ResponseHead): void
  /** The bytes are its to keep. */
  data(bytes: Uint8Array): void
  over(): void
  /** `isStale`: the connection had been used before, and broke before it said a word. */
  lost(error: TransportError, isStale: boolean): void
}

/** Told when a connection is free again, for so many milliseconds (null: nobody says). False: close it. */
export interface Keeper {
  keep(connection: Connection, time: number | null): boolean
  /** A kept one has broken. */
  forget(connection: Connection): void
}

export class Connection {
  /** When it is to be closed if nobody has used it, on the keeper's clock. */
  expiresAt = 0
  readonly #way: Way
  readonly #keeper: Keeper
  #socket: Socket
  readonly #parser = new ResponseParser()
  #carried: Carried | null
  #stands = false
  #isUsed = false
  #isSilent = true
  #isPaused = false

  constructor(way: Way, timeout: number, carried: Carried, keeper: Keeper) {
    this.#way = way
    this.#keeper = keeper
    this.#carried = carried
    const read = (length: number, memory: Uint8Array): boolean => {
      this.#read(Buffer.from(memory.buffer, memory.byteOffset, length))
      return true
    }
    const { origin, proxy, dialling } = way
    const first = proxy ?? origin
    this.#socket =
      proxy !== null && origin.isSecure
        ? openTunnel(way, proxy, timeout, {
            opened: (socket) => {
              this.#socket = this.#attend(dialOver(socket, origin, read, dialling), origin)
            },
            failed: (error) => this.#fail(error),
          })
        : this.#attend(dial(first, timeout, read, dialling), first)
  }

  #attend(socket: Socket, { isSecure }: Origin): Socket {
    return socket
      .on(isSecure ? 'secureConnect' : 'connect', () => this.#begin())
      .on('error', (error) => this.#fail(error))
      .on('end', () => this.#end())
      .on('close', () => this.#fail(null))
  }

  /** Takes over one that was kept. */
  carry(carried: Carried): void {
    this.#carried = carried
    this.#socket.ref()
  }

  send(request: WrittenRequest): void {
    this.#isSilent = true
    this.#parser.begin()
    writeRequest(this.#socket, request)
  }

  pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#socket.resume()
  }

  /** Closes it at once. The exchange is told nothing. */
  destroy(): void {
    this.#carried = null
    this.#socket.destroy()
  }

  #begin(): void {
    this.#stands = true
    this.#carried?.ready()
  }

  #read(bytes: Buffer): void {
    const carried = this.#carried
    // Bytes that no request asked for would be taken for the answer to the next one.
    if (carried === null) {
      this.#fail(null)
      return
    }
    this.#isSilent = false
    const parser = this.#parser
    parser.push(bytes)
    // Each of these may give the exchange up.
    if (parser.head !== null) this.#tellHead(parser.head, carried)
    if (parser.body !== null && this.#carried === carried) carried.data(parser.body)
    if (this.#carried !== carried) return
    if (parser.problem !== null) this.#lose(malformed(this.#way.origin, parser.problem))
    else if (parser.isOver) this.#finish(carried)
  }

  /** Only a proxy asks who is there by 407; in a tunnel it would be the origin's own answer. */
  #tellHead(head: ResponseHead, carried: Carried): void {
    const proxy = head.status === 407 ? askedProxy(this.#way) : null
    if (proxy === null) carried.head(head)
    else this.#lose(unauthenticated(this.#way.origin, proxy, head))
  }

  #finish(carried: Carried): void {
    this.#carried = null
    const { keptFor, hasMore } = this.#parser
    // Where the answer came before the whole request was sent, the rest of the request is still on its way.
    const isClean =
      !hasMore && keptFor !== 0 && this.#socket.writableLength === 0 && !this.#socket.readableEnded
    this.#isUsed = true
    if (isClean && this.#keeper.keep(this, keptFor)) this.#rest()
    else this.#socket.destroy()
    carried.over()
  }

  /** Reads on, to know when the other side closes; holds no process. */
  #rest(): void {
    if (this.#isPaused) this.resume()
    this.#socket.unref()
  }

  #end(): void {
    const carried = this.#carried
    if (carried !== null && this.#stands) {
      this.#parser.end()
      if (this.#parser.isOver) this.#finish(carried)
    }
    this.#fail(null)
  }

  /** Null: the other side closed it. */
  #fail(error: Error | null): void {
    if (this.#carried === null) this.#keeper.forget(this)
    else if (this.#stands) this.#lose(broken(this.#way.origin, this.#isSilent, error))
    else this.#lose(this.#unconnected(error ?? new Error('the connection was closed before it stood')))
    this.#socket.destroy()
  }

  #unconnected(error: Error): TransportError {
    return connectError(this.#way.origin, error, askedProxy(this.#way) === null ? '' : toProxy)
  }

  #lose(error: TransportError): void {
    const carried = this.#carried
    this.destroy()
    carried?.lost(error, this.#isUsed && this.#isSilent)
  }
}

function malformed({ name }: Origin, problem: string): TransportError {
  return new TransportError('malformed', `${name}: its answer breaks HTTP: ${problem}`)
}

function broken({ name }: Origin, isSilent: boolean, error: Error | null): TransportError {
  const code = codeOf(error)
  const when = isSilent ? 'before it answered' : 'in the middle of its answer'
  const what = `${name} closed the connection ${when}${code === null ? '' : ` (${code})`}`
  return new TransportError('reset', what, error === null ? {} : { cause: error })
}
