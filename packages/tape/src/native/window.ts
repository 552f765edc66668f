/** The part of a file that was read last: the lines of an exchange mostly stand together. */
import { LineError } from './decode.ts'
import { readSpan, type Span } from './scan.ts'

/** So much is read at once where more is wanted later. */
const size = 2 ** 18

export class Window {
  readonly #file: number
  readonly #space = Buffer.allocUnsafeSlow(size)
  #bytes: Buffer = this.#space.subarray(0, 0)
  #start = 0

  constructor(file: number) {
    this.#file = file
  }

  /**
   * These bytes, with those around them that will be wanted too. They hold until the next call. The line end behind the
   * file's last line may be missing; throws a LineError where more is.
   */
  bytes({ start, end }: Span, around: Span): Buffer {
    if (start < this.#start || end > this.#start + this.#bytes.length) {
      const isSmall = around.end - around.start <= size && around.start <= start && around.end >= end
      this.#start = isSmall ? around.start : start
      this.#bytes = readSpan(this.#file, isSmall ? around : { start, end }, this.#space)
    }
    const bytes = this.#bytes.subarray(start - this.#start, end - this.#start)
    if (bytes.length < end - start - 1)
      throw new LineError('the file is shorter than it was when it was opened')
    return bytes
  }

  /** As many lines from the start on as fit; at least one. */
  lines(span: Span, around: Span): Buffer {
    for (let most = size; ; most *= 4) {
      const end = Math.min(span.end, span.start + most)
      const bytes = this.bytes({ start: span.start, end }, around)
      if (end === span.end) return bytes
      const length = bytes.lastIndexOf(10) + 1
      if (length > 0) return bytes.subarray(0, length)
    }
  }
}
