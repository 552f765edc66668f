/** Streams that are one JSON array of objects, which Gemini sends where no event stream is asked for. */
import { failure, type Failure } from './answer.ts'
import { type FrameSink, type Framing, maxLength } from './frames.ts'
import { GrowingText } from './growing-text.ts'
import { truncated } from './stream-decoder.ts'

/** What may come next; `in` an element nothing is looked at but strings and nesting. */
type Place = 'start' | 'first' | 'element' | 'in' | 'behind' | 'closed'

const quote = 0x22
const backslash = 0x5c

/**
 * A JSON array, one frame for each element as soon as it is whole. Elements are only cut out, not checked: the
 * parser of the frame does that. An array whose bracket never came is `truncated`, whatever its elements said.
 */
export class JsonArrayFraming implements Framing {
  readonly #sink: FrameSink
  readonly #utf8 = new TextDecoder()
  #place: Place = 'start'
  #depth = 0
  #isString = false
  #isEscaped = false
  #element = new GrowingText()

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  push(chunk: Uint8Array): void {
    this.#read(this.#utf8.decode(chunk, { stream: true }))
  }

  end(): void {
    this.#read(this.#utf8.decode())
    if (this.#place !== 'closed' && !this.#sink.isOver) this.#sink.fail(truncated)
  }

  #read(text: string): void {
    let index = 0
    while (index < text.length && !this.#sink.isOver) {
      if (this.#place === 'in') {
        const end = this.#endOfElement(text, index)
        const length = this.#element.length + end - index
        if (length > maxLength) this.#sink.fail(tooLong)
        else if (this.#depth === 0)
          this.#sink.take({ name: '', data: this.#closeElement(text.slice(index, end)) })
        else this.#element.add(text.slice(index, end))
        index = end
      } else {
        // An opening brace is looked at again, as the first character of its element.
        if (!this.#between(text.charAt(index))) index += 1
      }
    }
  }

  /** The place behind the element's last character in the text, or the text's end. */
  #endOfElement(text: string, start: number): number {
    let [index, depth, isString, isEscaped] = [start, this.#depth, this.#isString, this.#isEscaped]
    for (let isOpen = true; isOpen && index < text.length; index += 1) {
      const char = text.charCodeAt(index)
      if (isString) {
        if (isEscaped) isEscaped = false
        else if (char === backslash) isEscaped = true
        else if (char === quote) isString = false
      } else if (char === quote) {
        isString = true
      } else if (char === 0x7b || char === 0x5b) {
        depth += 1
      } else if (char === 0x7d || char === 0x5d) {
        depth -= 1
        isOpen = depth > 0
      }
    }
    this.#depth = depth
    this.#isString = isString
    this.#isEscaped = isEscaped
    return index
  }

  /** Most elements come in one piece, which is all of it. */
  #closeElement(last: string): string {
    this.#place = 'behind'
    if (this.#element.length === 0) return last
    const whole = this.#element.toString() + last
    this.#element = new GrowingText()
    return whole
  }

  /** Looks at a character outside of elements. Whether an element begins. */
  #between(char: string): boolean {
    if (char === ' ' || char === '\n' || char === '\r' || char === '\t') return false
    const next = places[this.#place][char]
    if (next === undefined) this.#sink.fail(notAnArray(char))
    else this.#place = next
    return next === 'in'
  }
}

/** Where each character leads. What is not here has no place in an array of objects. */
const places: Readonly<Record<Place, Readonly<Record<string, Place>>>> = {
  start: { '[': 'first' },
  first: { '{': 'in', ']': 'closed' },
  element: { '{': 'in' },
  in: {},
  behind: { ',': 'element', ']': 'closed' },
  closed: {},
}

const tooLong = failure('malformed', `An element of the stream has more than ${maxLength} characters`)

function notAnArray(char: string): Failure {
  return failure('malformed', `The answer is not an array of objects: ${JSON.stringify(char)} stands in it`)
}
