/** Takes content codings off bodies: some servers compress though nobody asked. */
import type { Transform } from 'node:stream'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import type { ResponseHead } from './transport.ts'

/** Told what comes out, in order; then one end or one failure. */
export interface DecoderSink {
  data(bytes: Uint8Array): void
  end(): void
  /** Goes on from "its answer breaks HTTP: ". */
  fail(problem: string): void
  /** Takes bytes again after a `write` that gave false. */
  drained(): void
}

/** The codings of a body, the first applied first; null for none, and where there is one that nobody here knows. */
export function codingsOf({ headers }: ResponseHead): readonly string[] | null {
  const encodings = headers.filter(([name]) => name === 'content-encoding')
  if (encodings.length === 0) return null
  const named = encodings.flatMap(([, value]) => value.toLowerCase().split(','))
  const codings = named
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  const isKnown =
    codings.length > 0 && codings.length <= mostCodings && codings.every((one) => decoders.has(one))
  return isKnown ? codings : null
}

/** The head of what comes out: it says neither coding nor length any more. */
export function decodedHead({ status, headers }: ResponseHead): ResponseHead {
  return {
    status,
    headers: headers.filter(([name]) => name !== 'content-encoding' && name !== 'content-length'),
  }
}

/** Bytes that may come out whatever went in, and how many more there may be than went in from then on. */
const harmless = 10 * 1024 * 1024
const mostGrowth = 200
const mostCodings = 3

const decoders: ReadonlyMap<string, (first: Uint8Array) => Transform> = new Map<
  string,
  (first: Uint8Array) => Transform
>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  // Zlib's format by the standard, bare deflate by some: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
  ['deflate', (first) => (((first[0] ?? 0) & 15) === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
])

/** One body's way through its codings. */
export class ContentDecoder {
  readonly #codings: readonly string[]
  readonly #sink: DecoderSink
  #first: Transform | null = null
  #last: Transform | null = null
  #read = 0
  #given = 0
  #isOver = false

  constructor(codings: readonly string[], sink: DecoderSink) {
    this.#codings = codings
    this.#sink = sink
  }

  /** False: enough for now, until `drained`. */
  write(bytes: Uint8Array): boolean {
    this.#read += bytes.length
    return (this.#first ?? this.#open(bytes)).write(bytes)
  }

  /** The body is whole. */
  end(): void {
    if (this.#first === null) this.#sink.end()
    else this.#first.end()
  }

  /** The body breaks off: `done` is called when what came before is out. */
  breakOff(done: () => void): void {
    if (this.#first === null || this.#codings.length > 1) done()
    else this.#first.write('', () => setImmediate(done))
  }

  pause(): void {
    this.#last?.pause()
  }

  resume(): void {
    this.#last?.resume()
  }

  destroy(): void {
    this.#isOver = true
    this.#first?.destroy()
    this.#last?.destroy()
  }

  #open(bytes: Uint8Array): Transform {
    const streams = this.#codings.toReversed().flatMap((coding) => decoders.get(coding)?.(bytes) ?? [])
    const last = streams.reduce((from, to) => from.pipe(to))
    const first = streams[0] ?? last
    for (const stream of streams)
      stream.on('error', () => this.#fail('it is not in the coding that it names'))
    first.on('drain', () => this.#sink.drained())
    last.on('data', (chunk: Buffer) => this.#give(chunk))
    last.on('end', () => {
      if (!this.#isOver) this.#sink.end()
    })
    this.#first = first
    this.#last = last
    return first
  }

  #give(chunk: Buffer): void {
    if (this.#isOver) return
    this.#given += chunk.length
    if (this.#given > harmless && this.#given > this.#read * mostGrowth) {
      this.#fail(`it grows to more than ${mostGrowth} times its size`)
    } else this.#sink.data(chunk)
  }

  #fail(problem: string): void {
    if (this.#isOver) return
    this.destroy()
    this.#sink.fail(problem)
  }
}
