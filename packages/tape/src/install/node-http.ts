/** Puts `node:http` and `node:https` on tape: their own clients, connected to the loopback. */
import type http from 'node:http'
import type net from 'node:net'
import { currentFetch, type InstalledFetch } from '../scope.ts'
import type { Loopback } from './loopback.ts'
import { optionsOf, type RequestArguments, type Send, withOptions } from './node-arguments.ts'
import { networkOf } from './node-network.ts'

/** As much of `node:http` and `node:https` as is used here. */
export interface HttpModule {
  request: Send
  get: Send
  readonly globalAgent: http.Agent
}

/** Replaces `request` and `get` of a module; undone by what it gives, as far as nobody has replaced them since. */
export function patchHttp(module: HttpModule, loopback: Loopback): () => void {
  const { request, get } = module
  const send = (args: RequestArguments): http.ClientRequest | undefined => {
    const fetch = currentFetch()
    if (fetch === undefined || isTunnel(optionsOf(args))) return undefined
    return requestOver({ loopback, fetch, agent: module.globalAgent, request }, args)
  }
  const sendAll: Send = (...args) => send(args) ?? request(...args)
  const sendHead: Send = (...args) => send(args)?.end() ?? get(...args)
  module.request = sendAll
  module.get = sendHead
  return () => {
    if (module.request === sendAll) module.request = request
    if (module.get === sendHead) module.get = get
  }
}

/** What becomes a connection of its own (a WebSocket, a proxy's tunnel) is no exchange. */
function isTunnel({ method, headers }: http.RequestOptions): boolean {
  if (method?.toUpperCase() === 'CONNECT') return true
  const names: readonly unknown[] = Array.isArray(headers) ? headers.flat() : Object.keys(headers ?? {})
  return names.some((name) => typeof name === 'string' && name.toLowerCase() === 'upgrade')
}

interface Way {
  readonly loopback: Loopback
  readonly fetch: InstalledFetch
  /** Of requests that name none. */
  readonly agent: http.Agent
  readonly request: Send
}

/** The request of the real client, whose agent connects it to the loopback. */
function requestOver(
  { loopback, fetch, agent: usual, request }: Way,
  args: RequestArguments,
): http.ClientRequest {
  const { agent: given, createConnection } = optionsOf(args)
  const isPooled = given !== false && (given instanceof Object || createConnection === undefined)
  const agent = given instanceof Object ? given : usual
  const addRequest = (sent: http.ClientRequest, { host = '', port }: http.RequestOptions): void => {
    const isSecure = sent.protocol === 'https:'
    const name = host?.includes(':') ? `[${host}]` : host
    const origin = `${sent.protocol}//${name}:${port}`
    const client = loopback.connect({ origin, fetch, network: networkOf(request, args) })
    Object.assign(client, { connecting: true, ...(isSecure && { encrypted: true, authorized: true }) })
    sent.once('socket', () => process.nextTick(sayConnected, client, isSecure))
    // Node's own agents do so; the types do not know of it.
    const { timeout } = sent as { timeout?: number }
    if (timeout !== undefined) client.setTimeout(timeout)
    sent.onSocket(client)
  }
  const unpooled = { keepAlive: { value: false }, maxSockets: { value: Infinity } }
  const ours: unknown = Object.create(agent, {
    addRequest: { value: addRequest },
    ...(!isPooled && unpooled),
  })
  const sent = request(...withOptions(args, { agent: ours }))
  Object.assign(sent, { agent })
  return sent
}

function sayConnected(client: net.Socket, isSecure: boolean): void {
  if (client.destroyed) return
  Object.assign(client, { connecting: false })
  client.emit('connect')
  client.emit('ready')
  if (isSecure) client.emit('secureConnect')
}
