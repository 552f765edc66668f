/** The part of a file that was read last: the lines of an exchange mostly stand together. */
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

  /** These bytes, with those around them that will be wanted too. They hold until the next call. */
  bytes({ start, end }: Span, around: Span): Buffer {
    if (start < this.#start || end > this.#start + this.#bytes.length) {
      const isSmall = around.end - around.start <= size && around.start <= start && around.end >= end
      this.#start = isSmall ? around.start : start
      this.#bytes = readSpan(this.#file, isSmall ? around : { start, end }, this.#space)
    }
    return this.#bytes.subarray(start - this.#start, end - this.#start)
  }

  /** As many lines from the start on as fit, each with its place; at least one. `end` is where the next one starts. */
  lines(
    span: Span,
    around: Span,
  ): { readonly lines: readonly (readonly [Buffer, number])[]; readonly end: number } {
    for (let most = size; ; most *= 4) {
      const end = Math.min(span.end, span.start + most)
      const bytes = this.bytes({ start: span.start, end }, around)
      const length = end === span.end ? bytes.length : bytes.lastIndexOf(10) + 1
      if (length > 0)
        return {
          lines: split(bytes.subarray(0, length), span.start),
          end: end === span.end ? end : span.start + length,
        }
      if (end === span.end) return { lines: [], end }
    }
  }
}

function split(bytes: Buffer, start: number): readonly (readonly [Buffer, number])[] {
  const lines: (readonly [Buffer, number])[] = []
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(10, from)
    const to = newline === -1 ? bytes.length : newline
    lines.push([bytes.subarray(from, to), start + from])
    from = to + 1
  }
  return lines
}
