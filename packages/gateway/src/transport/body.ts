/** Where a response's body ends, and what of it a read brings. */

/** Reads one body. What it is handed is read at once and never kept: the same memory has other bytes later. */
export interface BodyReader {
  /** Reads from `start` on; gives where it stopped, which is before the end only where the body is over or broken. */
  read(bytes: Buffer, start: number): number
  /** What the last read brought, for whoever takes it to keep; null for nothing. */
  readonly body: Uint8Array | null
  /** What is wrong with the body; null. */
  readonly problem: string | null
  readonly isOver: boolean
  /** Whether the end of the connection is its end. */
  readonly endsWithConnection: boolean
}

/** A body of so many bytes. */
export class CountedBody implements BodyReader {
  body: Uint8Array | null = null
  readonly problem = null
  readonly endsWithConnection = false
  #left: number

  constructor(length: number) {
    this.#left = length
  }

  get isOver(): boolean {
    return this.#left === 0
  }

  read(bytes: Buffer, start: number): number {
    const end = Math.min(bytes.length, start + this.#left)
    this.#left -= end - start
    this.body = copyOf(bytes, start, end)
    return end
  }
}

/** A body that goes on until the connection ends. */
export class OpenBody implements BodyReader {
  body: Uint8Array | null = null
  readonly problem = null
  readonly isOver = false
  readonly endsWithConnection = true

  read(bytes: Buffer, start: number): number {
    this.body = copyOf(bytes, start, bytes.length)
    return bytes.length
  }
}

/** Null for nothing. */
export function copyOf(bytes: Buffer, start: number, end: number): Uint8Array | null {
  if (start === end) return null
  const copy = Buffer.allocUnsafe(end - start)
  bytes.copy(copy, 0, start, end)
  return copy
}
