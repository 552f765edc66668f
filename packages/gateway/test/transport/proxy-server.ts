/** A proxy as companies have them, closed with the test. */
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { NetworkOptions } from '../../src/transport/network.ts'
import { type Proxies, proxiesOf } from '../../src/transport/proxy.ts'
import { type Certificate, selfSigned } from './certificate.ts'
import { listen } from './exchanges.ts'

export interface ProxySettings {
  /** Speaks TLS itself. */
  readonly certificate?: Certificate
  /** `user:password`, which it then asks for. */
  readonly credentials?: string
  /** What becomes of a CONNECT in place of a tunnel. */
  readonly onConnect?: (socket: Socket, request: IncomingMessage) => void
  /** Milliseconds that it takes to open one. */
  readonly delay?: number
}

export interface TestProxy {
  readonly port: number
  /** `CONNECT api.example.com:443`, `POST http://…`, in their order. */
  readonly asked: readonly string[]
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>
  /** All there have been. */
  readonly connections: number
}

/** Every name leads to this machine. */
export async function proxyServer(t: TestContext, settings: ProxySettings = {}): Promise<TestProxy> {
  const { certificate, credentials, delay = 0, onConnect } = settings
  const wanted = credentials === undefined ? null : `Basic ${Buffer.from(credentials).toString('base64')}`
  const asked: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server: Server = certificate === undefined ? createServer() : createSecureServer(certificate)
  server.on(certificate === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`)
    // It hears when the other side leaves.
    socket.resume().on('end', () => socket.end())
    if (onConnect !== undefined) onConnect(socket, request)
    else if (wanted !== null && request.headers['proxy-authorization'] !== wanted) socket.end(unauthorized)
    else setTimeout(() => tunnel(socket, request.url ?? ''), delay)
  })
  server.on('request', (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const { 'proxy-authorization': proof, ...headers } = request.headers
    if (wanted !== null && proof !== wanted) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="us"' }).end()
      return
    }
    const { port, pathname, search } = new URL(request.url ?? '')
    const options = { port, path: pathname + search, method: request.method, headers }
    const onward = httpRequest({ ...options, host: '127.0.0.1' }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  const port = await listen(t, server, () => {
    for (const socket of sockets) socket.destroy()
  })
  return {
    port,
    asked,
    sockets,
    get connections() {
      return connections
    },
  }
}

const unauthorized =
  'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="us"\r\ncontent-length: 2\r\n\r\nno'

function tunnel(socket: Socket, target: string): void {
  const onward = connect(Number(/\d+$/.exec(target)?.[0]), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.pipe(onward).pipe(socket)
  })
  onward.on('error', () => socket.destroy()).on('close', () => socket.destroy())
  socket.on('close', () => onward.destroy())
}

/** The proxies of these variables, of which there are some. */
export function proxies(environment: Readonly<Record<string, string>>): Proxies {
  const found = proxiesOf(environment)
  if (found === null) throw new Error('there is no proxy')
  return found
}

/** The name of an upstream, and of a proxy. */
export const host = 'api.example.com'
export const proxyHost = 'proxy.example.com'
export const ours = selfSigned(host)
export const theirs = selfSigned(proxyHost)

/** A secure upstream, closed with the test. Gives a URL of it. */
export async function upstream(
  t: TestContext,
  onSocket: (socket: TLSSocket) => void,
  certificate = ours,
): Promise<string> {
  const sockets = new Set<TLSSocket>()
  const server = createTlsServer(certificate, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    onSocket(socket)
  })
  const port = await listen(t, server, () => {
    for (const socket of sockets) socket.destroy()
  })
  return `https://${host}:${port}/v1/chat?key=secret`
}

/** Settings of a transport that knows the address of the proxy alone. */
export const options = (environment: Readonly<Record<string, string>>): Partial<NetworkOptions> => ({
  allowsPrivate: false,
  ca: ours.cert + theirs.cert,
  proxies: proxies(environment),
  lookup: (name, done) =>
    name === proxyHost
      ? done(null, [{ address: '127.0.0.1', family: 4 }])
      : done(new Error(`${name} was looked up`), []),
})

/** A proxy's URL; `before` is its scheme, and a user and a password. */
export const named = ({ port }: TestProxy, before = 'http://'): string => `${before}${proxyHost}:${port}`
