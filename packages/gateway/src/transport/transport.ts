/** The way to an upstream: the network's, or a tape's. Pushes, because a promise for each chunk is dear. */

/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** By lower-case names; without `host`, `content-length` and all that is about the connection. */
  readonly headers: Readonly<Record<string, string>>
  /** Null for none. */
  readonly body: string | Uint8Array | null
  /** Milliseconds until a connection must stand, and until the response's head must have come after that. */
  readonly connectTimeout: number
  readonly headTimeout: number
}

/** The start of a response; interim ones (1xx) are not told. */
export interface ResponseHead {
  readonly status: number
  /**
   * As they came, names in lower case; a repeated one is a repeated entry. Without `content-encoding` and
   * `content-length` where a coding was undone.
   */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Told of what comes back: one head, its bytes, then one end or one failure. After `abort` nothing any more. */
export interface Receiver {
  head(head: ResponseHead): void
  /** Content codings are undone. The bytes are the receiver's to keep. */
  data(chunk: Uint8Array): void
  end(): void
  fail(error: TransportError): void
}

/** A request under way. */
export interface Sending {
  /** No more `data` until `resume`, but for what has been read already. */
  pause(): void
  resume(): void
  /** Gives the request up, connection and all. Also after its end, where it does nothing. */
  abort(): void
}

export interface Transport {
  /** Never throws; what goes wrong is told to the receiver, later. */
  send(request: OutgoingRequest, receiver: Receiver): Sending
  /** Lets go of idle connections, of all others when they are done. */
  close(): Promise<void>
}

/** Why no response came, or not all of it. */
export type TransportErrorCode =
  /** Its address could not be found, is not allowed, or nobody answers there. */
  | 'connect'
  | 'connect-timeout'
  /** Nothing came back in time. */
  | 'head-timeout'
  /** The connection broke: before a head, or in the body. */
  | 'reset'
  /** What came is not HTTP, or breaks its rules. */
  | 'malformed'
  /** A tape has no answer to the request. */
  | 'miss'

/** Says in one sentence what went wrong; without secrets, so without the URL's query. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly code: TransportErrorCode

  constructor(code: TransportErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.code = code
  }
}
