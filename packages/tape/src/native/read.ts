/** Opens a native tape for reading: an index at once, each exchange when it is asked for. */
import { closeSync, openSync } from 'node:fs'
import { codeOf, reasonOf } from '../cassette-file.ts'
import type { About, Cassette } from '../cassette.ts'
import { TapeError, type TapeErrorCode } from '../error.ts'
import type {
  Body,
  Ending,
  Interaction,
  Piece,
  RecordedHead,
  RecordedRequest,
  RecordedResponse,
} from '../interaction.ts'
import { digest, type Matcher } from '../match.ts'
import { type Contents, type Entry, readContents } from './contents.ts'
import { countedBytes, decodeEnding, decodeHead, decodeRequest, LineError } from './decode.ts'
import type { StoredKeys, StoredPiece, StoredRequest } from './format.ts'
import { TapeLines } from './lines.ts'
import { RequestBodies } from './request-bodies.ts'
import { readSpan, type Span } from './scan.ts'

/** Opens a tape, which errors call by `file`. Throws a TapeError where there is none. */
export function openNativeTape(path: string, file: string = path): NativeCassette {
  let handle: number
  try {
    handle = openSync(path, 'r')
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
  readonly #lines: TapeLines
  readonly #bodies: RequestBodies

  constructor(file: string, handle: number, { header, entries, warnings }: Contents) {
    const { matcher, ...about } = header
    this.file = file
    this.about = about
    this.matcher = matcher
    this.warnings = warnings
    this.#handle = handle
    this.#entries = entries
    this.#lines = new TapeLines(file, handle)
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
      ending: this.#lines.read(entry, entry.last, decodeEnding),
      get startedAt() {
        return stored().startedAt
      },
    }
  }

  headAt(index: number): RecordedHead | null {
    const entry = this.#entry(index)
    return entry.response && this.#lines.read(entry, entry.response, decodeHead)
  }

  endingAt(index: number): Ending {
    const entry = this.#entry(index)
    return this.#lines.read(entry, entry.last, decodeEnding)
  }

  bodyAt(index: number): Body {
    const entry = this.#entry(index)
    return this.#lines.text(entry) ?? this.#lines.body(entry).body
  }

  sizeAt(index: number): number {
    const entry = this.#entry(index)
    if (entry.response === null) return 0
    const counted = this.#lines.read(entry, entry.last, countedBytes)
    if (counted !== undefined) return counted
    let size = 0
    for (const { data } of this.#lines.pieces(entry)) size += Buffer.byteLength(data)
    return size
  }

  *piecesAt(index: number): Iterable<Piece> {
    const entry = this.#entry(index)
    if (entry.response === null) return
    for (const { at, data } of this.#lines.pieces(entry)) {
      // Without times there are no pieces, and an empty body has none.
      if (at === null && data.length === 0) continue
      const bytes = typeof data === 'string' ? encoder.encode(data) : data
      yield { bytes, at: at ?? this.#lines.read(entry, entry.response, decodeHead).duration }
    }
  }

  digestAt(index: number, matcher: Matcher): string {
    const { key } = this.#entry(index).keys
    if (key !== null && matcher.name === this.matcher) return key
    return digest(matcher.key(this.#request(index, this.#storedRequest(index))))
  }

  exactly(matcher: Matcher): ReadonlyMap<string, string> {
    const exactly = new Map<string, string>()
    if (matcher.name !== this.matcher) return exactly
    for (const { keys } of this.#entries) if (keys.exact !== null) exactly.set(keys.exact, keys.key)
    return exactly
  }

  /** The pieces of its body as their lines have them. */
  storedPiecesAt(index: number): Iterable<StoredPiece> {
    return this.#lines.pieces(this.#entry(index))
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
    return this.#lines.read(entry, entry.request, decodeRequest)
  }

  #request(index: number, { method, url, headers, body, extra }: StoredRequest): RecordedRequest {
    const whole = this.#lines.guarded(this.#entry(index).request.start, () =>
      this.#bodies.bodyOf(index, body),
    )
    return { method, url, headers, body: whole, ...(extra && { extra }) }
  }

  #response(entry: Entry, line: Span): RecordedResponse {
    const lines = this.#lines
    const whole = once(() => lines.body(entry))
    const text = once(() => lines.text(entry))
    return {
      ...lines.read(entry, line, decodeHead),
      get body() {
        return text() ?? whole().body
      },
      get chunks() {
        return whole().chunks
      },
    }
  }
}

const encoder = new TextEncoder()

function once<Value>(read: () => Value): () => Value {
  let value: { readonly of: Value } | undefined
  return () => (value ??= { of: read() }).of
}
