/** Opens a native tape for reading: an index at once, each exchange when it is asked for. */
import { constants, isUtf8 } from 'node:buffer'
import { closeSync, openSync } from 'node:fs'
import { codeOf, reasonOf } from '../cassette-file.ts'
import type { About, Cassette } from '../cassette.ts'
import { TapeError, type TapeErrorCode } from '../error.ts'
import { textOrBytes } from '../http.ts'
import type { Body, Chunk, Interaction, Piece, RecordedRequest, RecordedResponse } from '../interaction.ts'
import { digest, type Matcher } from '../match.ts'
import { type Contents, type Entry, readContents } from './contents.ts'
import {
  countedBytes,
  decodeEnding,
  decodeHead,
  decodePiece,
  decodeRequest,
  fieldsOf,
  type Fields,
  LineError,
} from './decode.ts'
import type { StoredKeys, StoredPiece, StoredRequest } from './format.ts'
import { plainText } from './plain-text.ts'
import { RequestBodies } from './request-bodies.ts'
import { readSpan, scanLines, type Span } from './scan.ts'
import { Window } from './window.ts'

/** Opens a tape. Throws a TapeError where there is none. */
export function openNativeTape(file: string): NativeCassette {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (error) {
    const [code, what]: [TapeErrorCode, string] =
      codeOf(error) === 'ENOENT' ? ['absent', 'there is no such tape'] : ['unreadable', reasonOf(error)]
    throw new TapeError(code, what, { file, cause: error })
  }
  try {
    return new NativeCassette(file, handle, readContents(handle))
  } catch (error) {
    closeSync(handle)
    if (error instanceof LineError)
      throw new TapeError('unreadable', `the tape cannot be read: ${error.message}`, { file, line: 1 })
    throw new TapeError('unreadable', `the tape cannot be read: ${reasonOf(error)}`, { file, cause: error })
  }
}

/** A line that means nothing here, and whether its `id` is a request's. */
export interface OtherText {
  readonly text: string
  readonly namesRequest: boolean
}

/** A native tape as it was when it was opened. What an interaction says is read from the file when it is looked at. */
export class NativeCassette implements Cassette {
  readonly file: string
  readonly format = 'tape'
  readonly about: About
  readonly warnings: readonly string[]
  /** The matcher whose keys the tape holds. */
  readonly matcher: string
  readonly #handle: number
  readonly #entries: readonly Entry[]
  readonly #window: Window
  readonly #bodies: RequestBodies

  constructor(file: string, handle: number, { header, entries, warnings }: Contents) {
    const { matcher, ...about } = header
    this.file = file
    this.about = about
    this.matcher = matcher
    this.warnings = warnings
    this.#handle = handle
    this.#entries = entries
    this.#window = new Window(handle)
    const ids = entries.map(({ id }) => id)
    this.#bodies = new RequestBodies(ids, (place) => this.#storedRequest(place).body)
  }

  get length(): number {
    return this.#entries.length
  }

  /** Its request and its response's body are read when they are looked at, and throw then where they cannot be. */
  at(index: number): Interaction {
    const entry = this.#entry(index)
    const stored = once(() => this.#storedRequest(index))
    const request = once(() => this.#request(index, stored()))
    return {
      id: index,
      get request() {
        return request()
      },
      response: entry.response && this.#response(entry, entry.response),
      ending: this.#read(entry, entry.last, decodeEnding),
      get startedAt() {
        return stored().startedAt
      },
    }
  }

  sizeAt(index: number): number {
    const entry = this.#entry(index)
    if (entry.response === null) return 0
    const counted = this.#read(entry, entry.last, countedBytes)
    if (counted !== undefined) return counted
    let size = 0
    for (const { data } of this.#pieces(entry)) size += Buffer.byteLength(data)
    return size
  }

  *piecesAt(index: number): Iterable<Piece> {
    const entry = this.#entry(index)
    if (entry.response === null) return
    const { duration } = this.#read(entry, entry.response, decodeHead)
    for (const { at, data } of this.#pieces(entry)) {
      // Without times there are no pieces, and an empty body has none.
      if (at === null && data.length === 0) continue
      yield { bytes: typeof data === 'string' ? encoder.encode(data) : data, at: at ?? duration }
    }
  }

  digests(matcher: Matcher): readonly string[] {
    const isOurs = matcher.name === this.matcher
    return this.#entries.map(({ keys: { key } }, place) => {
      if (isOurs && key !== null) return key
      return digest(matcher.key(this.at(place).request))
    })
  }

  exactly(matcher: Matcher): ReadonlyMap<string, string> {
    const exactly = new Map<string, string>()
    if (matcher.name !== this.matcher) return exactly
    for (const { keys } of this.#entries) if (keys.exact !== null) exactly.set(keys.exact, keys.key)
    return exactly
  }

  /** The pieces of its body as their lines have them. */
  storedPiecesAt(index: number): Iterable<StoredPiece> {
    return this.#pieces(this.#entry(index))
  }

  /** The lines of other types, by the place of the request that they name, or else stand after; -1 is before all. */
  otherLines(): ReadonlyMap<number, readonly OtherText[]> {
    const lines: (OtherText & { readonly place: number })[] = []
    readContents(this.#handle, ({ line, entry, after }) => {
      const text = readSpan(this.#handle, line).toString()
      lines.push({ text, namesRequest: entry !== undefined, place: entry?.place ?? after - 1 })
    })
    return Map.groupBy(lines, ({ place }) => place)
  }

  /** Those on a request's line. */
  keysAt(index: number): StoredKeys {
    return this.#entry(index).keys
  }

  *[Symbol.iterator](): Iterator<Interaction> {
    for (let place = 0; place < this.length; place++) yield this.at(place)
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle)
  }

  #entry(index: number): Entry {
    const entry = this.#entries[index]
    if (entry === undefined) throw new RangeError(`${this.file} has no interaction ${index}`)
    return entry
  }

  #storedRequest(index: number): StoredRequest {
    const entry = this.#entry(index)
    return this.#read(entry, entry.request, decodeRequest)
  }

  #request(index: number, { method, url, headers, body, extra }: StoredRequest): RecordedRequest {
    const whole = this.#guarded(this.#entry(index).request.start, () => this.#bodies.bodyOf(index, body))
    return { method, url, headers, body: whole, ...(extra && { extra }) }
  }

  #response(entry: Entry, line: Span): RecordedResponse {
    const body = once(() => this.#body(entry))
    const text = once(() => this.#plainText(entry))
    return {
      ...this.#read(entry, line, decodeHead),
      get body() {
        return text() ?? body().body
      },
      get chunks() {
        return body().chunks
      },
    }
  }

  /** The text of a small body, most of which are; undefined for all others. */
  #plainText(entry: Entry): string | undefined {
    const { body } = entry
    const [start = 0, end = 0] = [body[0], body.at(-1)]
    if (end - start > largestPlain) return undefined
    let lines = ''
    for (let run = 0; run < body.length; run += 2) {
      const span = { start: body[run] ?? 0, end: body[run + 1] ?? 0 }
      const bytes = this.#guarded(span.start, () => this.#window.bytes(span, extentOf(entry)))
      // The long way says which line is at fault.
      if (!isUtf8(bytes)) return undefined
      lines += bytes.toString()
    }
    return plainText(lines)
  }

  #body(entry: Entry): Pick<RecordedResponse, 'body' | 'chunks'> {
    const chunks: Chunk[] = []
    const parts: (string | Uint8Array)[] = []
    let size = this.#read(entry, entry.last, countedBytes) ?? 0
    if (size > largestBody) throw this.#tooLarge(entry)
    size = 0
    let hasTimes = true
    for (const { at, data } of this.#pieces(entry)) {
      const length = Buffer.byteLength(data)
      if ((size += length) > largestBody) throw this.#tooLarge(entry)
      if (at === null) hasTimes = false
      else chunks.push({ length, at })
      parts.push(data)
    }
    return { body: joined(parts, hasTimes), chunks: hasTimes ? chunks : null }
  }

  *#pieces(entry: Entry): Iterable<StoredPiece> {
    const { body } = entry
    for (let run = 0; run < body.length; run += 2) {
      const end = body[run + 1] ?? 0
      for (let start = body[run] ?? end; start < end;) {
        const read = this.#guarded(start, () => this.#window.lines({ start, end }, extentOf(entry)))
        // All at once, because the window goes elsewhere before the next one is asked for.
        const pieces = read.lines.map(([line, at]) => this.#guarded(at, () => decodePiece(fieldsOf(line))))
        yield* pieces
        start = read.end
      }
    }
  }

  #read<Read>(entry: Entry, line: Span, decode: (fields: Fields) => Read): Read {
    return this.#guarded(line.start, () => decode(fieldsOf(this.#window.bytes(line, extentOf(entry)))))
  }

  /** What goes wrong while something is read becomes an error that says where. */
  #guarded<Read>(start: number, read: () => Read): Read {
    try {
      return read()
    } catch (error) {
      if (codeOf(error) === 'ERR_STRING_TOO_LONG') throw this.#tooLarge(undefined, start)
      if (!(error instanceof LineError) && codeOf(error) === undefined) throw error
      const why = error instanceof LineError ? error.message : reasonOf(error)
      throw this.#error('unreadable', `this line of the tape cannot be read: ${why}`, start)
    }
  }

  #tooLarge(entry: Entry | undefined, start = entry?.request.start ?? 0): TapeError {
    const what = 'a body of this interaction does not fit in memory; it can be replayed, which goes by pieces'
    return this.#error('too-large', what, start)
  }

  #error(code: TapeErrorCode, message: string, start: number): TapeError {
    return new TapeError(code, message, { file: this.file, line: this.#lineNumber(start) })
  }

  #lineNumber(start: number): number {
    let lines = 1
    try {
      scanLines(this.#handle, start, () => lines++)
    } catch {
      // The file is gone: the error that this is for says so.
    }
    return lines
  }
}

/** Bytes of lines that are read at once. */
const largestPlain = 2 ** 18

/** A text has no more characters than this, and no more than its bytes. */
const largestBody = constants.MAX_STRING_LENGTH

const encoder = new TextEncoder()

/** A body of an unknown type becomes text where it can; one that was stored whole is what it was. */
function joined(parts: readonly (string | Uint8Array)[], isText: boolean): Body {
  if (parts.every((part) => typeof part === 'string')) return parts.join('')
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  return isText ? textOrBytes(Uint8Array.from(bytes)) : Uint8Array.from(bytes)
}

/** Where all lines of an exchange stand, and perhaps some of others. */
function extentOf({ request, last }: Entry): Span {
  return { start: request.start, end: last.end + 1 }
}

function once<Value>(read: () => Value): () => Value {
  let value: { readonly of: Value } | undefined
  return () => (value ??= { of: read() }).of
}
