/** One exchange while it is being recorded: the caller gets each chunk as it comes. */
import { type Fetch, type ReadRequest, textOrBytes, toHeaderList } from './http.ts'
import type { HeaderList, Interaction } from './interaction.ts'
import { redactorFor } from './redact.ts'

/** Headers that describe a body as it was sent: `fetch` has decoded it since. */
const encodingHeaders = new Set(['content-encoding', 'content-length', 'transfer-encoding'])

/** Takes its place on the tape when the request starts, so that equal requests stand in the order they were sent. */
export class Recording {
  readonly #request: ReadRequest
  readonly #chunks: Uint8Array[] = []
  #head: ResponseHead | undefined

  constructor(request: ReadRequest) {
    this.#request = request
  }

  /** Sends the request and gives the response to hand to the caller. */
  async send(fetch: Fetch): Promise<Response> {
    const started = performance.now()
    const response = await this.#request.send(fetch)
    const { status, statusText, headers, body } = response
    this.#head = { status, statusText, headers: new Headers(headers), duration: performance.now() - started }
    return body === null ? response : this.#watch(response, body)
  }

  /** What has been exchanged so far; undefined before the response's head has come. */
  get exchange(): Omit<Interaction, 'id'> | undefined {
    if (this.#head === undefined) return undefined
    const { method, url, headers, body } = this.#request
    const { status, statusText, duration } = this.#head
    const requestHeaders = toHeaderList(headers)
    const redactor = redactorFor(url, requestHeaders)
    return {
      request: {
        method,
        url: redactor.url(url),
        headers: redactor.headers(requestHeaders),
        body: redactor.body(body),
      },
      response: {
        status,
        statusText,
        headers: redactor.headers(decodedHeaders(this.#head.headers)),
        body: redactor.body(textOrBytes(Buffer.concat(this.#chunks))),
        duration,
      },
    }
  }

  /** The same response over a body that keeps what passes through, and asks for more only when it is asked. */
  #watch({ status, statusText, headers, url }: Response, body: ReadableStream<Uint8Array>): Response {
    const reader = body.getReader()
    const watched = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const { done, value } = await reader.read()
          if (done) return controller.close()
          // A copy: the caller may hand the bytes on and lose them.
          this.#chunks.push(value.slice())
          controller.enqueue(value)
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    )
    const response = new Response(watched, { status, statusText, headers })
    return Object.defineProperty(response, 'url', { value: url })
  }
}

interface ResponseHead {
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
