/** Between the platform's requests and responses and the recorded ones. */
import type { Body, HeaderList, Interaction } from './interaction.ts'

/** The platform's `fetch`, which a recorder also is. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** A request with its body read, so that it can be matched and still be sent. */
export interface ReadRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: Body
  readonly signal: AbortSignal | undefined
  /** Sends it. */
  readonly send: (fetch: Fetch) => Promise<Response>
}

/** Reads whatever `fetch` takes. Throws what `Request` throws for what it does not. */
export async function readRequest(
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<ReadRequest> {
  const { body = null, method = 'GET', headers, signal } = init
  if (input instanceof Request || (body !== null && typeof body !== 'string')) return readWhole(input, init)
  return {
    method: standardMethod.test(method) ? method.toUpperCase() : method,
    url: new URL(input).href,
    headers: new Headers(headers),
    // As it is sent: half a character becomes U+FFFD.
    body: (body ?? '').toWellFormed(),
    signal: signal ?? undefined,
    send: (fetch) => fetch(input, init),
  }
}

/** Methods whose case `fetch` corrects. https://fetch.spec.whatwg.org/#concept-method-normalize */
const standardMethod = /^(delete|get|head|options|post|put)$/i

/** A body that can be read once only is sent as the bytes that were read; all else as it was given. */
async function readWhole(input: string | URL | Request, init: RequestInit): Promise<ReadRequest> {
  const request = new Request(input, init)
  const bytes = new Uint8Array(await request.arrayBuffer())
  const { method, url, headers, signal } = request
  const send: ReadRequest['send'] = (fetch) => {
    if (!(input instanceof Request)) return fetch(input, { ...init, headers, body: bytes })
    return fetch(request.body === null ? request : new Request(request, { method, body: bytes }))
  }
  return { method, url, headers, body: textOrBytes(bytes), signal, send }
}

/** Text when it is valid UTF-8, else the bytes. */
export function textOrBytes(bytes: Uint8Array): Body {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes
  }
}

/** Statuses whose responses have no body. https://fetch.spec.whatwg.org/#null-body-status */
const bodiless = new Set([101, 103, 204, 205, 304])

/** The recorded response, as the platform gives one. */
export function toResponse({ request, response }: Interaction): Response {
  const { status, statusText, body } = response
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body)
  const headers = toHeaders(response.headers)
  const head = { status, statusText, headers, url: request.url, redirected: false }
  return new TapedResponse(bodiless.has(status) || request.method === 'HEAD' ? null : bytes, head)
}

/** As much of a response as its constructor refuses in part (a status of 999) or leaves out (the URL). */
export type ResponseHead = Pick<Response, 'status' | 'statusText' | 'headers' | 'url' | 'redirected'>

/** A response that may say whatever a server said. */
export class TapedResponse extends Response {
  readonly #head: ResponseHead

  constructor(body: BodyInit | null, head: ResponseHead) {
    super(body, { headers: head.headers })
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

  override get url(): string {
    return this.#head.url
  }

  override get redirected(): boolean {
    return this.#head.redirected
  }

  override clone(): TapedResponse {
    const { status, statusText, headers, url, redirected } = this
    return new TapedResponse(super.clone().body, { status, statusText, headers, url, redirected })
  }
}

/** Without those that are no headers to the platform, such as `:status` of HTTP/2. */
export function toHeaders(list: HeaderList): Headers {
  const headers = new Headers()
  for (const [name, value] of list) {
    try {
      headers.append(name, value)
    } catch {
      // A cassette can hold what no server could send.
    }
  }
  return headers
}

/** Headers as HTTP/1 programs write them: `Content-Type`. */
export function toHeaderList(headers: Headers): HeaderList {
  return [...headers].map(([name, value]) => [
    name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase()),
    value,
  ])
}
