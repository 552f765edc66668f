/** The client's side of an answer: its head goes out with the first bytes, and a slow reader holds what it reads from. */
import type { Reply } from '../incoming.ts'

/** What can be held while a client reads slowly: a request under way. */
export interface Held {
  pause(): void
  resume(): void
}

/** One answer on its way to a client. */
export class Delivery {
  readonly #reply: Reply
  readonly #headers: Readonly<Record<string, string>>
  #held: Held | null = null
  #isHolding = false
  #keepOpen: NodeJS.Timeout | null = null
  #isSilent = true

  /** `headers` are those of every answer to this request: its ids. */
  constructor(reply: Reply, headers: Readonly<Record<string, string>>) {
    this.#reply = reply
    this.#headers = headers
    reply.onDrain(() => this.#release())
  }

  get hasLeft(): boolean {
    return this.#reply.hasLeft
  }

  /** Whether a head is out: what goes wrong from then on is said in the stream. */
  get isBegun(): boolean {
    return this.#reply.isBegun
  }

  /** Calls back once, when the client leaves before the end. */
  onLeft(listener: () => void): void {
    this.#reply.onLeft(listener)
  }

  /** What is to wait while the client does not keep up. */
  source(held: Held): void {
    this.#held = held
    this.#isHolding = false
  }

  /** Whether the source waits for the client: nobody waits for one that has left. */
  get isHolding(): boolean {
    return this.#isHolding && !this.hasLeft
  }

  /**
   * Writes a comment whenever so many milliseconds pass in silence: proxies and clients close what says nothing. The first
   * one sends the head, so that from then on failures are told in the stream.
   */
  keepOpen(milliseconds: number): void {
    this.#keepOpen = setInterval(() => {
      if (this.#isSilent && !this.#isHolding) {
        this.begin('text/event-stream')
        this.#reply.write(comment)
      }
      this.#isSilent = true
    }, milliseconds)
    this.#reply.onLeft(() => this.close())
  }

  begin(contentType: string): void {
    if (this.isBegun || this.hasLeft) return
    this.#reply.begin(200, { ...this.#headers, 'content-type': contentType })
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.hasLeft) return
    this.#isSilent = false
    if (this.#reply.write(bytes) || this.#isHolding) return
    this.#isHolding = true
    this.#held?.pause()
  }

  end(bytes: Uint8Array): void {
    this.close()
    if (this.hasLeft) return
    if (bytes.length === 0) this.#reply.end()
    else this.#reply.end(bytes)
  }

  /** A whole answer. */
  send(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array | string): void {
    this.close()
    if (!this.hasLeft) this.#reply.send(status, { ...this.#headers, ...headers }, body)
  }

  /** Breaks off what has begun: its end must not look like one. */
  breakOff(): void {
    this.close()
    this.#reply.destroy()
  }

  /** Nothing more is delivered, whoever tells the client. */
  close(): void {
    if (this.#keepOpen !== null) clearInterval(this.#keepOpen)
    this.#keepOpen = null
  }

  #release(): void {
    if (!this.#isHolding) return
    this.#isHolding = false
    this.#held?.resume()
  }
}

/** OpenRouter's is `: OPENROUTER PROCESSING`. https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes */
const comment = new TextEncoder().encode(': PLAYHEAD PROCESSING\n\n')
