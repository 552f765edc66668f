/** A server inside the process that answers real clients through a `fetch`. It listens nowhere. */
import type http from 'node:http'
import type net from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { type Fetch, isDecoded, textOrBytes } from '../http.ts'
import type { InstalledFetch } from '../scope.ts'
import { pairsOf } from './raw-headers.ts'
import { pairOf, type SocketPair } from './socket.ts'

/** One call of a client. */
export interface Call {
  /** Where it would have gone: `https://api.openai.com:443`. */
  readonly origin: string
  readonly fetch: InstalledFetch
  /** How it would have gone there. Handed the headers as the client wrote them. */
  readonly network: (rawHeaders: readonly string[]) => Fetch
}

interface Line {
  readonly call: Call
  readonly client: net.Socket
}

export class Loopback {
  readonly #server: http.Server
  readonly #pair: SocketPair
  readonly #lines = new WeakMap<net.Socket, Line>()

  constructor({ createServer }: typeof http, sockets: typeof net) {
    this.#pair = pairOf(sockets)
    const limits = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, maxHeaderSize: 2 ** 20 }
    this.#server = createServer(limits, (request, response) => {
      const line = this.#lines.get(request.socket)
      if (line !== undefined) void answer(request, response, line)
    })
  }

  /** A connection for one call: what the client says on it is answered by the call's `fetch`. */
  connect(call: Call): net.Socket {
    const [client, server] = this.#pair()
    this.#lines.set(server, { call, client })
    this.#server.emit('connection', server)
    return client
  }
}

/** What goes wrong reaches the client as a failed connection. */
async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { call, client }: Line,
): Promise<void> {
  const leaving = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort()
  })
  response.once('finish', () => request.socket.end())
  try {
    const sent = await readSent(request, call.origin, leaving.signal)
    const received = await call.fetch(sent.url, sent.init, call.network(request.rawHeaders))
    await pass(received, response)
  } catch (error) {
    // What was written first is read first.
    if (response.headersSent) await setImmediate()
    const reason = connectionError(error)
    if (reason === undefined) request.socket.destroy()
    else client.destroy(reason)
  }
}

/** Headers that say how a message is sent, and not what it is. */
const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
])

async function readSent(
  request: http.IncomingMessage,
  origin: string,
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly init: RequestInit }> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const { method = 'GET', url = '/' } = request
  const headers = pairsOf(request.rawHeaders)
    .filter(([name]) => !framing.has(name.toLowerCase()))
    .map(([name, value]): [string, string] => [name, value])
  const body = pieces.length === 0 ? {} : { body: textOrBytes(Buffer.concat(pieces)) as BodyInit }
  const init: RequestInit = { method, headers, signal, redirect: 'manual', ...body }
  return { url: new URL(url.startsWith('/') ? origin + url : url).href, init }
}

/** Hands a response on, piece by piece, no faster than it is read. */
async function pass(received: Response, response: http.ServerResponse): Promise<void> {
  const { status, statusText, headers, body } = received
  // Says no more of itself than was received.
  response.sendDate = false
  response.removeHeader('connection')
  response.writeHead(status, latin1(statusText), rawHeaders(headers, body !== null))
  if (body === null) return void response.end()
  response.flushHeaders()
  for await (const piece of body) {
    if (response.destroyed) return
    if (!response.write(piece)) await drained(response)
    // A client that keeps up reads this one alone.
    await setImmediate()
  }
  response.end()
}

/** Where a `fetch` has decoded what was encoded, neither the encoding nor the length is true any more. */
function rawHeaders(headers: Headers, hasBody: boolean): string[] {
  const untrue = new Set(['transfer-encoding'])
  if (hasBody) untrue.add('content-length')
  if (hasBody && isDecoded(headers)) untrue.add('content-encoding')
  return [...headers].filter(([name]) => !untrue.has(name)).flat()
}

/** HTTP/1 knows no other letters. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

function drained(response: http.ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  response.once('drain', resolve)
  response.once('close', resolve)
  return promise.finally(() => {
    response.off('drain', resolve)
    response.off('close', resolve)
  })
}

/** What `fetch` says of a connection that was hung up; a client has its own words for that. */
const hangUps = new Set(['other side closed', 'socket hang up', 'aborted'])

/** The reason that `fetch` wraps in a TypeError, as a socket has it; undefined for a plain hang-up. */
function connectionError(error: unknown): Error | undefined {
  const reason = error instanceof TypeError && error.cause instanceof Error ? error.cause : error
  if (!(reason instanceof Error)) return new Error(String(reason))
  return hangUps.has(reason.message) ? undefined : reason
}
