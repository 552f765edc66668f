/** The one error that recording, replaying and reading cassettes throws. */
import type { Mode } from './mode.ts'

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

/** What else is known of an error. */
export interface TapeErrorOptions extends ErrorOptions, TapePlace {
  /** The mode that would record what is missing. */
  readonly recordedBy?: Mode
}

/** A cassette that cannot be read, found, matched or written. */
export class TapeError extends Error {
  override readonly name = 'TapeError'
  readonly code: TapeErrorCode
  readonly file: string
  readonly line: number | undefined
  /** The message without its place, and without the mode that would record: for those who say these in other words. */
  readonly detail: string
  /** The mode that would record what is missing; null where none would. */
  readonly recordedBy: Mode | null

  constructor(code: TapeErrorCode, detail: string, options: TapeErrorOptions) {
    const { file, line, recordedBy = null } = options
    const place = line === undefined ? file : `${file}:${line}`
    super(`${place}: ${withRemedy(detail, recordedBy && `mode "${recordedBy}"`)}`, options)
    this.code = code
    this.file = file
    this.line = line
    this.detail = detail
    this.recordedBy = recordedBy
  }
}

/** What is wrong, and what records it: a mode as its reader sets it. Null where nothing does. */
export function withRemedy(detail: string, mode: string | null): string {
  if (mode === null) return detail
  // Behind several lines it is one more.
  return `${detail}${detail.includes('\n') ? '\n  ' : '; '}${mode} records it`
}
