/** Serves in process: a `Request` in, a `Response` out, with no socket between. */
import type { Incoming, Reply } from '../incoming.ts'
import { brokenOff, tooLarge } from './node-incoming.ts'
import type { Answer } from './node-server.ts'

type Headers = Readonly<Record<string, string>>

/** Bytes that wait for a reader before its upstream is held. */
const bufferLimit = 1_048_576

/** A `fetch` that `answer` answers. A request whose signal aborts is a client that has left. */
export function fetchHandler(answer: Answer): (request: Request) => Promise<Response> {
  return (request) =>
    new Promise((resolve, reject) => {
      const reply = new FetchReply(request, resolve, reject)
      answer(new FetchIncoming(request), reply).then(
        // Does nothing after an answer; without one, the caller would wait for ever.
        () => reply.destroy(),
        () => reply.destroy(),
      )
    })
}

class FetchIncoming implements Incoming {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly #request: Request

  constructor(request: Request) {
    const { pathname, searchParams } = new URL(request.url)
    this.method = request.method
    this.path = pathname
    this.query = searchParams
    this.headers = Object.fromEntries(request.headers)
    this.#request = request
  }

  async readBody(limit: number): Promise<Uint8Array> {
    const { body } = this.#request
    if (body === null) return new Uint8Array()
    const reader = body.getReader()
    const chunks: Uint8Array[] = []
    let size = 0
    for (;;) {
      const { value } = await reader.read().catch(() => {
        throw brokenOff()
      })
      if (value === undefined)
        return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)
      size += value.byteLength
      if (size > limit) {
        await reader.cancel().catch(() => {})
        throw tooLarge(limit)
      }
      chunks.push(value)
    }
  }
}

class FetchReply implements Reply {
  #isBegun = false
  #isEnded = false
  #hasLeft = false
  #body: ReadableStreamDefaultController<Uint8Array> | null = null
  readonly #request: Request
  readonly #resolve: (response: Response) => void
  readonly #reject: (reason: unknown) => void
  readonly #leavers: (() => void)[] = []
  readonly #drainers: (() => void)[] = []

  constructor(request: Request, resolve: (response: Response) => void, reject: (reason: unknown) => void) {
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
    if (request.signal.aborted) this.#abort()
    else request.signal.addEventListener('abort', () => this.#abort(), { once: true })
  }

  get isBegun(): boolean {
    return this.#isBegun
  }

  get hasLeft(): boolean {
    return this.#hasLeft
  }

  begin(status: number, headers: Headers): void {
    if (this.#isDone() || this.#isBegun) return
    this.#isBegun = true
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#body = controller
        },
        pull: () => {
          for (const listener of this.#drainers) listener()
        },
        cancel: () => this.#leave(),
      },
      { highWaterMark: bufferLimit, size: (chunk) => chunk?.byteLength ?? 0 },
    )
    this.#resolve(new Response(body, { status, headers: { 'cache-control': 'no-cache', ...headers } }))
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isDone() || this.#body === null) return true
    this.#body.enqueue(bytes)
    return (this.#body.desiredSize ?? 0) > 0
  }

  end(bytes?: Uint8Array): void {
    if (this.#isDone() || this.#body === null) return
    if (bytes !== undefined && bytes.byteLength > 0) this.#body.enqueue(bytes)
    this.#isEnded = true
    this.#body.close()
  }

  destroy(): void {
    if (this.#isDone()) return
    this.#isEnded = true
    const error = new TypeError('The gateway broke the answer off')
    if (this.#body === null) this.#reject(error)
    else this.#body.error(error)
  }

  send(status: number, headers: Headers, body: Uint8Array | string): void {
    if (this.#isDone() || this.#isBegun) return
    this.#isBegun = true
    this.#isEnded = true
    // Bytes of the gateway lie in a plain ArrayBuffer, which the type of a body asks for.
    const sent = this.#request.method === 'HEAD' ? null : (body as Uint8Array<ArrayBuffer> | string)
    this.#resolve(new Response(sent, { status, headers }))
  }

  onDrain(listener: () => void): void {
    this.#drainers.push(listener)
  }

  onLeft(listener: () => void): void {
    if (this.#hasLeft) listener()
    else this.#leavers.push(listener)
  }

  #abort(): void {
    if (this.#isDone()) return
    const reason: unknown = this.#request.signal.reason
    if (this.#body === null) this.#reject(reason)
    else this.#body.error(reason)
    this.#leave()
  }

  #leave(): void {
    if (this.#isDone()) return
    this.#hasLeft = true
    for (const listener of this.#leavers) listener()
  }

  #isDone(): boolean {
    return this.#isEnded || this.#hasLeft
  }
}
