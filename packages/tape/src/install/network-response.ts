/** What came over the network to a client of Node's, as a `fetch` gives it. */
import type { Readable } from 'node:stream'
import { bodiless, isDecoded, toHeaders } from '../http.ts'
import { tapedResponse } from '../response.ts'
import type { HeaderList } from '../interaction.ts'

export interface Received {
  /** Of the request. */
  readonly method: string
  readonly status: number
  readonly statusText: string
  readonly headers: HeaderList
  readonly body: Readable
}

export function networkResponse(
  input: string | URL | Request,
  { method, status, statusText, headers: list, body }: Received,
  signal: AbortSignal | undefined,
): Response {
  const url = input instanceof Request ? input.url : String(input)
  const headers = toHeaders(list)
  const head = { status, statusText, headers, url, redirected: false }
  if (method === 'HEAD' || bodiless.has(status)) {
    body.resume()
    return tapedResponse(null, head)
  }
  return tapedResponse(bodyOf(isDecoded(headers) ? decoded(body, headers) : body, signal), head)
}

/** A body as `fetch` gives it: without the encodings that it knows. */
function decoded(response: Readable, headers: Headers): Readable {
  const encodings = headers.get('content-encoding') ?? ''
  const decoders = encodings.split(',').flatMap((name) => decoderOf(name.trim().toLowerCase()) ?? [])
  if (decoders.length === 0) return response
  const { pipeline } = process.getBuiltinModule('node:stream')
  // What fails reaches whoever reads the last of them.
  return pipeline([response, ...decoders.toReversed()], () => {}) as unknown as Readable
}

function decoderOf(name: string): NodeJS.ReadWriteStream | undefined {
  const zlib = process.getBuiltinModule('node:zlib')
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants
  // What has come is handed on at once: an encoded stream of events is a stream all the same.
  const flush = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH }
  if (name === 'gzip' || name === 'x-gzip') return zlib.createGunzip(flush)
  if (name === 'deflate') return zlib.createInflate(flush)
  if (name === 'br')
    return zlib.createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH })
  if (name === 'zstd') return zlib.createZstdDecompress()
  return undefined
}

/** Each piece as it came, and none before it is asked for. Errors as a body of `fetch`. */
function bodyOf(readable: Readable, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOver = false
        const finish = (say: () => void): void => {
          if (!isOver) say()
          isOver = true
          signal?.removeEventListener('abort', leave)
        }
        const leave = (): void => {
          finish(() => controller.error(signal?.reason))
          readable.destroy()
        }
        signal?.addEventListener('abort', leave, { once: true })
        readable.pause()
        readable.on('data', (piece: Buffer) => {
          readable.pause()
          controller.enqueue(new Uint8Array(piece))
        })
        readable.once('end', () => finish(() => controller.close()))
        readable.on('error', (cause) =>
          finish(() => controller.error(new TypeError('terminated', { cause }))),
        )
        readable.once('close', () => finish(() => controller.error(new TypeError('terminated'))))
      },
      pull() {
        readable.resume()
      },
      cancel() {
        readable.destroy()
      },
    },
    { highWaterMark: 0 },
  )
}
