/** Where connections lead, and what opening them takes. */
import {
  connect as connectPlain,
  isIP,
  type LookupFunction,
  type NetConnectOpts,
  type Socket,
} from 'node:net'
import {
  connect as connectSecure,
  type ConnectionOptions,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import { codeOf } from '../thrown.ts'
import { TransportError } from './transport.ts'

/** A scheme, a host and a port. */
export interface Origin {
  readonly isSecure: boolean
  /** A name or an address, that without brackets. */
  readonly hostname: string
  readonly port: number
  /** For people: `api.groq.com`. */
  readonly name: string
}

/** A proxy, which leads to other origins. */
export interface ProxyServer extends Origin {
  /** What `proxy-authorization` says to it; null for nothing. */
  readonly authorization: string | null
}

/** How an origin is reached. */
export interface Way {
  readonly origin: Origin
  /** Null: directly. A secure origin is reached by a tunnel through it, of a plain one the proxy itself is asked. */
  readonly proxy: ProxyServer | null
  /** For whoever is connected to: the proxy, where there is one. */
  readonly dialling: Dialling
}

/** The proxy that is itself asked, for a plain origin; null where it is none, or leads on by a tunnel. */
export function askedProxy({ origin, proxy }: Way): ProxyServer | null {
  return origin.isSecure ? null : proxy
}

/** The line of a request's head that says to a proxy who is there; empty where it is to be told nothing. */
export function proofLine({ authorization }: ProxyServer): string {
  return authorization === null ? '' : `proxy-authorization: ${authorization}\r\n`
}

/** What all connections have in common. */
export interface Dialling {
  readonly lookup: LookupFunction
  /** Made when the first secure connection is. */
  readonly secureContext: () => SecureContext
  /** Of origins, what lets a next connection shake hands faster. */
  readonly sessions: WeakMap<Origin, Buffer>
}

/** What reads off a socket into memory that it has of us. */
export type Reading = (length: number, memory: Uint8Array) => boolean

/** The origin of a URL. Throws a TransportError for one that is not HTTP's. */
export function originOf(url: URL): Origin {
  const { protocol, hostname, port, host } = url
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new TransportError('connect', `${host}: only http: and https: are spoken, not ${protocol}`)
  }
  const isSecure = protocol === 'https:'
  return {
    isSecure,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    name: host,
  }
}

/**
 * Opens a connection. `timeout` is the milliseconds that it may take: a part of them, for each of several addresses. Without
 * `read`, the socket tells its bytes by events.
 */
export function dial(origin: Origin, timeout: number, read: Reading | null, dialling: Dialling): Socket {
  const { isSecure, hostname, port } = origin
  const options: NetConnectOpts = {
    host: hostname,
    port,
    lookup: dialling.lookup,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    autoSelectFamily: true,
    // Node's least is 10.
    autoSelectFamilyAttemptTimeout: Math.max(10, Math.min(Math.round(timeout / 4), 2000)),
    // One memory for all: what is read is read at once, and a stream's own buffers cost more than the request.
    ...(read !== null && { onread: { buffer: memory, callback: read } }),
  }
  return isSecure ? secured(origin, options, dialling) : connectPlain(options)
}

/** Speaks TLS with an origin that a connection leads to already. */
export function dialOver(socket: Socket, origin: Origin, read: Reading, dialling: Dialling): Socket {
  // Node reads a socket that it was given by events alone.
  return secured(origin, { socket, host: origin.hostname }, dialling).on('data', (bytes: Buffer) =>
    read(bytes.length, bytes),
  )
}

const memory = Buffer.allocUnsafeSlow(65_536)

function secured(
  origin: Origin,
  options: NetConnectOpts | ConnectionOptions,
  { secureContext, sessions }: Dialling,
): TLSSocket {
  const { hostname } = origin
  const secure: ConnectionOptions = {
    ...options,
    secureContext: secureContext(),
    session: sessions.get(origin),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
    // An address is no name to ask for: https://www.rfc-editor.org/rfc/rfc6066#section-3
    ...(isIP(hostname) === 0 && { servername: hostname }),
  }
  const socket = connectSecure(secure)
  socket.on('session', (session) => sessions.set(origin, session))
  return socket
}

/** Why a connection could not be opened; `whose` goes before what is wrong. */
export function connectError({ name }: Origin, error: Error, whose = ''): TransportError {
  if (error instanceof TransportError) return error
  const inner = error instanceof AggregateError ? (error.errors.find(isError) ?? error) : error
  const code = codeOf(inner)
  const why = code === null ? inner.message : `${reasons[code] ?? 'the connection failed'} (${code})`
  return new TransportError(code === 'ETIMEDOUT' ? 'connect-timeout' : 'connect', `${name}: ${whose}${why}`, {
    cause: error,
  })
}

function isError(value: unknown): value is Error {
  return value instanceof Error
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no such host is known',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'nobody answers there',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ECONNRESET: 'the connection was closed before it stood',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  EPROTO: 'the TLS handshake failed',
}
