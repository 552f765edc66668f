/** A way to an origin through a proxy, which then sees nothing of what goes through. https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6 */
import { isIPv6, type Socket } from 'node:net'
import { connectError, dial, type Origin, proofLine, type ProxyServer, type Way } from './origin.ts'
import { refused } from './proxy-refusal.ts'
import { ResponseParser } from './response-parser.ts'
import { type ResponseHead, TransportError } from './transport.ts'

/** Told one of the two, once. */
export interface Tunnelled {
  /** What is written to the socket reaches the origin. */
  opened(socket: Socket): void
  failed(error: TransportError): void
}

/** Gives the connection to the proxy: who destroys it gives the tunnel up. */
export function openTunnel(
  { origin, dialling }: Way,
  proxy: ProxyServer,
  timeout: number,
  told: Tunnelled,
): Socket {
  const socket = dial(proxy, timeout, null, dialling)
  const tunnel = new Tunnel(origin, proxy, socket, told)
  return socket
    .on(proxy.isSecure ? 'secureConnect' : 'connect', () => tunnel.ask())
    .on('data', (bytes: Buffer) => tunnel.read(bytes))
    .on('error', (error) => tunnel.end(error))
    .on('end', () => tunnel.end(null))
    .on('close', () => tunnel.end(null))
}

class Tunnel {
  readonly #origin: Origin
  readonly #proxy: ProxyServer
  readonly #socket: Socket
  readonly #told: Tunnelled
  readonly #parser = new ResponseParser()
  #hasAsked = false
  #isOver = false
  /** The first of what it said. */
  #start = ''
  /** A refusal, of which the words still come. */
  #refusal: ResponseHead | null = null
  #words = ''
  #timer: NodeJS.Timeout | undefined

  constructor(origin: Origin, proxy: ProxyServer, socket: Socket, told: Tunnelled) {
    this.#origin = origin
    this.#proxy = proxy
    this.#socket = socket
    this.#told = told
  }

  ask(): void {
    const { hostname, port } = this.#origin
    const target = `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`
    this.#hasAsked = true
    this.#socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${proofLine(this.#proxy)}\r\n`)
  }

  read(bytes: Buffer): void {
    if (this.#isOver) return
    const parser = this.#parser
    if (this.#start === '') this.#start = bytes.toString('latin1', 0, 256)
    parser.push(bytes)
    const { head, body, problem } = parser
    if (problem !== null) this.#fail(`the answer of the proxy breaks HTTP: ${problem}`)
    else if (head !== null && head.status < 300) this.#open()
    else {
      if (head !== null) this.#refuse(head)
      if (body !== null) this.#words += Buffer.from(body).toString()
      if (parser.isOver || this.#words.length > mostWords) this.end(null)
    }
  }

  /** The connection broke, or was given up, or what there was to hear was heard. */
  end(error: Error | null): void {
    if (this.#isOver) return
    if (this.#refusal !== null) this.#lose(this.#refused(this.#refusal))
    else if (this.#hasAsked && error === null)
      this.#fail('the proxy closed the connection before it answered')
    else this.#lose(connectError(this.#origin, error ?? new Error('it closed the connection'), toProxy))
  }

  /** A server of TLS waits for its client: who spoke was the proxy. */
  #open(): void {
    if (this.#parser.body !== null || this.#parser.hasMore) {
      this.#fail('the answer of the proxy breaks HTTP: more than its head came')
      return
    }
    this.#isOver = true
    // What is read from now on is not the proxy's.
    this.#socket.removeAllListeners('data')
    this.#told.opened(this.#socket)
  }

  #refuse(head: ResponseHead): void {
    this.#refusal = head
    this.#timer = setTimeout(() => this.end(null), wordsTime)
  }

  #refused(head: ResponseHead): TransportError {
    const [, status, reason = ''] = /^HTTP\/1\.\d (\d+) ?([^\r\n]*)\r\n/.exec(this.#start) ?? []
    return refused(this.#origin, this.#proxy, {
      head,
      reason: Number(status) === head.status ? reason : '',
      body: this.#words,
    })
  }

  #fail(what: string): void {
    this.#lose(new TransportError('connect', `${this.#origin.name}: ${what}`))
  }

  #lose(error: TransportError): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#socket.destroy()
    this.#told.failed(error)
  }
}

/** Goes before why a proxy could not be reached. */
export const toProxy = 'the proxy cannot be reached: '

/** Characters of a refusal that are waited for, and milliseconds. */
const mostWords = 8192
const wordsTime = 500
