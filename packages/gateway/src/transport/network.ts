/** The way to upstreams over the network: HTTP/1.1 on sockets of our own, since Node's clients cost twice the time. */
import { createSecureContext, type SecureContext } from 'node:tls'
import { guardedLookup, type Lookup, refusalOf, systemAddresses } from './lookup.ts'
import { NetworkSending } from './network-sending.ts'
import { askedProxy, type Dialling, type Origin, originOf, proofLine, type Way } from './origin.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { type Proxies, proxyFor } from './proxy.ts'
import {
  type OutgoingRequest,
  type Receiver,
  type Sending,
  type Transport,
  TransportError,
} from './transport.ts'
import { type Target, writtenRequest } from './write-request.ts'

export interface NetworkOptions {
  /** Whether addresses of private networks and of this machine may be spoken to. */
  readonly allowsPrivate: boolean
  /** Certificates in PEM of those who are trusted, in place of the system's. */
  readonly ca?: string
  /** Who leads there; default nobody. Names are then looked up by them, so that only addresses can be refused. */
  readonly proxies?: Proxies | null
  /** Default: the system's, which asks DNS. */
  readonly lookup?: Lookup
  /** How many connections wait for their next request, for each origin. Default 256. */
  readonly mostIdle?: number
  /** Milliseconds that one waits whose server does not say how long it does. Default 30,000. */
  readonly idleTimeout?: number
}

export function networkTransport(options: NetworkOptions): Transport {
  return new Network(options)
}

/** A URL, taken apart. */
interface Address extends Target {
  readonly pool: Pool
}

class Network implements Transport {
  readonly #allowsPrivate: boolean
  readonly #dialling: Dialling
  /** A company's proxy stands in its private network. */
  readonly #proxyDialling: Dialling
  readonly #proxies: Proxies | null
  readonly #poolOptions: PoolOptions
  readonly #pools = new Map<string, Pool>()
  /** Endpoints have few URLs. */
  readonly #addresses = new Map<string, Address>()

  constructor(options: NetworkOptions) {
    const { allowsPrivate, ca, proxies = null, mostIdle = 256, idleTimeout = 30_000 } = options
    const lookup = options.lookup ?? systemAddresses
    let context: SecureContext | undefined
    this.#allowsPrivate = allowsPrivate
    this.#poolOptions = { mostIdle, idleTimeout }
    this.#dialling = {
      lookup: guardedLookup(lookup, allowsPrivate),
      secureContext: () =>
        (context ??= createSecureContext({ minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) })),
      sessions: new WeakMap(),
    }
    this.#proxyDialling = { ...this.#dialling, lookup: guardedLookup(lookup, true) }
    this.#proxies = proxies
  }

  send(request: OutgoingRequest, receiver: Receiver): Sending {
    const sending = new NetworkSending(request, receiver)
    try {
      const address = this.#addressOf(request.url)
      sending.start(writtenRequest(request, address), address.pool)
    } catch (error) {
      const failure = error instanceof TransportError ? error : new TransportError('connect', String(error))
      setImmediate(() => sending.lost(failure, false))
    }
    return sending
  }

  async close(): Promise<void> {
    for (const pool of this.#pools.values()) pool.close()
    // Sockets close in the next round of the event loop.
    await new Promise(setImmediate)
  }

  #addressOf(text: string): Address {
    const known = this.#addresses.get(text)
    if (known !== undefined) return known
    const url = urlOf(text)
    const pool = this.#poolOf(url)
    const address = { pool, ...targetOf(url, pool.way) }
    if (this.#addresses.size >= mostAddresses) this.#addresses.clear()
    this.#addresses.set(text, address)
    return address
  }

  #poolOf(url: URL): Pool {
    const known = this.#pools.get(url.origin)
    if (known !== undefined) return known
    const origin = originOf(url)
    const refusal = this.#allowsPrivate ? null : refusalOf(origin.hostname)
    if (refusal !== null) throw refusal
    const pool = new Pool(this.#wayTo(origin), this.#poolOptions)
    this.#pools.set(url.origin, pool)
    return pool
  }

  #wayTo(origin: Origin): Way {
    const proxy = this.#proxies === null ? null : proxyFor(origin, this.#proxies)
    if (proxy === null) return { origin, proxy, dialling: this.#dialling }
    const name = `${origin.name} (by the proxy ${proxy.name})`
    return { origin: { ...origin, name }, proxy, dialling: this.#proxyDialling }
  }
}

const mostAddresses = 1000

/** Many proxies open tunnels to the port of HTTPS alone, so they are asked for plain upstreams by the whole URL. */
function targetOf(url: URL, way: Way): Target {
  const path = url.pathname + url.search
  const lines = `host: ${url.host}\r\n`
  const proxy = askedProxy(way)
  return proxy === null ? { path, lines } : { path: url.origin + path, lines: lines + proofLine(proxy) }
}

/** Spaces and line breaks are taken out of URLs by the platform: here they are an attempt at something. */
function urlOf(text: string): URL {
  const url = unsafe.test(text) ? null : URL.parse(text)
  if (url === null) throw new TransportError('connect', 'the endpoint has no proper URL')
  if (url.username !== '' || url.password !== '') {
    throw new TransportError(
      'connect',
      `${url.host}: the URL has a user and password in it; keys go in a header`,
    )
  }
  return url
}

// oxlint-disable-next-line no-control-regex -- what must not be there
const unsafe = /[\0-\u0020\u007f]/
