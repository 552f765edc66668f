/** Bodies that stand packed on the tape are unpacked to be searched, and packed again where they held a secret. */
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'
import { codeOf } from '../cassette-file.ts'
import { type HeaderList, headerOf, type Piece } from '../interaction.ts'
import type { BodyRedactor } from '../redaction.ts'

/** How a body is packed. */
export interface Encoding {
  pack(bytes: Uint8Array): Uint8Array
  /** As far as it goes, for a body that broke off. */
  unpack(bytes: Uint8Array): Uint8Array
}

/** Unpacked, for what is packed; a larger body is not held. */
const mostBytes = 64 * 1024 * 1024
const maxOutputLength = mostBytes

const gzip: Encoding = {
  pack: (bytes) => gzipSync(bytes),
  unpack: (bytes) => gunzipSync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH }),
}
const encodings: Readonly<Record<string, Encoding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: {
    pack: (bytes) => deflateSync(bytes),
    unpack: (bytes) => inflateSync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH }),
  },
  br: {
    pack: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
    unpack: (bytes) =>
      brotliDecompressSync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  },
  zstd: {
    pack: (bytes) => zstdCompressSync(bytes),
    unpack: (bytes) => zstdDecompressSync(bytes, { maxOutputLength, finishFlush: constants.ZSTD_e_flush }),
  },
}

/** What the headers say; undefined for a body that is not packed. */
export function encodingOf(headers: HeaderList): Encoding | undefined {
  const value = headerOf(headers, 'content-encoding') ?? ''
  const steps = value.split(',').flatMap((name) => encodings[name.trim().toLowerCase()] ?? [])
  if (steps.length < 2) return steps[0]
  return {
    pack: (bytes) => steps.reduce((inner, step) => step.pack(inner), bytes),
    unpack: (bytes) => steps.reduceRight((outer, step) => step.unpack(outer), bytes),
  }
}

/**
 * Changes what is packed; `tooLarge` is asked for what nobody can look into. Most recorders unpack bodies and keep the
 * header: one that is not packed is changed as it is.
 */
export function mapDecoded(
  bytes: Uint8Array,
  encoding: Encoding | undefined,
  map: (bytes: Uint8Array) => Uint8Array,
  tooLarge: () => Uint8Array,
): Uint8Array {
  const inner = encoding === undefined ? undefined : unpacked(bytes, encoding)
  if (inner === 'too large') return tooLarge()
  if (encoding === undefined || inner === undefined) return map(bytes)
  const clean = map(inner)
  return clean === inner ? bytes : encoding.pack(clean)
}

/** What is packed; undefined for what only says so. */
export function unpacked(bytes: Uint8Array, encoding: Encoding): Uint8Array | 'too large' | undefined {
  try {
    return encoding.unpack(bytes)
  } catch (error) {
    return codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : undefined
  }
}

/** Waits for the whole of a packed body, since no piece of it can be read alone. */
export class EncodedRedactor implements BodyRedactor {
  readonly #encoding: Encoding
  readonly #clean: (bytes: Uint8Array, isCut: boolean) => Uint8Array
  readonly #tooLarge: () => Uint8Array
  #pieces: Piece[] = []
  #length = 0

  constructor(
    encoding: Encoding,
    clean: (bytes: Uint8Array, isCut: boolean) => Uint8Array,
    tooLarge: () => Uint8Array,
  ) {
    this.#encoding = encoding
    this.#clean = clean
    this.#tooLarge = tooLarge
  }

  push(piece: Piece): readonly Piece[] {
    const length = this.#length + piece.bytes.length
    const wasTooLarge = this.#length > mostBytes
    this.#length = length
    if (wasTooLarge) return [{ ...piece, bytes: new Uint8Array() }]
    this.#pieces.push(piece)
    return length > mostBytes ? this.#withhold() : []
  }

  end(isCut: boolean): readonly Piece[] {
    const pieces = this.#pieces
    this.#pieces = []
    if (pieces.length === 0) return []
    const whole = Buffer.concat(pieces.map(({ bytes }) => bytes))
    const clean = mapDecoded(whole, this.#encoding, (bytes) => this.#clean(bytes, isCut), this.#tooLarge)
    if (clean === whole) return pieces
    let start = 0
    return pieces.map((piece, index) => {
      const end = index === pieces.length - 1 ? clean.length : start + piece.bytes.length
      const bytes = clean.subarray(start, end)
      start = Math.min(clean.length, end)
      return { ...piece, bytes }
    })
  }

  /** Nobody has seen what is in it. */
  #withhold(): readonly Piece[] {
    const stand = this.#tooLarge()
    const pieces = this.#pieces
    this.#pieces = []
    return pieces.map((piece, index) => ({
      ...piece,
      bytes: index === 0 ? stand : new Uint8Array(),
    }))
  }
}
