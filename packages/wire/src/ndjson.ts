/** One JSON text on each line (NDJSON): bytes in, frames out. https://github.com/ndjson/ndjson-spec */
import { type FrameSink, type Framing, maxLength, tooLong } from './frames.ts'
import { GrowingText } from './growing-text.ts'

export class LineFraming implements Framing {
  readonly #sink: FrameSink
  readonly #utf8 = new TextDecoder()
  readonly #line = new GrowingText()

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  push(chunk: Uint8Array): void {
    this.#read(this.#utf8.decode(chunk, { stream: true }))
  }

  /** The last line counts even where its end never came. */
  end(): void {
    this.#read(`${this.#utf8.decode()}\n`)
  }

  #read(text: string): void {
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#takeLine(this.#line.take(text.slice(start, end)))
      start = end + 1
    }
    this.#line.add(text.slice(start))
    if (this.#line.length > maxLength) this.#takeLine(this.#line.take(''))
  }

  #takeLine(line: string): void {
    const data = line.trim()
    if (data === '' || this.#sink.isOver) return
    if (line.length > maxLength) this.#sink.fail(tooLong)
    else this.#sink.take({ name: '', data })
  }
}
