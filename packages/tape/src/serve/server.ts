/** A server that records or replays: for programs in any language, which are pointed at it by a base URL. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { TapeError } from '../error.ts'
import { isDecoded } from '../http.ts'
import { pairsOf } from '../install/raw-headers.ts'
import { createRedaction } from '../redact.ts'
import type { Redaction } from '../redaction.ts'
import type { Shelves } from './shelves.ts'

/** By an import its `WebSocket` would be read too, and with it all of Node's `fetch` be loaded, which no server here needs. */
const { createServer } = process.getBuiltinModule('node:http')

export interface ServerOptions {
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
  /** Told of each exchange when it is over, for a line on the screen. */
  readonly onExchange?: (exchange: ServedExchange) => void
}

/** What became of one request. */
export interface ServedExchange {
  readonly method: string
  /** As it was asked of this server, without its secrets. */
  readonly path: string
  /** Null where the connection was broken off instead of an answer. */
  readonly status: number | null
  /** Why, for people; undefined where all went well. */
  readonly problem?: string
}

/** A server that is listening. */
export interface TapeServer extends AsyncDisposable {
  /** `http://127.0.0.1:4010`. */
  readonly url: string
  /** Takes no more requests, gives those under way so many milliseconds (default 5,000) to end, saves the tapes. */
  close(grace?: number): Promise<void>
}

/** Names the tape that a request belongs to, for suites that run side by side. */
export const tapeHeader = 'x-playhead-tape'

/** Starts to answer from `shelves`. Rejects with the system's error when the port is taken. */
export async function startServer(shelves: Shelves, options: ServerOptions = {}): Promise<TapeServer> {
  const { host = '127.0.0.1', port = 0, onExchange = () => {} } = options
  const server = createServer({ requestTimeout: 0, headersTimeout: 60_000 })
  const redaction = createRedaction()
  server.on('request', (request, response) => {
    void answer(request, response, shelves).then((exchange) =>
      onExchange(shown(exchange, redaction, request)),
    )
  })
  // Neither tunnels nor protocols that begin as HTTP can be recorded here.
  for (const event of ['connect', 'upgrade'])
    server.on(event, (_request: IncomingMessage, socket: Socket) => {
      socket.end('HTTP/1.1 501 Not Implemented\r\nConnection: close\r\n\r\n')
    })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: actual } = server.address() as AddressInfo
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${actual}`
  const close = async (grace = 5000): Promise<void> => {
    await closeServer(server, grace)
    await shelves.close()
  }
  return { url, close, [Symbol.asyncDispose]: () => close() }
}

async function closeServer(server: Server, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), grace)
  await closed
  clearTimeout(timer)
}

/** As it may stand on a screen. */
function shown(exchange: ServedExchange, redaction: Redaction, request: IncomingMessage): ServedExchange {
  const redactor = redaction.exchange(exchange.path, pairsOf(request.rawHeaders))
  const { path, problem } = exchange
  return {
    ...exchange,
    path: redactor.url(path),
    ...(problem !== undefined && { problem: redactor.text(problem) }),
  }
}

/** Never rejects: what went wrong is in the exchange. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  shelves: Shelves,
): Promise<ServedExchange> {
  const { method = 'GET' } = request
  const path = pathOf(request.url)
  const left = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) left.abort()
  })
  try {
    const body = await buffer(request)
    const found = await shelves.fetch({
      path,
      tape: textOf(request.headers[tapeHeader]),
      init: {
        method,
        headers: passedOn(request),
        signal: left.signal,
        // Where a redirection leads is for the client to follow, or not.
        redirect: 'manual',
        ...(method !== 'GET' && method !== 'HEAD' && body.length > 0 && { body: new Uint8Array(body) }),
      },
    })
    await pass(found, response)
    return { method, path, status: found.status }
  } catch (error) {
    return { method, path, ...refuse(response, error, left.signal.aborted) }
  }
}

/** With its query. A client that takes this server for a proxy asks for a whole URL. */
function pathOf(target = '/'): string {
  if (target.startsWith('/')) return target
  const url = URL.parse(target)
  return url === null ? '/' : url.pathname + url.search
}

function textOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header
  return text === '' ? undefined : text
}

/** Headers that are about one connection, or that the next one makes for itself. RFC 9110 §7.6.1. */
const hopHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

function passedOn({ rawHeaders, headers }: IncomingMessage): [string, string][] {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  const passed: [string, string][] = []
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const [name = '', value = ''] = rawHeaders.slice(place, place + 2)
    const lower = name.toLowerCase()
    // What comes back is unpacked before it is recorded: which packings the client takes is not asked for.
    const isOurs = lower === tapeHeader || lower === 'accept-encoding'
    if (!isOurs && !hopHeaders.has(lower) && !named.includes(lower)) passed.push([name, value])
  }
  return passed
}

/** Piece by piece, no faster than the client reads. */
async function pass(found: Response, response: ServerResponse): Promise<void> {
  const headers: [string, string][] = []
  for (const [name, value] of found.headers)
    if (!hopHeaders.has(name) && !(name === 'content-encoding' && isDecoded(found.headers)))
      headers.push([name, value])
  // Node refuses what cannot stand on a line; a tape of others may have it.
  const statusText = found.statusText.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '')
  response.writeHead(found.status, statusText, headers.flat())
  if (found.body === null) {
    response.end()
    return
  }
  response.flushHeaders()
  for await (const piece of found.body) {
    if (!response.write(piece)) await drained(response)
  }
  response.end()
}

/** Also when the client is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go)
      resolve()
    }
    response.on('drain', go).on('close', go)
    if (response.destroyed) go()
  })
}

/** A tape that has no answer says so; a connection that broke breaks here too. */
function refuse(
  response: ServerResponse,
  error: unknown,
  hasLeft: boolean,
): Pick<ServedExchange, 'status' | 'problem'> {
  if (hasLeft) return { status: null, problem: 'the client left' }
  const problem = describe(error)
  if (!(error instanceof TapeError) || response.headersSent) {
    response.socket?.resetAndDestroy()
    return { status: null, problem }
  }
  const status = error.code === 'miss' || error.code === 'absent' ? 404 : 500
  const body = JSON.stringify({ error: { code: error.code, message: error.message } })
  // SDKs try again what may pass; this will not.
  response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' }).end(body)
  return { status, problem }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message
}
