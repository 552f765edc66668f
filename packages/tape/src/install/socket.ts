/** Two sockets that are joined in memory: what goes into one comes out of the other. */
import type net from 'node:net'

/** Real sockets to whoever holds one (timeouts, events), without an address, and without a hold on the process. */
export type SocketPair = () => readonly [client: net.Socket, server: net.Socket]

export function pairOf({ Socket }: typeof net): SocketPair {
  class JoinedSocket extends Socket {
    peer: JoinedSocket | undefined
    /** Says that the peer has read what was written. */
    #written: (() => void) | undefined
    #isEnded = false

    constructor(allowHalfOpen: boolean) {
      super({ allowHalfOpen })
      Object.assign(this, { connecting: false, _writev: null })
    }

    /** Called when the last bytes that were pushed are wanted. */
    override _read(): void {
      const written = this.peer?.takeWritten()
      written?.()
    }

    override _write(
      chunk: Uint8Array | string,
      encoding: BufferEncoding,
      done: (error?: Error) => void,
    ): void {
      const { peer } = this
      if (peer === undefined || peer.destroyed) return done(brokenPipe())
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
      this.#keepAwake()
      peer.#keepAwake()
      if (peer.push(bytes)) done()
      else this.#written = done
    }

    override _final(done: () => void): void {
      this.#isEnded = true
      if (this.peer?.destroyed === false) this.peer.push(null)
      done()
    }

    override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
      const { peer } = this
      if (!this.#isEnded && peer?.destroyed === false) peer.push(null)
      peer?.takeWritten()?.()
      // Closing a real one takes a round of the event loop.
      // oxlint-disable-next-line no-underscore-dangle -- what every stream calls it
      setImmediate(() => super._destroy(error, done))
    }

    takeWritten(): (() => void) | undefined {
      const written = this.#written
      this.#written = undefined
      return written
    }

    /** A timeout counts from the last byte. */
    #keepAwake(): void {
      if (this.timeout !== undefined && this.timeout > 0) this.setTimeout(this.timeout)
    }
  }

  return () => {
    const client = new JoinedSocket(false)
    const server = new JoinedSocket(true)
    client.peer = server
    server.peer = client
    return [client, server]
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
}
