/** The way of a `node:http` request to the network: the same request, sent by the real client, as a `fetch`. */
import type http from 'node:http'
import type { Fetch } from '../http.ts'
import { onNetwork } from '../scope.ts'
import { type RequestArguments, type Send, withOptions, withoutCallback } from './node-arguments.ts'
import { networkResponse } from './network-response.ts'
import { pairsOf } from './raw-headers.ts'

/** Sends what `request` was called with, its headers as they were written. */
export function networkOf(request: Send, args: RequestArguments): (rawHeaders: readonly string[]) => Fetch {
  return (rawHeaders) =>
    async (input, { body = null, signal } = {}) => {
      const bytes = new Uint8Array(await new Response(body).arrayBuffer())
      signal?.throwIfAborted()
      const headers = sentHeaders(rawHeaders, bytes.length)
      const options = withoutCallback(withOptions(args, { headers, signal: undefined }))
      const sent = onNetwork(() => request(...options))
      const response = await responseTo(sent, bytes, signal ?? undefined)
      // What the connection died of is said by the request, and a moment later the response says that it did.
      sent.once('error', (error) => response.destroy(error))
      const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders: raw } = response
      const received = { method: sent.method, status, statusText, headers: pairsOf(raw), body: response }
      return networkResponse(input, received, signal ?? undefined)
    }
}

/** The body is sent in one piece. */
function sentHeaders(rawHeaders: readonly string[], length: number): string[] {
  const pairs = pairsOf(rawHeaders)
  const isSized = pairs.some(([name]) => sizing.has(name.toLowerCase()))
  const kept = pairs.filter(([name]) => !sizing.has(name.toLowerCase()) && name.toLowerCase() !== 'expect')
  return [...kept, ...(isSized || length > 0 ? [['Content-Length', String(length)]] : [])].flat()
}

const sizing = new Set(['content-length', 'transfer-encoding'])

/** Rejects as `fetch` does. */
function responseTo(
  sent: http.ClientRequest,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      reject(signal?.reason as Error)
      sent.destroy()
    }
    signal?.addEventListener('abort', leave, { once: true })
    sent.once('response', (response: http.IncomingMessage) => {
      signal?.removeEventListener('abort', leave)
      resolve(response)
    })
    // More than one may come; the first says why.
    sent.on('error', (cause) => reject(new TypeError('fetch failed', { cause })))
    sent.end(bytes)
  })
}
