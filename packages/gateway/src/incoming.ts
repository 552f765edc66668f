/** One request of a client and the way to answer it, whatever it came by: a socket, or `gateway.fetch`. */

export interface Incoming {
  readonly method: string
  /** Without the query: `/api/v1/chat/completions`. */
  readonly path: string
  readonly query: URLSearchParams
  /** By lower-case names; a repeated one is joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The body, once. Rejects with an HttpError: 413 for more than `limit` bytes, 408 for a sender that is too slow. */
  readBody(limit: number): Promise<Uint8Array>
}

/** The way back. Nothing here throws: a client that has left is told by `onLeft`. */
export interface Reply {
  /** Whether a head has been sent. */
  readonly isBegun: boolean
  /** Whether the client is gone before the end. */
  readonly hasLeft: boolean
  /** Sends the head; a stream follows by `write` and `end`. */
  begin(status: number, headers: Readonly<Record<string, string>>): void
  /** False: the client reads slowly, wait for `onDrain`. */
  write(bytes: Uint8Array): boolean
  end(bytes?: Uint8Array): void
  /** Breaks the connection: the end of a body that must not look like one. */
  destroy(): void
  /** Head and body at once. */
  send(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array | string): void
  onDrain(listener: () => void): void
  /** Called once, when the client leaves before the end; at once when it has. */
  onLeft(listener: () => void): void
}
