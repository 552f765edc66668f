/** Listens on a socket: requests in, answers out, slow and broken clients cut off, and an orderly end. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net'
import type { ServerConfiguration } from '../config/configuration.ts'
import type { Incoming, Reply } from '../incoming.ts'
import type { Connection } from './connection.ts'
import { onBrokenRequest } from './broken-request.ts'
import { NodeIncoming } from './node-incoming.ts'
import { NodeReply } from './node-reply.ts'

/** By an import its `WebSocket` would be read too, and with it all of Node's `fetch` be loaded, which no server here needs. */
const { createServer } = process.getBuiltinModule('node:http')

/** Answers one request, and turns errors into answers. If it rejects all the same, the reply is broken off. */
export type Answer = (incoming: Incoming, reply: Reply) => Promise<void>

export interface ListenOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  readonly server: ServerConfiguration
}

/** A server that listens. */
export interface Listener {
  /** `http://127.0.0.1:4000` */
  readonly url: string
  readonly port: number
  /**
   * Takes no more connections, closes those that are idle, and lets answers under way end until the deadline, in
   * milliseconds from now. Then calls `onDeadline`, so that streams can say why they end, and a second later cuts off
   * what is still open.
   */
  close(deadline: number, onDeadline?: () => void): Promise<void>
}

/** Milliseconds between the deadline of a shutdown and its end. */
const grace = 1000

/** Rejects with Node's error when the port is taken or the host is none of this machine's. */
export async function listen(options: ListenOptions, answer: Answer): Promise<Listener> {
  const { host, port, server: settings } = options
  const connections = new Map<Socket, Connection>()
  const state = { isDraining: false }
  const server = createServer(limitsOf(settings))
  server.maxHeadersCount = 200
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = connections.get(request.socket)
    if (connection === undefined) return
    const reply = new NodeReply(request, response, connection, settings)
    answer(new NodeIncoming(request, response, connection), reply).catch(() => reply.destroy())
  }
  server.on('connection', (socket) => watch(socket, connections, state))
  server.on('request', onRequest)
  // The body is asked for when it is read: not before the client's key has been looked at.
  server.on('checkContinue', onRequest)
  server.on('clientError', (error, socket) => onBrokenRequest(error, socket, connections))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port: bound } = addressOf(server)
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: async (deadline, onDeadline) => {
      state.isDraining = true
      await drain(server, connections, deadline, onDeadline)
    },
  }
}

function limitsOf({ requestTimeout }: ServerConfiguration): Parameters<typeof createServer>[0] {
  return {
    maxHeaderSize: 16_384,
    requestTimeout,
    headersTimeout: Math.min(requestTimeout, 20_000),
    connectionsCheckingInterval: Math.min(Math.max(requestTimeout / 10, 50), 5000),
    // Longer than the minute for which load balancers keep a connection: the server must not close it first.
    keepAliveTimeout: 75_000,
    // Two `authorization` headers make one that is no key, instead of whichever the server happens to prefer.
    joinDuplicateHeaders: true,
    noDelay: true,
  }
}

function watch(
  socket: Socket,
  connections: Map<Socket, Connection>,
  state: { readonly isDraining: boolean },
): void {
  const connection: Connection = {
    replies: new Set(),
    refuseBody: null,
    isBroken: false,
    get isLast() {
      return state.isDraining || this.isBroken
    },
  }
  connections.set(socket, connection)
  socket.once('close', () => {
    connections.delete(socket)
    for (const reply of connection.replies) reply.leave()
  })
}

function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The server listens on no port')
  return address
}

/** http's own `close` would break off answers that are written but not yet read: it takes them to be idle. */
async function drain(
  server: Server,
  connections: ReadonlyMap<Socket, Connection>,
  deadline: number,
  onDeadline: (() => void) | undefined,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    NetServer.prototype.close.call(server, () => resolve())
  })
  for (const [socket, { replies }] of connections) if (replies.size === 0) socket.destroy()
  let timer = setTimeout(() => {
    onDeadline?.()
    timer = setTimeout(() => server.closeAllConnections(), grace)
  }, deadline)
  await closed
  clearTimeout(timer)
  // For what else http has running: its check for slow senders.
  server.close()
}
