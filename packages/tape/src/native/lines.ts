/** Reads the lines of an open tape. What is wrong with one is said with its number. */
import { constants } from 'node:buffer'
import { codeOf, reasonOf } from '../cassette-file.ts'
import { TapeError, type TapeErrorCode } from '../error.ts'
import { textOrBytes } from '../http.ts'
import type { Body, Chunk, RecordedResponse } from '../interaction.ts'
import type { Entry } from './contents.ts'
import { countedBytes, decodePiece, type Fields, fieldsOf, LineError } from './decode.ts'
import type { StoredPiece } from './format.ts'
import { plainPieces, plainText } from './plain-text.ts'
import { scanLines, type Span } from './scan.ts'
import { Window } from './window.ts'

export class TapeLines {
  readonly #file: string
  readonly #handle: number
  readonly #window: Window

  /** Takes the file's name, for errors, and the open file. */
  constructor(file: string, handle: number) {
    this.#file = file
    this.#handle = handle
    this.#window = new Window(handle)
  }

  /** One line of an exchange. */
  read<Read>(entry: Entry, line: Span, decode: (fields: Fields) => Read): Read {
    return this.guarded(line.start, () => decode(fieldsOf(this.#window.bytes(line, extentOf(entry)))))
  }

  /** The pieces of an exchange's body. */
  *pieces(entry: Entry): Iterable<StoredPiece> {
    for (const { start, end } of runsOf(entry)) {
      for (let from = start; from < end;) {
        const lines = this.guarded(from, () => this.#window.lines({ start: from, end }, extentOf(entry)))
        // The file's last line may have no end.
        const next = lines.at(-1) === 10 ? from + lines.length : end
        // All at once, because the window goes elsewhere before the next one is asked for.
        yield* plainPieces(lines) ?? this.#anyPieces(lines, from)
        from = next
      }
    }
  }

  /** An exchange's body, whole. */
  body(entry: Entry): Pick<RecordedResponse, 'body' | 'chunks'> {
    if ((this.read(entry, entry.last, countedBytes) ?? 0) > largestBody) throw this.#tooLarge(entry)
    const chunks: Chunk[] = []
    const parts: (string | Uint8Array)[] = []
    let size = 0
    let hasTimes = true
    for (const { at, data } of this.pieces(entry)) {
      const length = Buffer.byteLength(data)
      if ((size += length) > largestBody) throw this.#tooLarge(entry)
      if (at === null) hasTimes = false
      else chunks.push({ length, at })
      parts.push(data)
    }
    return { body: joined(parts, hasTimes), chunks: hasTimes ? chunks : null }
  }

  /** The text of a small body, most of which are; undefined for all others. */
  text(entry: Entry): string | undefined {
    if ((entry.body.at(-1) ?? 0) - (entry.body[0] ?? 0) > largestPlain) return undefined
    let text = ''
    for (const run of runsOf(entry)) {
      const more = plainText(this.guarded(run.start, () => this.#window.bytes(run, extentOf(entry))))
      // The long way says which line is at fault.
      if (more === undefined) return undefined
      text += more
    }
    return text
  }

  /** What goes wrong while something is read becomes an error that says where. */
  guarded<Read>(start: number, read: () => Read): Read {
    try {
      return read()
    } catch (error) {
      if (codeOf(error) === 'ERR_STRING_TOO_LONG') throw this.#tooLarge(undefined, start)
      if (!(error instanceof LineError) && codeOf(error) === undefined) throw error
      const why = error instanceof LineError ? error.message : reasonOf(error)
      throw this.#error('unreadable', `this line of the tape cannot be read: ${why}`, start)
    }
  }

  #anyPieces(lines: Buffer, start: number): readonly StoredPiece[] {
    const pieces: StoredPiece[] = []
    for (let from = 0; from < lines.length;) {
      const newline = lines.indexOf(10, from)
      const to = newline === -1 ? lines.length : newline
      const line = lines.subarray(from, to)
      pieces.push(this.guarded(start + from, () => decodePiece(fieldsOf(line))))
      from = to + 1
    }
    return pieces
  }

  #tooLarge(entry: Entry | undefined, start = entry?.request.start ?? 0): TapeError {
    const what = 'a body of this interaction does not fit in memory; it can be replayed, which goes by pieces'
    return this.#error('too-large', what, start)
  }

  #error(code: TapeErrorCode, message: string, start: number): TapeError {
    return new TapeError(code, message, { file: this.#file, line: this.#lineNumber(start) })
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

/** A body of an unknown type becomes text where it can; one that was stored whole is what it was. */
function joined(parts: readonly (string | Uint8Array)[], isText: boolean): Body {
  if (parts.every((part) => typeof part === 'string')) return parts.join('')
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  return isText ? textOrBytes(Uint8Array.from(bytes)) : Uint8Array.from(bytes)
}

/** The lines of its body that stand together. */
function* runsOf({ body }: Entry): Iterable<Span> {
  for (let run = 0; run < body.length; run += 2) yield { start: body[run] ?? 0, end: body[run + 1] ?? 0 }
}

/** Where all lines of an exchange stand, and perhaps some of others. */
function extentOf({ request, last }: Entry): Span {
  return { start: request.start, end: last.end + 1 }
}
