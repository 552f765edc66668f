/** A request as it comes in by a socket. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Incoming } from '../incoming.ts'
import { HttpError } from '../http-error.ts'
import type { Connection } from './connection.ts'

export class NodeIncoming implements Incoming {
  readonly method: string
  readonly path: string
  readonly #search: string
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #connection: Connection
  #query: URLSearchParams | undefined

  constructor(request: IncomingMessage, response: ServerResponse, connection: Connection) {
    const target = targetOf(request.url ?? '/')
    const question = target.indexOf('?')
    this.method = request.method ?? 'GET'
    this.path = question === -1 ? target : target.slice(0, question)
    this.#search = question === -1 ? '' : target.slice(question + 1)
    this.#request = request
    this.#response = response
    this.#connection = connection
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#search)
    return this.#query
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    // Only `set-cookie` would be a list, and no client has a reason to send it.
    return this.#request.headers as Readonly<Record<string, string | undefined>>
  }

  async readBody(limit: number): Promise<Uint8Array> {
    const declared = Number(this.headers['content-length'] ?? 0)
    if (declared > limit) throw tooLarge(limit)
    if (this.headers['expect'] !== undefined) this.#response.writeContinue()
    return collect(this.#request, this.#connection, limit)
  }
}

/** Path and query: proxies are sent a whole URL, which is no other request. RFC 9112 §3.2.2 */
function targetOf(url: string): string {
  if (url.startsWith('/')) return url
  const path = /^https?:\/\/[^/?#]*([/?].*)?$/i.exec(url)
  return path === null ? url : (path[1] ?? '/')
}

/** By events: an async iterator costs more than all the rest of it. */
function collect(request: IncomingMessage, connection: Connection, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (request.destroyed) {
      reject(brokenOff())
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    let isOver = false
    const settle = (): void => {
      isOver = true
      if (connection.refuseBody === refuse) connection.refuseBody = null
    }
    const refuse = (error: HttpError): void => {
      settle()
      request.off('data', onData)
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size > limit) refuse(tooLarge(limit))
      else chunks.push(chunk)
    }
    connection.refuseBody = refuse
    request.on('data', onData)
    request.on('end', () => {
      settle()
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size))
    })
    // Comes after every end too.
    request.on('close', () => {
      if (!isOver) refuse(brokenOff())
    })
  })
}

/** For whoever waits for the body: the client itself has left. */
export function brokenOff(): HttpError {
  return new HttpError(400, 'invalid-request', "The request's body broke off")
}

/** A body of more than `limit` bytes. */
export function tooLarge(limit: number): HttpError {
  return new HttpError(413, 'too-large', `The request's body is larger than ${limit} bytes`)
}
