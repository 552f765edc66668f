/** A file that lines are added to. At the first failure it says why, and nothing more is written. */
import { closeSync, fstatSync, ftruncateSync, writeSync } from 'node:fs'
import { reasonOf } from '../cassette-file.ts'
import { TapeError } from '../error.ts'

/** Lines that wait are written when there are so many characters of them. */
const mostWaiting = 2 ** 20

export class LineFile {
  readonly #file: string
  readonly #handle: number
  #size: number
  #waiting = ''
  #problem: TapeError | null = null
  #isClosed = false

  /** Takes the file's name, for errors, the open file and its size so far. */
  constructor(file: string, handle: number, size: number) {
    this.#file = file
    this.#handle = handle
    this.#size = size
  }

  get problem(): TapeError | null {
    return this.#problem
  }

  /** Adds whole lines. They are in the file after this turn of the event loop, or after `flush`. */
  add(lines: string): void {
    if (this.#problem !== null || this.#isClosed) return
    if (this.#waiting === '') setImmediate(() => this.flush())
    this.#waiting += lines
    if (this.#waiting.length > mostWaiting) this.flush()
  }

  flush(): void {
    if (this.#waiting === '' || this.#problem !== null) return
    const bytes = Buffer.from(this.#waiting)
    this.#waiting = ''
    try {
      for (let written = 0; written < bytes.length;)
        written += writeSync(this.#handle, bytes, written, bytes.length - written)
      this.#size += bytes.length
    } catch (error) {
      this.fail(error)
      this.#dropTorn()
    }
  }

  /** Whether the file can still be found: after it was deleted, everything can be written and nothing is kept. */
  checkPresence(): void {
    if (this.#problem !== null || this.#isClosed) return
    try {
      if (fstatSync(this.#handle).nlink === 0) this.fail('somebody deleted or replaced it')
    } catch (error) {
      this.fail(error)
    }
  }

  /** Writes nothing more. The first reason stays. */
  fail(reason: unknown): void {
    this.#waiting = ''
    this.#problem ??= new TapeError('unwritable', `the tape cannot be recorded: ${reasonOf(reason)}`, {
      file: this.#file,
      cause: reason,
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.flush()
    this.checkPresence()
    this.#isClosed = true
    closeSync(this.#handle)
  }

  /** A line of which only the start found a place. */
  #dropTorn(): void {
    try {
      ftruncateSync(this.#handle, this.#size)
    } catch {
      // Whoever reads the tape leaves it out.
    }
  }
}
