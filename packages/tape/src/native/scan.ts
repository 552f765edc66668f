/** Goes through the lines of a file of any size, without parsing them and without holding them. */
import { readSync } from 'node:fs'

/** A line in its file, without its end; in bytes. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Takes a line, of which at least the first bytes (`shownBytes`, or all) stand in `block` from `from` on. */
export type Visit = (block: Buffer, from: number, line: Span) => void

/** Bytes of a line that a visitor sees at least. */
export const shownBytes = 256

const blockSize = 2 ** 18

/** Visits the whole lines among a file's first `size` bytes. Gives where the rest starts, which has no line end. */
export function scanLines(file: number, size: number, visit: Visit): number {
  const block = Buffer.allocUnsafe(blockSize)
  /** The file's bytes that `block` holds, and where in it the line starts that is not over. */
  let [held, heldFrom, lineFrom] = [0, 0, 0]
  let longLine: number | undefined
  for (;;) {
    const read = heldFrom + held < size ? readAt(file, block, held, heldFrom + held, size) : 0
    if (read === 0) return longLine ?? heldFrom + lineFrom
    const searchFrom = held
    held += read
    const filled = block.subarray(0, held)
    let newline = filled.indexOf(10, searchFrom)
    while (newline !== -1) {
      const end = heldFrom + newline
      if (longLine === undefined) visit(block, lineFrom, { start: heldFrom + lineFrom, end })
      else visit(block, 0, { start: longLine, end })
      longLine = undefined
      lineFrom = newline + 1
      newline = filled.indexOf(10, lineFrom)
    }
    // What is left of the last line goes to the front, and if the line is longer than the block, only its start.
    if (longLine === undefined && lineFrom === 0 && held === blockSize) longLine = heldFrom
    const kept = longLine === undefined ? held - lineFrom : shownBytes
    if (longLine === undefined) block.copyWithin(0, lineFrom, held)
    heldFrom += held - kept
    held = kept
    lineFrom = 0
  }
}

/** Fills the block from `offset` on, with what stands in the file at `position`; gives how many bytes that were. */
function readAt(file: number, block: Buffer, offset: number, position: number, size: number): number {
  return readSync(file, block, offset, Math.min(block.length - offset, size - position), position)
}

/** These bytes of a file; fewer where it has no more. They are read into `into` if they fit. */
export function readSpan(file: number, { start, end }: Span, into?: Buffer): Buffer {
  const size = end - start
  const bytes = into !== undefined && into.length >= size ? into.subarray(0, size) : Buffer.allocUnsafe(size)
  let length = 0
  while (length < size) {
    const read = readSync(file, bytes, length, size - length, start + length)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}
