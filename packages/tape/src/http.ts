/** Between the platform's requests and responses and the recorded ones. */
import type { Body, HeaderList } from './interaction.ts'
import type { RequestIdentity } from './match.ts'

/** The platform's `fetch`, which a recorder also is. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** A request with its body read, so that it can be matched and still be sent. */
export interface ReadRequest extends RequestIdentity {
  readonly headers: HeaderList
  /** The same, not put into words, and without the rest of the request: kept longer than that. */
  readonly sent: Headers
  /** As much of it as it is recognised by. */
  readonly identity: RequestIdentity
  readonly signal: AbortSignal | undefined
  /** Sends it. */
  readonly send: (fetch: Fetch) => Promise<Response>
}

/**
 * Reads whatever `fetch` takes: at once where its body is at hand, so that requests are read in the order of their
 * calls. Throws what `Request` throws for what it does not take.
 */
export function readRequest(
  input: string | URL | Request,
  init?: RequestInit | null,
): ReadRequest | Promise<ReadRequest> {
  const given = init ?? {}
  const body = given.body ?? null
  if (!(input instanceof Request) && isAtHand(body)) return new PlainRequest(input, given, body)
  const request = new Request(input, given)
  return request.body === null
    ? withoutBody(request, input, given)
    : readWhole(request, request.body, input, given)
}

type BodyAtHand = string | URLSearchParams | ArrayBuffer | NodeJS.ArrayBufferView | null

function isAtHand(body: unknown): body is BodyAtHand {
  return (
    body === null ||
    typeof body === 'string' ||
    ArrayBuffer.isView(body) ||
    body instanceof ArrayBuffer ||
    body instanceof URLSearchParams
  )
}

/** What most clients send. It is sent as it was given. */
class PlainRequest implements ReadRequest {
  readonly method: string
  readonly url: string
  readonly body: Body
  readonly #input: string | URL
  readonly #init: RequestInit
  readonly #headers: Headers
  #list: HeaderList | undefined

  constructor(input: string | URL, init: RequestInit, body: BodyAtHand) {
    const { method = 'GET', headers } = init
    const url = URL.parse(input)
    // Most likely it throws, in the platform's words.
    if (url === null || !isPlain(url, method, body)) void new Request(input, init)
    if (url === null) throw new TypeError('Invalid URL')
    this.method = standardMethod.test(method) ? method.toUpperCase() : method
    this.url = url.href
    this.body = bodyAtHand(body)
    this.#input = input
    this.#init = init
    this.#headers = new Headers(headers)
    if (body instanceof URLSearchParams && !this.#headers.has('content-type')) {
      this.#headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8')
    }
  }

  /** Put into words when somebody asks: a replay does not. */
  get headers(): HeaderList {
    return (this.#list ??= toHeaderList(this.#headers))
  }

  get identity(): RequestIdentity {
    const { method, url, body } = this
    const type = this.#headers.get('content-type')
    return { method, url, body, headers: type === null ? [] : [['Content-Type', type]] }
  }

  get sent(): Headers {
    return this.#headers
  }

  get signal(): AbortSignal | undefined {
    return this.#init.signal ?? undefined
  }

  send(fetch: Fetch): Promise<Response> {
    return fetch(this.#input, this.#init)
  }
}

/** Whether `fetch` has nothing against the URL, the method, and a body with it. */
function isPlain(url: URL, method: string, body: BodyAtHand): boolean {
  if (url.username !== '' || url.password !== '') return false
  return plainMethod.test(method) || (body === null && bodilessMethod.test(method))
}

const plainMethod = /^(delete|options|patch|post|put)$/i
const bodilessMethod = /^(get|head)$/i

/** As it is sent: half a character becomes U+FFFD. */
function bodyAtHand(body: BodyAtHand): Body {
  if (body === null) return ''
  if (typeof body === 'string') return body.toWellFormed()
  if (body instanceof URLSearchParams) return body.toString()
  const bytes = ArrayBuffer.isView(body)
    ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
    : new Uint8Array(body)
  return textOrBytes(bytes.slice())
}

/** Methods whose case `fetch` corrects. https://fetch.spec.whatwg.org/#concept-method-normalize */
const standardMethod = /^(delete|get|head|options|post|put)$/i

function withoutBody(request: Request, input: string | URL | Request, init: RequestInit): ReadRequest {
  const { method, url, headers, signal } = request
  const identity = { method, url, headers: toHeaderList(headers), body: '' }
  return {
    ...identity,
    sent: headers,
    identity,
    signal,
    send: (fetch) => fetch(input, init),
  }
}

/** A body that can be read once only is sent as the bytes that were read. */
async function readWhole(
  request: Request,
  body: ReadableStream<Uint8Array>,
  input: string | URL | Request,
  init: RequestInit,
): Promise<ReadRequest> {
  const { method, url, headers, signal } = request
  const bytes = await bytesFrom(body, signal)
  const send: ReadRequest['send'] = (fetch) =>
    input instanceof Request
      ? fetch(new Request(request, { method, body: bytes }))
      : fetch(input, { ...init, headers, body: bytes })
  const identity = { method, url, headers: toHeaderList(headers), body: textOrBytes(bytes) }
  return { ...identity, sent: headers, identity, signal, send }
}

/** All of a stream; rejects as `fetch` does where it fails, or as soon as the caller leaves. */
async function bytesFrom(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  // Whoever waits for a chunk is then told that there is none.
  const leave = (): void => void reader.cancel(signal.reason).catch(() => {})
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
    }
  } catch (cause) {
    throw new TypeError('fetch failed', { cause })
  } finally {
    signal.removeEventListener('abort', leave)
  }
  signal.throwIfAborted()
  return new Uint8Array(Buffer.concat(chunks))
}

/** Text when it is valid UTF-8, else the bytes. */
export function textOrBytes(bytes: Uint8Array): Body {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes
  }
}

/** A body's bytes, for nobody to change. */
export function bytesOf(body: Body): Uint8Array<ArrayBuffer> {
  return typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body)
}

/** Encodings that `fetch` takes off a body: all of them, or none where it does not know one. */
const knownEncodings = /^(?:(?:x-)?gzip|deflate|br|zstd|[\s,])+$/i

/** Whether a body came in an encoding that it no longer has. */
export function isDecoded(headers: Headers): boolean {
  return knownEncodings.test(headers.get('content-encoding') ?? '')
}

/** Statuses whose responses have no body. https://fetch.spec.whatwg.org/#null-body-status */
export const bodiless = new Set([101, 103, 204, 205, 304])

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
  return Array.from(headers, ([name, value]) => [capitalised(name), value])
}

const capitalisedNames = new Map<string, string>()
const mostNames = 1000

function capitalised(name: string): string {
  const known = capitalisedNames.get(name)
  if (known !== undefined) return known
  const text = name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())
  if (capitalisedNames.size < mostNames) capitalisedNames.set(name, text)
  return text
}
