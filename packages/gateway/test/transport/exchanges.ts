/** What tests of transports have in common: servers that say exactly what they are told to, and exchanges written down. */
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { type NetworkOptions, networkTransport } from '../../src/transport/network.ts'
import type {
  OutgoingRequest,
  Receiver,
  ResponseHead,
  Transport,
  TransportError,
} from '../../src/transport/transport.ts'

/** What a receiver was told. */
export interface Told {
  readonly head: ResponseHead | null
  readonly body: string
  /** How many pieces the body came in. */
  readonly pieces: number
  /** `end`, or the failure. */
  readonly last: 'end' | TransportError
}

export function requestTo(url: string, changes: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: '{}',
    connectTimeout: 5000,
    headTimeout: 5000,
    ...changes,
  }
}

/** Sends a request and waits for the last word; throws where something is said after it, or a head twice. */
export function exchange(transport: Transport, request: OutgoingRequest): Promise<Told> {
  return new Promise((resolve, reject) => {
    let head: ResponseHead | null = null
    const chunks: Uint8Array[] = []
    let isOver = false
    const check = (isRight: boolean, what: string): void => {
      if (!isRight) reject(new Error(`${what} came at the wrong time`))
    }
    const finish = (last: Told['last']): void => {
      check(!isOver, 'an end')
      isOver = true
      // Whatever would still come has come then.
      setImmediate(() =>
        resolve({ head, body: Buffer.concat(chunks).toString('latin1'), pieces: chunks.length, last }),
      )
    }
    transport.send(request, {
      head(one) {
        check(head === null && !isOver, 'a head')
        head = one
      },
      data(chunk) {
        check(head !== null && !isOver && chunk.length > 0, 'data')
        chunks.push(chunk)
      },
      end() {
        check(head !== null, 'an end')
        finish('end')
      },
      fail: finish,
    })
  })
}

/** `reset: …`; `end` for a whole answer. */
export function endingOf({ last }: Told): string {
  return last === 'end' ? 'end' : `${last.code}: ${last.message}`
}

export function codeOf({ last }: Told): string {
  return last === 'end' ? 'end' : last.code
}

/** A receiver that calls what it is given, and nothing for the rest. */
export function receiver(parts: Partial<Receiver>): Receiver {
  return { head() {}, data() {}, end() {}, fail() {}, ...parts }
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}

export interface RawServer {
  readonly url: string
  readonly port: number
  /** Those that are open. */
  readonly sockets: ReadonlySet<Socket>
  /** How many there have been. */
  readonly connections: number
}

/** A TCP server, closed with the test. `onSocket` is told of each connection and which it is, from 0. */
export async function rawServer(
  t: TestContext,
  onSocket: (socket: Socket, number: number) => void,
): Promise<RawServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    onSocket(socket, connections)
    connections += 1
  })
  const port = await listen(t, server, () => {
    for (const socket of sockets) socket.destroy()
  })
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    port,
    sockets,
    get connections() {
      return connections
    },
  }
}

/** Gives the port. */
export async function listen(t: TestContext, server: Server, before: () => void = () => {}): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    before()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

/** Calls back with each whole request that comes on a socket, which may come in one piece with the next. */
export function onRequest(socket: Socket, listener: (request: string) => void): void {
  let text = ''
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
    for (;;) {
      const end = text.indexOf('\r\n\r\n') + 4
      if (end < 4) return
      const length = end + Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
      if (text.length < length) return
      const request = text.slice(0, length)
      text = text.slice(length)
      listener(request)
    }
  })
}

/** A whole answer. */
export function answer(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** A transport that may speak to this machine, closed with the test. */
export function transportFor(t: TestContext, options: Partial<NetworkOptions> = {}): Transport {
  const transport = networkTransport({ allowsPrivate: true, ...options })
  t.after(() => transport.close())
  return transport
}

/** A server of Node, closed with the test. Gives its URL. */
export async function nodeServer(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener)
  const port = await listen(t, server, () => server.closeAllConnections())
  return `http://127.0.0.1:${port}`
}
