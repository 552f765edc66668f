/** What a client is told whose request cannot be read, or does not arrive in time. */
import type { Duplex } from 'node:stream'
import { type FailureCode, openaiChatDialect } from '@playhead/wire'
import { HttpError } from '../http-error.ts'
import type { Connection } from './connection.ts'

type Refusal = readonly [status: number, code: FailureCode, message: string]

/** By Node's and its parser's codes; what is not here is a request that is no HTTP. */
const refusals: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'timeout', 'The request did not arrive in time']],
  ['HPE_INVALID_EOF_STATE', [400, 'invalid-request', 'The request broke off']],
  ['HPE_HEADER_OVERFLOW', [431, 'too-large', "The request's headers are larger than 16 kB"]],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', [413, 'too-large', "The body's chunk extensions are too long"]],
])

const malformed: Refusal = [400, 'invalid-request', 'The request is not valid HTTP']

/** Milliseconds for a client to read why, before its connection is cut. */
const patience = 1000

/** Says so in the dialect of the request where it is known, else in OpenRouter's, and closes the connection. */
export function onBrokenRequest(
  error: NodeJS.ErrnoException,
  stream: Duplex,
  connections: ReadonlyMap<Duplex, Connection>,
): void {
  const connection = connections.get(stream)
  const [status, code, message] = refusals.get(error.code ?? '') ?? malformed
  const refusal = new HttpError(status, code, message)
  // What still comes on a connection that is being closed is broken too.
  if (connection?.isBroken === true) return
  if (error.code === 'ECONNRESET' || !stream.writable || connection === undefined) {
    stream.destroy()
    return
  }
  connection.isBroken = true
  if (connection.refuseBody !== null) connection.refuseBody(refusal)
  else if (connection.replies.size > 0) stream.destroy()
  else {
    stream.end(responseOf(refusal))
    setTimeout(() => stream.destroy(), patience).unref()
  }
}

function responseOf({ failure }: HttpError): string {
  const { status, body } = openaiChatDialect.server.encodeError(failure)
  return (
    `HTTP/1.1 ${status} \r\ncontent-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  )
}
