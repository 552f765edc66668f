/** One request under way on the network: from a free connection to the last byte of its answer. */
import type { Carried, Connection } from './connection.ts'
import { codingsOf, ContentDecoder, decodedHead } from './content-coding.ts'
import type { Pool } from './pool.ts'
import {
  type OutgoingRequest,
  type Receiver,
  type ResponseHead,
  type Sending,
  TransportError,
  type TransportErrorCode,
} from './transport.ts'
import type { WrittenRequest } from './write-request.ts'

export class NetworkSending implements Sending, Carried {
  readonly #receiver: Receiver
  readonly #connectTimeout: number
  readonly #headTimeout: number
  #request: WrittenRequest | null = null
  #pool: Pool | null = null
  #connection: Connection | null = null
  #timer: NodeJS.Timeout | undefined
  #decoder: ContentDecoder | null = null
  #sentAt = 0
  #hasHead = false
  #isPaused = false
  /** Whether the decoder has enough for now. */
  #isFull = false
  #isOver = false

  constructor({ connectTimeout, headTimeout }: OutgoingRequest, receiver: Receiver) {
    this.#receiver = receiver
    this.#connectTimeout = connectTimeout
    this.#headTimeout = headTimeout
  }

  start(request: WrittenRequest, pool: Pool): void {
    this.#request = request
    this.#pool = pool
    this.#connection = pool.take(this)
    if (this.#connection === null) this.#open(pool)
    else this.#send(this.#connection, request)
  }

  pause(): void {
    this.#isPaused = true
    this.#decoder?.pause()
    this.#throttle()
  }

  resume(): void {
    this.#isPaused = false
    this.#decoder?.resume()
    this.#throttle()
  }

  abort(): void {
    if (this.#isOver) return
    const connection = this.#connection
    this.#leave()
    connection?.destroy()
  }

  ready(): void {
    if (this.#connection !== null && this.#request !== null) this.#send(this.#connection, this.#request)
  }

  head(head: ResponseHead): void {
    clearTimeout(this.#timer)
    this.#hasHead = true
    this.#request = null
    const codings = codingsOf(head)
    if (codings === null) this.#receiver.head(head)
    else {
      this.#decoder = this.#decoderFor(codings)
      this.#receiver.head(decodedHead(head))
    }
    if (this.#isPaused) this.#throttle()
  }

  data(bytes: Uint8Array): void {
    if (this.#decoder === null) this.#receiver.data(bytes)
    else if (!this.#decoder.write(bytes)) {
      this.#isFull = true
      this.#throttle()
    }
  }

  over(): void {
    this.#connection = null
    if (this.#decoder === null) this.#end()
    else this.#decoder.end()
  }

  lost(error: TransportError, isStale: boolean): void {
    if (this.#isOver) return
    this.#connection = null
    const { decoder, pool } = { decoder: this.#decoder, pool: this.#pool }
    if (isStale && pool !== null && performance.now() - this.#sentAt < raceTime) this.#open(pool)
    else if (decoder === null) this.#fail(error)
    else decoder.breakOff(() => this.#fail(error))
  }

  #open(pool: Pool): void {
    clearTimeout(this.#timer)
    this.#expire(this.#connectTimeout, 'connect-timeout')
    this.#connection = pool.open(this, this.#connectTimeout)
  }

  #send(connection: Connection, request: WrittenRequest): void {
    clearTimeout(this.#timer)
    this.#expire(this.#headTimeout, 'head-timeout')
    this.#sentAt = performance.now()
    connection.send(request)
  }

  #expire(time: number, code: keyof typeof timeouts): void {
    this.#timer = setTimeout(
      () => {
        const name = this.#pool?.way.origin.name ?? ''
        this.#connection?.destroy()
        this.#fail(new TransportError(code, `${name} ${timeouts[code]} within ${time / 1000} s`))
      },
      Math.min(time, longestTimer),
    )
  }

  /** The socket is read while both the receiver and the decoder can take more. */
  #throttle(): void {
    if (this.#connection === null || !this.#hasHead) return
    if (this.#isFull || (this.#isPaused && this.#decoder === null)) this.#connection.pause()
    else this.#connection.resume()
  }

  #decoderFor(codings: readonly string[]): ContentDecoder {
    return new ContentDecoder(codings, {
      data: (bytes) => {
        if (!this.#isOver) this.#receiver.data(bytes)
      },
      end: () => this.#end(),
      fail: (problem) => {
        const name = this.#pool?.way.origin.name ?? ''
        this.#connection?.destroy()
        this.#fail(new TransportError('malformed', `${name}: its answer breaks HTTP: ${problem}`))
      },
      drained: () => {
        this.#isFull = false
        this.#throttle()
      },
    })
  }

  #end(): void {
    if (this.#isOver) return
    this.#leave()
    this.#receiver.end()
  }

  #fail(error: TransportError): void {
    if (this.#isOver) return
    this.#leave()
    this.#receiver.fail(error)
  }

  /** Nothing is told from here on. */
  #leave(): void {
    clearTimeout(this.#timer)
    this.#isOver = true
    this.#connection = null
    this.#decoder?.destroy()
    this.#decoder = null
    this.#request = null
  }
}

const timeouts = {
  'connect-timeout': 'was not connected',
  'head-timeout': 'sent no head',
} as const satisfies Partial<Record<TransportErrorCode, string>>

/** What `setTimeout` takes. */
const longestTimer = 2 ** 31 - 1

/**
 * Milliseconds. A server closes a connection just when a request is on its way to it: that shows within a round trip,
 * and the request is sent once more. One that breaks later may have been taken.
 */
const raceTime = 1000
