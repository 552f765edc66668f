/** One exchange while it is being recorded: the caller gets each chunk as it comes. */
import type { Fetch, ReadRequest } from './http.ts'
import { isDecoded, toHeaderList } from './http.ts'
import type { Ending, HeaderList, Piece } from './interaction.ts'
import type { Journal } from './journal.ts'
import type { BodyRedactor, ExchangeRedactor, Finding, Redaction } from './redaction.ts'
import { sourcedResponse } from './response.ts'

/** Whoever records is told what the caller must not notice. */
export interface Recorded {
  /** Something could not be put on tape. The exchange is not recorded any further. */
  onTrouble(error: unknown): void
  /** Nothing more comes. */
  onOver(recording: Recording, findings: readonly Finding[]): void
}

/** Takes its place on the tape when it is made, so that equal requests stand in the order they were sent. */
export class Recording {
  readonly #request: ReadRequest
  readonly #journal: Journal
  readonly #recorded: Recorded
  readonly #startedAt = performance.now()
  #redactor: ExchangeRedactor | undefined
  #body: BodyRedactor | undefined
  #id = -1
  #hasBegun = false
  #isOver = false

  constructor(request: ReadRequest, redaction: Redaction, journal: Journal, recorded: Recorded) {
    this.#request = request
    this.#journal = journal
    this.#recorded = recorded
    this.#record(() => {
      const { method, url, headers, body } = request
      const redactor = redaction.exchange(url, headers)
      this.#redactor = redactor
      const clean = {
        method,
        url: redactor.url(url),
        headers: redactor.headers(headers),
        body: redactor.body(body, headers),
      }
      this.#id = journal.begin(clean, Date.now())
    })
  }

  /** Sends the request and gives the response to hand to the caller. */
  async send(fetch: Fetch): Promise<Response> {
    let response: Response
    try {
      response = await this.#request.send(fetch)
    } catch (error) {
      this.#break(error)
      throw error
    }
    this.#record(() => this.#takeHead(response))
    if (response.body !== null) return this.#watch(response, response.body)
    this.#end({ type: 'end', at: this.#now })
    return response
  }

  /** Puts on tape what has come so far of a body that somebody has begun to read. No more of it is recorded. */
  settle(): void {
    if (!this.#hasBegun || this.#isOver) return
    this.#record(() => this.#write(this.#body?.end(true) ?? []))
    this.#finish()
  }

  /** Milliseconds since the request was sent. */
  get #now(): number {
    return performance.now() - this.#startedAt
  }

  #takeHead({ status, statusText, headers, body }: Response): void {
    const list = body === null ? toHeaderList(headers) : decodedHeaders(headers)
    this.#body = this.#redactor?.response(list)
    this.#journal.head(this.#id, {
      status,
      statusText: this.#redactor?.text(statusText) ?? statusText,
      headers: this.#redactor?.headers(list) ?? [],
      duration: this.#now,
    })
  }

  /** The same response over a body that keeps what passes through, and asks for more only when it is asked. */
  #watch(response: Response, body: ReadableStream<Uint8Array<ArrayBuffer>>): Response {
    const reader = body.getReader()
    // An abort is noticed here when nobody is reading.
    reader.closed.catch((error: unknown) => this.#break(error))
    const read = (): Promise<Uint8Array<ArrayBuffer> | undefined> => this.#read(reader)
    const source = {
      stream: () => {
        unread.unregister(source)
        return this.#stream(reader, read)
      },
      whole: () => {
        unread.unregister(source)
        return readAll(read)
      },
    }
    const { status, statusText, headers, url, redirected } = response
    const watched = sourcedResponse(source, { status, statusText, headers, url, redirected })
    const leave = (): void => {
      this.#finish()
      reader.cancel().catch(() => {})
    }
    unread.register(watched, leave, source)
    return watched
  }

  #stream(
    reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
    read: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      // As the platform's bodies are: a caller may read into a buffer of its own.
      type: 'bytes',
      pull: async (controller) => {
        const chunk = await read()
        // A copy: what is handed on belongs to the caller.
        if (chunk !== undefined) return controller.enqueue(new Uint8Array(chunk))
        controller.close()
        controller.byobRequest?.respond(0)
      },
      cancel: (reason) => {
        this.#end({ type: 'abort', at: this.#now, reason: 'cancelled' })
        return reader.cancel(reason)
      },
    })
  }

  /** The next bytes, undefined at the end. An empty chunk is none: a stream of bytes takes no empty one. */
  async #read(
    reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#hasBegun = true
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        this.#break(error)
        throw error
      })
      if (done) {
        this.#end({ type: 'end', at: this.#now })
        return undefined
      }
      if (value.length === 0) continue
      if (!this.#isOver) this.#record(() => this.#take({ bytes: value, at: this.#now }))
      return value
    }
  }

  #take(piece: Piece): void {
    this.#write(this.#body?.push(piece) ?? [])
  }

  #write(pieces: readonly Piece[]): void {
    for (const { bytes, at } of pieces) if (bytes.length > 0) this.#journal.chunk(this.#id, bytes, at)
  }

  /** The connection failed, or the caller left. */
  #break(error: unknown): void {
    const { signal } = this.#request
    const at = this.#now
    if (signal?.aborted === true) this.#end({ type: 'abort', at, reason: nameOf(signal.reason) })
    else this.#end({ type: 'error', at, ...causeOf(error, this.#redactor) })
  }

  #end(ending: Ending): void {
    if (this.#isOver) return
    this.#record(() => {
      this.#write(this.#body?.end(ending.type !== 'end') ?? [])
      this.#journal.end(this.#id, ending)
    })
    this.#finish()
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#recorded.onOver(this, this.#redactor?.findings ?? [])
  }

  /** Whatever goes wrong with the tape, the call goes on. */
  #record(write: () => void): void {
    if (this.#isOver) return
    try {
      write()
    } catch (error) {
      this.#recorded.onTrouble(error)
      this.#finish()
    }
  }
}

/** The platform lets a connection go when its response is forgotten and nobody has begun to read it. So do we. */
const unread = new FinalizationRegistry<() => void>((leave) => leave())

async function readAll(
  read: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for (let chunk = await read(); chunk !== undefined; chunk = await read()) chunks.push(chunk)
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
}

/** The name of a signal's reason, which may be anything. */
function nameOf(reason: unknown): string {
  return reason instanceof Error ? reason.name : 'AbortError'
}

/** What the system said: the platform wraps it. */
function causeOf(
  error: unknown,
  redactor: ExchangeRedactor | undefined,
): { readonly code: string | null; readonly message: string } {
  const reason = error instanceof TypeError && error.cause instanceof Error ? error.cause : error
  const message = reason instanceof Error ? reason.message : String(reason)
  const code = typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : null
  return { code: typeof code === 'string' ? code : null, message: redactor?.text(message) ?? '' }
}

/** Headers that describe a body as it was sent: `fetch` has decoded it since. */
const encodingHeaders = new Set(['content-encoding', 'content-length', 'transfer-encoding'])

/** An encoded body has been decoded on its way here; its headers would no longer be true. */
function decodedHeaders(headers: Headers): HeaderList {
  if (!isDecoded(headers)) return toHeaderList(headers)
  return toHeaderList(headers).filter(([name]) => !encodingHeaders.has(name.toLowerCase()))
}
