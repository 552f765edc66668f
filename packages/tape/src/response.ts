/**
 * Responses that say whatever a server said, and whose body becomes a stream only when somebody asks for one: most callers
 * ask for its text. Their classes are made with the first of them: the platform's `Response` is loaded when it is first
 * touched, and a server on `node:http` never needs it.
 */
import { toHeaders } from './http.ts'
import type { Body, HeaderList } from './interaction.ts'

/** Where a response's body comes from: one of the two is asked for, once. */
export interface BodySource {
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>
  /** All of it, without a stream; absent where it only comes piece by piece. */
  whole?: () => Promise<Body>
}

/** As much of a response as its constructor refuses in part (a status of 999) or leaves out (the URL). */
type StatusLine = Pick<Response, 'status' | 'statusText' | 'url' | 'redirected'>

/** The head of a response, its headers as a list or as the platform has them. */
export interface ResponseHead extends StatusLine {
  readonly headers: Headers | HeaderList
}

/** A response over a body of the platform's. */
export function tapedResponse(
  body: BodyInit | null,
  head: StatusLine & { readonly headers?: Headers },
): Response {
  return new (tapedClass())(body, head)
}

/** A response over a source; null is no body at all. Its headers are made when they are asked for. */
export function sourcedResponse(source: BodySource | null, head: ResponseHead): Response {
  return new (sourcedClass())(source, head)
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

const tapedClass = once(
  () =>
    class TapedResponse extends Response {
      readonly #head: StatusLine

      constructor(body: BodyInit | null, head: StatusLine & { readonly headers?: Headers }) {
        super(body, head.headers && { headers: head.headers })
        this.#head = head
      }

      /** The platform's constructor asks for it before there is a head. */
      override get status(): number {
        return #head in this ? this.#head.status : super.status
      }

      override get ok(): boolean {
        return this.status >= 200 && this.status <= 299
      }

      override get statusText(): string {
        return this.#head.statusText
      }

      /** What came from a network is, to the platform. */
      override get type(): Response['type'] {
        return 'basic'
      }

      override get url(): string {
        return this.#head.url
      }

      override get redirected(): boolean {
        return this.#head.redirected
      }

      override clone(): Response {
        return withBody(this, super.clone().body)
      }
    },
)

const sourcedClass = once(
  () =>
    class SourcedResponse extends tapedClass() {
      readonly #body: SourcedBody | null
      readonly #given: Headers | HeaderList
      #headers: Headers | undefined

      constructor(source: BodySource | null, { headers, ...line }: ResponseHead) {
        super(null, line)
        this.#body = source === null ? null : new SourcedBody(source, () => this.headers)
        this.#given = headers
      }

      override get headers(): Headers {
        if (!(#given in this)) return super.headers
        const given = this.#given
        return (this.#headers ??= given instanceof Headers ? new Headers(given) : toHeaders(given))
      }

      override get body(): Response['body'] {
        return #body in this && this.#body !== null ? this.#body.streamed().body : super.body
      }

      override get bodyUsed(): boolean {
        return this.#body?.isUsed ?? false
      }

      override async text(): Promise<string> {
        const body = (await this.#body?.take((response) => response.text())) ?? ''
        if (typeof body !== 'string') return new TextDecoder().decode(body)
        return body.startsWith('\ufeff') ? body.slice(1) : body
      }

      override async json(): Promise<unknown> {
        return JSON.parse(await this.text())
      }

      override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
        const body = (await this.#body?.take((response) => response.bytes())) ?? ''
        return typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body)
      }

      override async arrayBuffer(): Promise<ArrayBuffer> {
        return (await this.bytes()).buffer
      }

      override async blob(): Promise<Blob> {
        // Its type is what the platform makes of the headers.
        return new Response(await this.bytes(), { headers: this.headers }).blob()
      }

      override formData(): ReturnType<Response['formData']> {
        return this.#body === null ? super.formData() : this.#body.streamed().formData()
      }

      override clone(): Response {
        return withBody(this, this.#body === null ? null : this.#body.streamed().clone().body)
      }
    },
)

/** The same response over another body. */
function withBody(response: Response, body: BodyInit | null): Response {
  const { status, statusText, headers, url, redirected } = response
  return tapedResponse(body, { status, statusText, headers, url, redirected })
}

/** A body that is taken at once, or becomes the platform's own once its stream is needed. */
class SourcedBody {
  readonly #source: BodySource
  readonly #headers: () => Headers
  #platform: Response | undefined
  #isTaken = false

  constructor(source: BodySource, headers: () => Headers) {
    this.#source = source
    this.#headers = headers
  }

  get isUsed(): boolean {
    return this.#isTaken || (this.#platform?.bodyUsed ?? false)
  }

  /** All of it; by way of the platform's stream where there is one already, or no other way. */
  take(read: (response: Response) => Promise<Body>): Promise<Body> {
    const isUntouched = this.#platform === undefined && !this.#isTaken
    if (!isUntouched || this.#source.whole === undefined) return read(this.streamed())
    this.#isTaken = true
    return this.#source.whole()
  }

  streamed(): Response {
    if (this.#platform !== undefined) return this.#platform
    if (this.#isTaken) {
      this.#platform = new Response('')
      void this.#platform.text()
    } else {
      this.#platform = new Response(this.#source.stream(), { headers: this.#headers() })
    }
    return this.#platform
  }
}
