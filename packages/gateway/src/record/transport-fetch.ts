/** A transport as the platform's `fetch`: for a recorder, which stands between the two. */
import { type Fetch, tapedResponse, toHeaders } from '@playhead/tape'
import type { OutgoingRequest, Receiver, ResponseHead, Sending, Transport } from '../transport/transport.ts'

/**
 * Sends this request when it is called, whatever it is called with but the signal. When `enough` fires, the response ends
 * there as if it were whole, whatever the upstream still says.
 */
export function transportFetch(transport: Transport, request: OutgoingRequest, enough: AbortSignal): Fetch {
  return (_input, { signal } = {}) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const receiver = new StreamReceiver(resolve, reject)
      const sending = transport.send(request, receiver)
      receiver.from(sending)
      const leave = (): void => {
        sending.abort()
        receiver.abort(signal?.reason)
      }
      enough.addEventListener('abort', () => receiver.end(), { once: true })
      signal?.addEventListener('abort', leave, { once: true })
    })
}

/** Bytes that wait before the sender is held. */
const highWaterMark = 256 * 1024

class StreamReceiver implements Receiver {
  readonly #resolve: (response: Response) => void
  readonly #reject: (reason: unknown) => void
  #sending: Sending | null = null
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null

  constructor(resolve: (response: Response) => void, reject: (reason: unknown) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  from(sending: Sending): void {
    this.#sending = sending
  }

  head({ status, headers }: ResponseHead): void {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#sending?.resume(),
        cancel: () => {
          this.#controller = null
          this.#sending?.abort()
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark }),
    )
    const head = { status, statusText: '', url: '', redirected: false, headers: toHeaders(headers) }
    // The platform makes none of a status of 999, which upstreams send.
    this.#resolve(tapedResponse(body, head))
  }

  data(chunk: Uint8Array): void {
    this.#controller?.enqueue(new Uint8Array(chunk))
    if ((this.#controller?.desiredSize ?? 1) <= 0) this.#sending?.pause()
  }

  end(): void {
    this.#controller?.close()
    this.#controller = null
  }

  fail(error: Error): void {
    this.abort(error)
  }

  abort(reason: unknown): void {
    this.#reject(reason)
    this.#controller?.error(reason)
    this.#controller = null
  }
}
