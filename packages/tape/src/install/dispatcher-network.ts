/** The way of a call of undici to the network: dispatched as it would have been, as a `fetch`. */
import type { Readable } from 'node:stream'
import type { Fetch } from '../http.ts'
import type { HeaderList } from '../interaction.ts'
import { onNetwork } from '../scope.ts'
import { networkResponse, type Received } from './network-response.ts'
import { pairsOf } from './raw-headers.ts'

/** As much of undici's as is used here. */
export interface Dispatcher {
  dispatch(options: DispatchOptions, handler: object): boolean
}

export interface DispatchOptions {
  readonly method?: string
  readonly upgrade?: unknown
  readonly body?: unknown
}

/** Dispatches what the original was asked to, its body in one piece. */
export function dispatcherNetwork(original: Dispatcher, options: DispatchOptions): Fetch {
  return async (input, { body = null, signal } = {}) => {
    const bytes = Buffer.from(await new Response(body).arrayBuffer())
    signal?.throwIfAborted()
    const { method = 'GET' } = options
    const received = await new Promise<Received>((resolve, reject) => {
      const handler = handlerOf((head) => resolve({ method, ...head }), reject, signal ?? undefined)
      onNetwork(() => original.dispatch({ ...options, body: body === null ? null : bytes }, handler))
    })
    return networkResponse(input, received, signal ?? undefined)
  }
}

/** What undici 7 and 8 hand to a handler. */
interface Controller {
  pause(): void
  resume(): void
  abort(reason: Error): void
}

type RawHeaders = readonly (Buffer | string)[]

/** Speaks to all of undici: up to 7 it calls the first half, from 7 on the second. */
function handlerOf(
  onHead: (head: Omit<Received, 'method'>) => void,
  reject: (error: unknown) => void,
  signal: AbortSignal | undefined,
): object {
  const flow = { abort: (_reason: Error): void => {}, resume: (): void => {} }
  const body = bodyOf(flow)
  const leave = (): void => {
    reject(signal?.reason)
    flow.abort(signal?.reason as Error)
  }
  const start = (abort: (reason: Error) => void): void => {
    flow.abort = abort
    if (signal?.aborted === true) leave()
    else signal?.addEventListener('abort', leave, { once: true })
  }
  const head = (status: number, statusText: string, headers: HeaderList): void => {
    // What comes before the answer is none.
    if (status < 200) return
    signal?.removeEventListener('abort', leave)
    onHead({ status, statusText, headers, body })
  }
  const end = (): void => void body.push(null)
  const fail = (cause: Error): void => {
    reject(new TypeError('fetch failed', { cause }))
    body.destroy(cause)
  }
  return {
    onConnect: start,
    onHeaders(status: number, headers: RawHeaders, resume: () => void, statusText = '') {
      flow.resume = resume
      head(
        status,
        statusText,
        pairsOf(headers.map((text) => (typeof text === 'string' ? text : text.toString('latin1')))),
      )
      return true
    },
    onData: (chunk: Buffer) => body.push(Buffer.from(chunk)),
    onComplete: end,
    onError: fail,
    onRequestStart(controller: Controller) {
      flow.resume = () => controller.resume()
      start((reason) => controller.abort(reason))
    },
    onResponseStart(_: Controller, status: number, headers: ReceivedHeaders, statusText = '') {
      head(status, statusText, listOf(headers))
    },
    onResponseData(controller: Controller, chunk: Buffer) {
      if (!body.push(Buffer.from(chunk))) controller.pause()
    },
    onResponseEnd: end,
    onResponseError: (_: Controller, error: Error) => fail(error),
  }
}

function bodyOf(flow: { abort(reason: Error): void; resume(): void }): Readable {
  const { Readable } = process.getBuiltinModule('node:stream')
  const body = new Readable({
    read: () => flow.resume(),
    destroy(error, done) {
      if (!body.readableEnded) flow.abort(error ?? new DOMException('The answer was left', 'AbortError'))
      done(error)
    },
  })
  // Whoever reads it is told; before there is a head nobody does.
  body.on('error', () => {})
  return body
}

type ReceivedHeaders = Readonly<Record<string, string | readonly string[]>>

function listOf(headers: ReceivedHeaders): HeaderList {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value): readonly [string, string] => [name, value]),
  )
}
