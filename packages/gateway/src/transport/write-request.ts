/** Puts a request on the wire. */
import type { Socket } from 'node:net'
import { type OutgoingRequest, TransportError } from './transport.ts'

/** A request, ready to be written, again too. */
export interface WrittenRequest {
  /** Latin-1. */
  readonly head: string
  readonly body: string | Uint8Array | null
}

/** Where a URL leads, in HTTP's words. */
export interface Target {
  /** A path with its query; to a proxy, the whole URL. */
  readonly path: string
  /** The lines of `host`, and of what a proxy wants. */
  readonly lines: string
}

/** Throws a TransportError for headers that would break out of their line. */
export function writtenRequest(
  { method, headers, body }: OutgoingRequest,
  { path, lines }: Target,
): WrittenRequest {
  let head = `${method} ${path} HTTP/1.1\r\n${lines}`
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || ours.has(name.toLowerCase())) continue
    if (!token.test(name) || !fieldValue.test(value)) throw unsendable(name)
    head += `${name}: ${value}\r\n`
  }
  if (headers['accept-encoding'] === undefined) head += 'accept-encoding: identity\r\n'
  if (body !== null || method === 'POST')
    head += `content-length: ${body === null ? 0 : Buffer.byteLength(body)}\r\n`
  return { head: `${head}\r\n`, body }
}

/** In one write, but for large bodies of bytes, which are not copied. */
export function writeRequest(socket: Socket, { head, body }: WrittenRequest): void {
  if (body === null) socket.write(head, 'latin1')
  else if (typeof body === 'string' && ascii.test(head)) socket.write(head + body, 'utf8')
  else {
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body)
    socket.uncork()
  }
}

/** What only the connection's owner says. */
const ours = new Set([
  'host',
  'content-length',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
])

const token = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
// oxlint-disable-next-line no-control-regex -- all of ASCII
const ascii = /^[\0-\u007f]*$/

function unsendable(name: string): TransportError {
  const shown = token.test(name) ? `the header "${name}" has a value` : 'a header has a name'
  return new TransportError('malformed', `the request was not sent: ${shown} that HTTP cannot carry`)
}
