/** A reply that adds the request id to its head and remembers its status. */
import type { Reply } from '../incoming.ts'

type Headers = Readonly<Record<string, string>>

export class ToldReply implements Reply {
  readonly #reply: Reply
  readonly #requestId: string
  #status = 0

  constructor(reply: Reply, requestId: string) {
    this.#reply = reply
    this.#requestId = requestId
  }

  /** The HTTP status that was sent; 0 before. */
  get status(): number {
    return this.#status
  }

  get isBegun(): boolean {
    return this.#reply.isBegun
  }

  get hasLeft(): boolean {
    return this.#reply.hasLeft
  }

  begin(status: number, headers: Headers): void {
    this.#status = status
    this.#reply.begin(status, this.#withId(headers))
  }

  write(bytes: Uint8Array): boolean {
    return this.#reply.write(bytes)
  }

  end(bytes?: Uint8Array): void {
    this.#reply.end(bytes)
  }

  destroy(): void {
    this.#reply.destroy()
  }

  send(status: number, headers: Headers, body: Uint8Array | string): void {
    this.#status = status
    this.#reply.send(status, this.#withId(headers), body)
  }

  onDrain(listener: () => void): void {
    this.#reply.onDrain(listener)
  }

  onLeft(listener: () => void): void {
    this.#reply.onLeft(listener)
  }

  #withId(headers: Headers): Headers {
    return { ...headers, 'x-request-id': this.#requestId }
  }
}
