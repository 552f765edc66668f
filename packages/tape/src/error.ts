/** The one error that recording, replaying and reading cassettes throws. */

/**
 * - `unreadable`: the file is not a cassette (broken YAML, wrong shape, an unsupported version).
 * - `absent`: the cassette does not exist and the mode does not record.
 * - `miss`: no recorded interaction answers the request, and the mode does not record.
 * - `unwritable`: the cassette could not be saved.
 * - `locked`: somebody else records on this tape.
 * - `too-large`: a body does not fit in memory; it can still be read piece by piece.
 * - `normaliser`: a normaliser that a tape declares, or that was named, is not known.
 * - `cut`: the recording of an answer ends where whoever recorded it left.
 * - `secret`: what looks like a key was recorded. It was masked.
 */
export type TapeErrorCode =
  | 'unreadable'
  | 'absent'
  | 'miss'
  | 'unwritable'
  | 'locked'
  | 'too-large'
  | 'normaliser'
  | 'cut'
  | 'secret'

/** Where in the file system an error belongs. */
export interface TapePlace {
  readonly file: string
  /** Counted from 1; absent when the whole file is meant. */
  readonly line?: number
}

/** A cassette that cannot be read, found, matched or written. */
export class TapeError extends Error {
  override readonly name = 'TapeError'
  readonly code: TapeErrorCode
  readonly file: string
  readonly line: number | undefined

  constructor(code: TapeErrorCode, message: string, options: ErrorOptions & TapePlace) {
    const place = options.line === undefined ? options.file : `${options.file}:${options.line}`
    super(`${place}: ${message}`, options)
    this.code = code
    this.file = options.file
    this.line = options.line
  }
}
