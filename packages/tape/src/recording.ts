/** One exchange while it is being recorded: the caller gets each chunk as it comes. */
import { type Fetch, type ReadRequest, TapedResponse, textOrBytes, toHeaderList } from './http.ts'
import type { HeaderList, Interaction } from './interaction.ts'
import { redactorFor } from './redact.ts'

/** Headers that describe a body as it was sent: `fetch` has decoded it since. */
const encodingHeaders = new Set(['content-encoding', 'content-length', 'transfer-encoding'])

/** Takes its place on the tape when the request starts, so that equal requests stand in the order they were sent. */
export class Recording {
  readonly #request: ReadRequest
  readonly #chunks: Uint8Array[] = []
  #head: RecordedHead | undefined
  #body: 'unread' | 'begun' | 'whole' = 'unread'

  constructor(request: ReadRequest) {
    this.#request = request
  }

  /** Sends the request and gives the response to hand to the caller. */
  async send(fetch: Fetch): Promise<Response> {
    const started = performance.now()
    const response = await this.#request.send(fetch)
    const { status, statusText, headers, body } = response
    this.#head = { status, statusText, headers: new Headers(headers), duration: performance.now() - started }
    if (body !== null) return this.#watch(response, body)
    this.#body = 'whole'
    return response
  }

  /** What has been exchanged so far; undefined before anyone has asked for the response's body. */
  get exchange(): Omit<Interaction, 'id'> | undefined {
    if (this.#head === undefined || this.#body === 'unread') return undefined
    const { method, url, headers, body } = this.#request
    const { status, statusText, duration } = this.#head
    const requestHeaders = toHeaderList(headers)
    const responseHeaders = decodedHeaders(this.#head.headers)
    const received = textOrBytes(Buffer.concat(this.#chunks))
    const redactor = redactorFor(url, [...requestHeaders, ...responseHeaders])
    return {
      request: {
        method,
        url: redactor.url(url),
        headers: redactor.headers(requestHeaders),
        body: redactor.body(body, requestHeaders),
      },
      response: {
        status,
        statusText,
        headers: redactor.headers(responseHeaders),
        body:
          this.#body === 'whole'
            ? redactor.body(received, responseHeaders)
            : redactor.cutBody(received, responseHeaders),
        duration,
      },
    }
  }

  /** The same response over a body that keeps what passes through, and asks for more only when it is asked. */
  #watch(response: Response, body: ReadableStream<Uint8Array>): Response {
    const reader = body.getReader()
    const watched = new ReadableStream({
      // As the platform's bodies are: a caller may read into a buffer of its own.
      type: 'bytes',
      pull: async (controller) => {
        this.#body = 'begun'
        const chunk = await readChunk(reader)
        if (chunk === undefined) {
          this.#body = 'whole'
          controller.close()
          controller.byobRequest?.respond(0)
        } else {
          this.#chunks.push(chunk)
          // A copy: what is handed on belongs to the caller.
          controller.enqueue(new Uint8Array(chunk))
        }
      },
      cancel: (reason) => {
        this.#body = 'begun'
        return reader.cancel(reason)
      },
    })
    return new TapedResponse(watched, response)
  }
}

/** The next bytes, undefined at the end. An empty chunk is none: a stream of bytes takes no empty one. */
async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return undefined
    if (value.length > 0) return value
  }
}

interface RecordedHead {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  /** Milliseconds from sending the request. */
  readonly duration: number
}

/** An encoded body has been decoded on its way here; its headers would no longer be true. */
function decodedHeaders(headers: Headers): HeaderList {
  if (!headers.has('content-encoding')) return toHeaderList(headers)
  return toHeaderList(headers).filter(([name]) => !encodingHeaders.has(name.toLowerCase()))
}
