/** The clients of a gateway that is measured: bare sockets, each asking again when it has its answer. */
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { eventsOfAnswer, type Kind } from './upstream.ts'

/** What came of a load. */
export interface Load {
  /** Answers that were begun and ended within it. */
  readonly answers: number
  /** Events that came within it. */
  readonly events: number
  readonly seconds: number
  /** Milliseconds from the question to the first event of its answer, or to the answer. */
  readonly first: { readonly p50: number; readonly p99: number }
}

/** What a load asks, and how. */
export interface LoadOptions {
  readonly kind: Kind
  /** Questions at once. */
  readonly clients: number
  /** Milliseconds. */
  readonly time: number
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
}

const system =
  'You are a helpful assistant. CRITICAL: Always use both add and multiply at the same time ALWAYS. '.repeat(
    8,
  )

/** A question of the seeds' size, some 1.3 kB. */
function question({ kind, path, headers, model }: LoadOptions): Buffer {
  const body = JSON.stringify({
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: `${kind}: add and multiply the number 2 and 3` },
    ],
    tool_choice: 'none',
    max_tokens: 512,
    ...(kind !== 'JSON' && { stream: true, stream_options: { include_usage: true } }),
  })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(`${head}${lines.join('')}\r\n${body}`)
}

class Client {
  readonly #socket: Socket
  readonly #question: Buffer
  readonly #isStream: boolean
  #read = ''
  #askedAt = 0
  #hasBegun = false
  answers = 0
  events = 0
  readonly firsts: number[] = []

  constructor(options: LoadOptions) {
    this.#question = question(options)
    this.#isStream = options.kind !== 'JSON'
    this.#socket = connect(options.port, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (bytes) => this.#take(bytes.toString('latin1')))
    this.#socket.on('error', (error) => {
      throw error
    })
    this.#socket.once('close', () => {
      if (!this.isDone) throw new Error(`The gateway closed the connection: ${this.#read.slice(0, 500)}`)
    })
    this.#ask()
  }

  isDone = false

  stop(): void {
    this.isDone = true
    this.#socket.destroy()
  }

  #ask(): void {
    this.#read = ''
    this.#hasBegun = false
    this.#askedAt = performance.now()
    this.#socket.write(this.#question)
  }

  #take(text: string): void {
    this.#read += text
    if (this.#isStream)
      for (let at = text.indexOf('data: {'); at !== -1; at = text.indexOf('data: {', at + 7)) this.events++
    if (!this.#hasBegun && (this.#isStream ? this.#read.includes('data: {') : true)) {
      this.#hasBegun = true
      this.firsts.push(performance.now() - this.#askedAt)
    }
    if (!this.#isWhole()) return
    this.#check()
    this.answers++
    this.#ask()
  }

  #isWhole(): boolean {
    const end = this.#read.indexOf('\r\n\r\n')
    if (end === -1) return false
    const length = /content-length: (\d+)/i.exec(this.#read.slice(0, end))?.[1]
    return length === undefined
      ? this.#read.endsWith('0\r\n\r\n')
      : this.#read.length >= end + 4 + Number(length)
  }

  /** A gateway that loses anything is not fast. */
  #check(): void {
    const isGood =
      this.#read.startsWith('HTTP/1.1 200') &&
      (this.#isStream
        ? isWholeStream(this.#read)
        : this.#read.includes('"completion_tokens":22') || this.#read.includes('"completion_tokens": 22'))
    if (!isGood) throw new Error(`Not the answer: ${this.#read.slice(0, 1000)}`)
  }
}

/** Where a server cuts its chunks is its own affair. */
function isWholeStream(read: string): boolean {
  const text = read.replaceAll(/\r\n[0-9a-f]+\r\n/g, '')
  return text.split('data: {').length - 1 >= eventsOfAnswer && text.includes('[DONE]')
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true })
  const options = JSON.parse(positionals[0] ?? '{}') as LoadOptions
  const start = performance.now()
  const clients = Array.from({ length: options.clients }, () => new Client(options))
  setTimeout(() => {
    const seconds = (performance.now() - start) / 1000
    for (const client of clients) client.stop()
    const sum = (pick: (client: Client) => number): number =>
      clients.reduce((all, client) => all + pick(client), 0)
    const firsts = clients.flatMap((client) => client.firsts)
    const load: Load = {
      answers: sum((client) => client.answers),
      events: sum((client) => client.events),
      seconds,
      first: { p50: quantile(firsts, 0.5), p99: quantile(firsts, 0.99) },
    }
    console.log(JSON.stringify(load))
    process.exit()
  }, options.time)
}
