/** A string that began like a secret, until it is known whether it is one. */
import type { Shape } from './shapes.ts'

/** Reads a byte: one of those that were kept, or -1 before the first. */
export type ByteAt = (position: number) => number

/** What a candidate turned out to be: nothing, not known yet, or bytes to mask. */
export type Verdict = 'no' | 'more' | { readonly start: number; readonly end: number }

/** Each reads on as bytes arrive, and reads none twice. */
export interface Candidate {
  /** From here on bytes wait for the verdict. */
  readonly start: number
  /** What a finding of it is called; null for one that is known. */
  readonly finding: string | null
  /** Whether more of what it is may come: it keeps reading, and nothing waits for it. */
  readonly isOpen: boolean
  read(at: ByteAt, end: number): Verdict
  /** The body is over; `isCut` where it broke off. */
  end(at: ByteAt, isCut: boolean): Verdict
}

/** One form of a known secret, of which the beginning was found. */
export class SecretCandidate implements Candidate {
  readonly start: number
  readonly finding = null
  readonly isOpen = false
  readonly #form: Uint8Array
  #length: number

  constructor(start: number, length: number, form: Uint8Array) {
    this.start = start
    this.#length = length
    this.#form = form
  }

  read(at: ByteAt, end: number): Verdict {
    while (this.#length < this.#form.length) {
      const position = this.start + this.#length
      if (position === end) return 'more'
      if (lower(at(position)) !== this.#form[this.#length]) return this.#isMost ? this.#span : 'no'
      this.#length += 1
    }
    return this.#span
  }

  end(_: ByteAt, isCut: boolean): Verdict {
    return isCut || this.#isMost ? this.#span : 'no'
  }

  /** Whether so much of it stood here that nobody wrote it by chance: an error shows the start of a key. */
  get #isMost(): boolean {
    return this.#length >= 16 && this.#length > this.#form.length / 2
  }

  get #span(): Verdict {
    return { start: this.start, end: this.start + this.#length }
  }
}

/** Something that began like a key. */
export class ShapeCandidate implements Candidate {
  readonly start: number
  readonly #shape: Shape
  #length: number
  #rows = 0
  #dashes = 0
  #masks: number | undefined
  #isKey = false
  #isOver = false

  constructor(start: number, shape: Shape) {
    this.start = start
    this.#shape = shape
    this.#length = shape.prefix.length
    // The row that it begins with.
    this.#rows = shape.rows === undefined ? 0 : 1
  }

  get finding(): string | null {
    return this.#shape.name
  }

  get isOpen(): boolean {
    return this.#isKey && !this.#isOver
  }

  read(at: ByteAt, end: number): Verdict {
    const { prefix, enough } = this.#shape
    if (!this.#isKey) {
      this.#goOn(at, Math.min(end, this.start + prefix.length + enough))
      if (!this.#isOver && this.#length - prefix.length < enough) return 'more'
      if (!this.#decide(at)) return 'no'
    }
    this.#goOn(at, end)
    return this.#span
  }

  end(at: ByteAt, isCut: boolean): Verdict {
    this.#isOver = true
    if (this.#isKey || this.#decide(at)) return this.#span
    return isCut && this.#length - this.#shape.prefix.length >= 8 && /\d/.test(this.#rest(at))
      ? this.#span
      : 'no'
  }

  #decide(at: ByteAt): boolean {
    const { test, masks } = this.#shape
    const rest = this.#rest(at)
    this.#isKey = test(rest)
    this.#masks = this.#isKey ? masks?.(rest) : undefined
    if (masks !== undefined) this.#isOver = true
    return this.#isKey
  }

  #goOn(at: ByteAt, end: number): void {
    while (!this.#isOver && this.start + this.#length < end) {
      this.#isOver = !this.#goesOn(at(this.start + this.#length))
      if (!this.#isOver) this.#length += 1
    }
  }

  #goesOn(byte: number): boolean {
    const { goesOn, rows } = this.#shape
    if (goesOn[byte] !== 1 || this.#rows === rows) return false
    if (rows === undefined) return true
    this.#dashes = byte === 0x2d ? this.#dashes + 1 : 0
    if (this.#dashes === 5) this.#rows += 1
    return true
  }

  #rest(at: ByteAt): string {
    const { prefix } = this.#shape
    const length = this.#length - prefix.length
    return Buffer.from(
      Uint8Array.from({ length }, (_, index) => at(this.start + prefix.length + index)),
    ).toString('latin1')
  }

  get #span(): Verdict {
    const { prefix, keepsPrefix = false } = this.#shape
    const start = keepsPrefix ? this.start + prefix.length : this.start
    return { start, end: this.#masks === undefined ? this.start + this.#length : start + this.#masks }
  }
}

/** Whether a shape may begin here: `task-` holds no `sk-`, but after `\n`, `=` and `%3D` there is one. */
export function beginsAt(at: ByteAt, start: number, { prefix, after }: Shape): boolean {
  for (let index = 0; index < prefix.length; index += 1)
    if (at(start + index) !== prefix.charCodeAt(index)) return false
  const before = at(start - 1)
  if (before < 0 || after[before] !== 1) return true
  const text = String.fromCharCode(...[6, 5, 4, 3, 2, 1].map((back) => Math.max(0, at(start - back))))
  return /(?:\\[nrtbf]|%[\da-f]{2}|\\u[\da-f]{4})$/i.test(text)
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
