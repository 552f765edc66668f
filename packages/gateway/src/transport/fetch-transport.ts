/** The way to an upstream over any `fetch`: a tape's, a test's, the platform's. */
import { type Fetch, TapeError } from '@playhead/tape'
import { codeOf, messageOf } from '../thrown.ts'
import { codingsOf, decodedHead } from './content-coding.ts'
import {
  type OutgoingRequest,
  type Receiver,
  type Sending,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from './transport.ts'

/** What a `fetch` answers, told as a transport tells it. Redirects are answers. A TapeError of a miss is a `miss`. */
export function fetchTransport(fetch: Fetch): Transport {
  return {
    send: (request, receiver) => new FetchSending(fetch, request, receiver),
    close: () => Promise.resolve(),
  }
}

class FetchSending implements Sending {
  readonly #receiver: Receiver
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #hasHead = false
  /** Resolves at `resume`; null where nothing waits for it. */
  #pause: PromiseWithResolvers<void> | null = null
  #isOver = false

  constructor(fetch: Fetch, request: OutgoingRequest, receiver: Receiver) {
    this.#receiver = receiver
    void this.#run(fetch, request)
  }

  pause(): void {
    this.#pause ??= Promise.withResolvers()
  }

  resume(): void {
    this.#pause?.resolve()
    this.#pause = null
  }

  abort(): void {
    this.#leave()
    this.#abort.abort()
  }

  /** A `fetch` does not tell when a connection stands: the two timeouts are one. */
  async #run(fetch: Fetch, request: OutgoingRequest): Promise<void> {
    const { method, url, headers, body, connectTimeout, headTimeout } = request
    const time = connectTimeout + headTimeout
    this.#timer = setTimeout(
      () =>
        this.#fail(new TransportError('head-timeout', `${hostOf(url)} sent no head within ${time / 1000} s`)),
      Math.min(time, 2 ** 31 - 1),
    )
    try {
      const response = await fetch(url, {
        method,
        headers,
        // The platform's types take no memory that may be shared; ours never is.
        body: body as string | Uint8Array<ArrayBuffer> | null,
        redirect: 'manual',
        signal: this.#abort.signal,
      })
      if (this.#isOver) await response.body?.cancel()
      else await this.#receive(response)
    } catch (error) {
      this.#fail(transportError(error, hostOf(url), this.#hasHead))
    }
  }

  async #receive(response: Response): Promise<void> {
    clearTimeout(this.#timer)
    this.#hasHead = true
    const head = { status: response.status, headers: [...response.headers] }
    this.#tell(() => this.#receiver.head(codingsOf(head) === null ? head : decodedHead(head)))
    if (response.body !== null) await this.#read(response.body)
    this.#tell(() => {
      this.#leave()
      this.#receiver.end()
    })
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      while (this.#pause !== null) await this.#pause.promise
      if (done) return
      if (value.length > 0) this.#tell(() => this.#receiver.data(value))
    }
  }

  /** An error that a receiver throws is not the upstream's failure: it becomes an uncaught error. */
  #tell(call: () => void): void {
    if (this.#isOver) return
    try {
      call()
    } catch (error) {
      this.abort()
      queueMicrotask(() => {
        throw error
      })
    }
  }

  #fail(error: TransportError): void {
    this.#tell(() => {
      this.abort()
      this.#receiver.fail(error)
    })
  }

  #leave(): void {
    clearTimeout(this.#timer)
    this.#isOver = true
    this.resume()
  }
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the upstream'
}

function transportError(error: unknown, host: string, hasHead: boolean): TransportError {
  if (error instanceof TransportError) return error
  if (error instanceof TapeError) {
    // A client is not told where the gateway's files lie.
    return new TransportError(error.code === 'cut' ? 'reset' : 'miss', error.detail, { cause: error })
  }
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (inner instanceof TransportError) return inner
  const kind = hasHead ? 'reset' : (kinds.get(codeOf(inner) ?? '') ?? 'reset')
  return new TransportError(kind, `${host}: ${messageOf(inner)}`, { cause: error })
}

/** By the codes of Node and of the `fetch` that it has. */
const kinds: ReadonlyMap<string, TransportErrorCode> = new Map([
  ['ENOTFOUND', 'connect'],
  ['EAI_AGAIN', 'connect'],
  ['ECONNREFUSED', 'connect'],
  ['EHOSTUNREACH', 'connect'],
  ['ENETUNREACH', 'connect'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'connect'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connect'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'connect'],
  ['CERT_HAS_EXPIRED', 'connect'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout'],
  ['ETIMEDOUT', 'connect-timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'head-timeout'],
])
