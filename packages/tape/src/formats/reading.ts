/** What the readers of other tools' files have in common: warnings, and bodies without their compression. */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { codeOf } from '../cassette-file.ts'
import { textOrBytes } from '../http.ts'
import {
  type Body,
  type Chunk,
  contentType,
  type Ending,
  type HeaderList,
  headerOf,
  type Interaction,
} from '../interaction.ts'
import { jsonOf } from './values.ts'

/** What a file says of one exchange. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly requestHeaders: HeaderList
  readonly requestBody: Body
  readonly status: number
  readonly statusText: string
  readonly headers: HeaderList
  /** As the file holds it, compressed or not. */
  readonly body: Body
  /** What it is where `body`, which was made of a text that looks like packed pieces, is not packed. */
  readonly otherwise?: Body
  readonly startedAt?: number | null
  readonly duration?: number
  readonly chunks?: readonly Chunk[] | null
  readonly ending?: Ending
}

export const lostRequestBody = 'the body of a request was not kept; what asks for it again is not found'
export const lostResponseBody = 'the body of a response was not kept; it is empty here'
export const keptParsed = 'JSON was kept parsed: how its text was spaced and its numbers were written is lost'

/** Bytes that all bodies of a file may grow to when they are unpacked. */
const mostUnpacked = 256 * 1024 * 1024

/** Headers that describe a body as it was sent. */
const encodingHeaders = new Set(['content-encoding', 'content-length', 'transfer-encoding'])

/** The reading of one file. */
export class Reading {
  readonly #warnings = new Map<string, number>()
  #left = mostUnpacked

  /** A kind of warning comes once, however often it is given. */
  warn(warning: string): void {
    this.#warnings.set(warning, (this.#warnings.get(warning) ?? 0) + 1)
  }

  get warnings(): readonly string[] {
    return Array.from(this.#warnings, ([warning, times]) =>
      times === 1 ? warning : `${warning} (${times} times)`,
    )
  }

  /** The text of JSON that a tool keeps parsed. */
  parsedJson(value: unknown): string {
    this.warn(keptParsed)
    return jsonOf(value)
  }

  interaction(exchange: Exchange, id: number): Interaction {
    const { method, url, requestHeaders, requestBody, status, statusText } = exchange
    const { duration = 0, startedAt = null } = exchange
    const { headers, body } = this.#unpack(exchange)
    const chunks = fitting(exchange.chunks ?? null, body)
    const response = { status, statusText, headers, body: ownBytes(body), duration, chunks }
    return {
      id,
      request: { method: method.toUpperCase(), url, headers: requestHeaders, body: ownBytes(requestBody) },
      response,
      ending: exchange.ending ?? { type: 'end', at: duration },
      startedAt,
    }
  }

  /** Most recorders unpack bodies and keep the header that says how they were packed; some keep both as they came. */
  #unpack({ headers, body, otherwise }: Exchange): { readonly headers: HeaderList; readonly body: Body } {
    const encodings = encodingsOf(headers, body)
    if (encodings.length === 0) return { headers, body }
    const plain = { headers: headers.filter(([name]) => !encodingHeaders.has(name.toLowerCase())) }
    if (typeof body === 'string') return { ...plain, body: otherwise ?? body }
    let bytes = body
    for (const encoding of encodings) {
      const unpacked = this.#unpackOnce(encoding, bytes)
      if (unpacked === 'broken' && otherwise !== undefined) return { ...plain, body: otherwise }
      if (unpacked === 'broken') {
        this.warn(`a body is not the ${encoding} that its headers say, or too large; it is kept as it is`)
        return { headers, body }
      }
      if (unpacked === bytes) break
      bytes = unpacked
    }
    return { ...plain, body: (bytes === body ? otherwise : undefined) ?? textOrBytes(bytes) }
  }

  /** Bytes that are not packed were unpacked before they were recorded. */
  #unpackOnce(encoding: string, bytes: Uint8Array): Uint8Array | 'broken' {
    const found = unpackers.get(encoding)
    if (found === undefined) return 'broken'
    if (found.starts?.(bytes) === false) return bytes
    for (const unpack of found.by) {
      try {
        const unpacked = unpack(bytes, { maxOutputLength: Math.max(1, this.#left) })
        this.#left -= unpacked.length
        return new Uint8Array(unpacked)
      } catch (error) {
        if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return 'broken'
      }
    }
    return found.starts === undefined ? bytes : 'broken'
  }
}

/** Not a part of a larger buffer, which would stay in memory with it. */
function ownBytes(body: Body): Body {
  return typeof body === 'string' ? body : new Uint8Array(body)
}

/** Chunks whose lengths add up to the body's, else none. */
function fitting(chunks: readonly Chunk[] | null, body: Body): readonly Chunk[] | null {
  if (chunks?.some(({ length }) => !Number.isSafeInteger(length) || length < 0)) return null
  const length = chunks?.reduce((sum, chunk) => sum + chunk.length, 0)
  return length === Buffer.byteLength(body) ? chunks : null
}

/** The last one applied first. A text whose bytes are gzip by their start is it also where the header was left out. */
function encodingsOf(headers: HeaderList, body: Body): readonly string[] {
  const names = (headerOf(headers, 'content-encoding') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  if (names.length > 0 || typeof body === 'string') return names.toReversed()
  return isGzip(body) && mayBeText.test(contentType(headers)) ? ['gzip'] : []
}

/** Also where nothing, or a placeholder, stands for the type. */
const mayBeText = /^[^/]*$|text|json|xml|script|event-stream/i

type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array

interface Unpackers {
  readonly by: readonly Unpack[]
  /** Whether bytes are packed like that, where their start says it. */
  readonly starts?: (bytes: Uint8Array) => boolean
}

const gzip: Unpackers = { by: [gunzipSync], starts: isGzip }
const unpackers: ReadonlyMap<string, Unpackers> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  // Servers send it with and without the header of zlib.
  ['deflate', { by: [inflateSync, inflateRawSync] }],
  ['br', { by: [brotliDecompressSync] }],
  ['zstd', { by: [zstdDecompressSync], starts: (bytes) => bytes[0] === 0x28 && bytes[1] === 0xb5 }],
])

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
