/** Servers and raw clients for tests: what a well-behaved client would never do. */
import { connect, type Socket } from 'node:net'
import type { ServerConfiguration } from '../../src/config/configuration.ts'
import type { Incoming, Reply } from '../../src/incoming.ts'
import { HttpError } from '../../src/http-error.ts'
import { type Answer, type Listener, listen } from '../../src/http/node-server.ts'

export interface Serving extends AsyncDisposable {
  readonly listener: Listener
  readonly url: string
  open(): RawClient
}

const settings: ServerConfiguration = {
  bodyLimit: 1_000_000,
  requestTimeout: 60_000,
  bufferLimit: 1_048_576,
  readTimeout: 120_000,
  drain: 1000,
  keepAlive: 15_000,
}

/** Answers with errors as the API does, in as few words. */
export async function serve(answer: Answer, changes: Partial<ServerConfiguration> = {}): Promise<Serving> {
  const listener = await listen(
    { host: '127.0.0.1', port: 0, server: { ...settings, ...changes } },
    async (incoming, reply) => {
      try {
        await answer(incoming, reply)
      } catch (error) {
        if (error instanceof HttpError) reply.send(error.status, {}, error.message)
        else throw error
      }
    },
  )
  return {
    listener,
    url: listener.url,
    open: () => new RawClient(listener.port),
    [Symbol.asyncDispose]: () => listener.close(0),
  }
}

/** Says how many bytes came. */
export async function count(incoming: Incoming, reply: Reply): Promise<void> {
  const { length } = await incoming.readBody(settings.bodyLimit)
  reply.send(200, { 'content-type': 'text/plain' }, `${incoming.path} ${length}`)
}

/** A connection on which a test says what it likes. */
export class RawClient {
  readonly socket: Socket
  readonly #closed: Promise<void>
  #text = ''
  #wanted: { readonly pattern: RegExp; found(): void } | null = null

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      if (this.#wanted?.pattern.test(this.#text) === true) this.#wanted.found()
    })
    this.#closed = new Promise((resolve) => {
      this.socket.once('close', () => resolve())
    })
  }

  say(text: string | Uint8Array): void {
    this.socket.write(text)
  }

  /** Waits until what came has this in it, and gives all that came. */
  hear(pattern: RegExp): Promise<string> {
    if (pattern.test(this.#text)) return Promise.resolve(this.#text)
    return new Promise((resolve, reject) => {
      this.#wanted = { pattern, found: () => resolve(this.#text) }
      void this.#closed.then(() => reject(new Error(`Closed after ${JSON.stringify(this.#text)}`)))
    })
  }

  /** Waits until the other side closes the connection, and gives all that came. */
  async end(): Promise<string> {
    await this.#closed
    return this.#text
  }

  /** Goes, without a word. */
  leave(): void {
    this.socket.destroy()
  }
}

export function head(method: string, path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ host: 'gateway', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** A promise, and the way to fulfil it. */
export function pending<Value = void>(): {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
} {
  return Promise.withResolvers<Value>()
}
