/** Cuts server-sent events out of bytes, each with its blank line, and leaves them as they are. */

/** Bytes that a frame may have: what is longer is no answer of a model, and memory stays bounded. */
export const maxFrameLength = 32 * 1024 * 1024

/** Bytes that begin with a frame, and the same as text, one character a byte. */
export interface FrameText {
  readonly bytes: Uint8Array
  readonly text: string
  /** Whether lines may end with a CR, which makes ends dearer to find. */
  readonly hasCr: boolean
}

/** Two line ends in a row. Whether a CR at the end is one by itself is not known yet. */
const blankLine = /(?:\r\n|\n|\r(?!\n|$))(?:\r\n|\n|\r(?!\n|$))/g

/** So many characters of what is held may belong to the blank line that ends it. */
const overlap = 3

/** The place behind the frame that begins at `start`; -1 where its end has not come. */
export function endOfFrame({ text, hasCr }: FrameText, start: number): number {
  if (!hasCr) {
    const end = text.indexOf('\n\n', start)
    return end === -1 ? -1 : end + 2
  }
  blankLine.lastIndex = start
  return blankLine.test(text) ? blankLine.lastIndex : -1
}

/** Gathers chunks until a frame is whole. Each byte is copied once at most. */
export class SseFrames {
  #held: Uint8Array[] = []
  #length = 0
  /** The last characters of what is held. */
  #tail = ''

  /** How much is held. */
  get length(): number {
    return this.#length
  }

  /** All that is not taken yet, where a frame in it is whole; else null. Whoever takes it holds what he has no use for. */
  push(chunk: Uint8Array): FrameText | null {
    const whole = frameText(chunk)
    const seen = this.#length === 0 ? whole : frameText(chunk, this.#tail + whole.text)
    if (endOfFrame(seen, 0) === -1) {
      this.hold(whole.bytes, whole.text)
      return null
    }
    return seen === whole ? whole : frameText(this.take(chunk))
  }

  /** Keeps what is no whole frame yet. */
  hold(bytes: Uint8Array, text: string = latin1(bytes.subarray(-overlap))): void {
    if (bytes.length === 0) return
    this.#held.push(bytes)
    this.#length += bytes.length
    this.#tail = (this.#tail + text).slice(-overlap)
  }

  /** What is held, and this behind it. */
  take(...more: readonly Uint8Array[]): Uint8Array {
    const pieces = [...this.#held, ...more]
    this.#held = []
    this.#length = 0
    this.#tail = ''
    const [first] = pieces
    return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces)
  }
}

/** One character for each byte: places in it are places in the bytes, and all that frames are told apart by is ASCII. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function frameText(bytes: Uint8Array, text: string = latin1(bytes)): FrameText {
  return { bytes, text, hasCr: text.includes('\r') }
}
