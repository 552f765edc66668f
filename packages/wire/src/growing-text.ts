/** A text that grows by many small pieces. */

/** Pieces that are kept apart before they are joined. */
const most = 256

/**
 * Joins its pieces a few hundred at a time. `text += piece` would keep a node for each piece alive in V8, some
 * 160 bytes for a delta of four characters, which the garbage collector then walks again and again.
 */
export class GrowingText {
  length: number
  #whole: string
  #pieces: string[] = []

  constructor(start = '') {
    this.length = start.length
    this.#whole = start
  }

  add(piece: string): void {
    if (piece === '') return
    this.#pieces.push(piece)
    this.length += piece.length
    if (this.#pieces.length === most) this.#join()
  }

  /** All of it, with its last piece. It begins anew. */
  take(last: string): string {
    if (this.length === 0) return last
    this.add(last)
    const whole = this.toString()
    this.length = 0
    this.#whole = ''
    return whole
  }

  toString(): string {
    this.#join()
    return this.#whole
  }

  #join(): void {
    this.#whole += this.#pieces.join('')
    this.#pieces = []
  }
}
