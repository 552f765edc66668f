/**
 * Server-sent events: bytes in, frames out, however the bytes are cut.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { failure } from './answer.ts'
import { excerpt } from './failure.ts'
import { type FrameSink, type Framing, maxLength, tooLong } from './frames.ts'
import { GrowingText } from './growing-text.ts'
import { isObject, parseJson } from './json.ts'

/** Looks at a line only once it is whole, so that cuts cannot change what comes out. */
export class SseFraming implements Framing {
  readonly #sink: FrameSink
  readonly #utf8 = new TextDecoder()
  /** The line whose end has not come. */
  readonly #line = new GrowingText()
  #name = ''
  /** One line nearly always. */
  #data: string | GrowingText | undefined
  /**
   * Whether the data is a bare JSON body, which a provider that fails may send (https://github.com/vercel/ai/issues/5217).
   * It starts at the first line that opens a JSON object or array and takes all that follows.
   */
  #isBody = false
  /** The first line that no event stream has: an error page, another format. Empty once there was an event. */
  #foreign: string | undefined

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  push(chunk: Uint8Array): void {
    this.#read(this.#utf8.decode(chunk, { stream: true }))
  }

  /** The last line counts even where its line end never came, and the last event where it is whole all the same. */
  end(): void {
    this.#read(this.#utf8.decode())
    if (this.#line.length > 0) this.#read('\n')
    const data = String(this.#data ?? '')
    const wire = parseJson(data)
    if (this.#sink.isOver) return
    if (this.#isBody && wire !== undefined) this.#sink.takeBody(wire)
    else if (!this.#isBody && (this.#name === 'error' || data.trim() === '[DONE]' || isObject(wire)))
      this.#dispatch()
    else if (this.#foreign && (this.#isBody || data === ''))
      this.#sink.fail(failure('malformed', `The answer is not a stream of events: ${excerpt(this.#foreign)}`))
  }

  #read(text: string): void {
    this.#line.add(text.includes('\n') ? this.#takeLines(this.#line.take(text)) : text)
    this.#limit(this.#line.length)
  }

  /** A line ends with LF, CRLF or CR. Gives what stands behind the last LF. */
  #takeLines(text: string): string {
    let start = 0
    let colon = -1
    let cr = -1
    let lf = text.indexOf('\n')
    while (lf !== -1) {
      if (colon < start) colon = placeOf(':', text, start)
      if (cr < start) cr = placeOf('\r', text, start)
      const end = Math.min(cr, lf)
      this.#takeLine(text, start, Math.min(colon, end), end)
      start = 1 + (cr + 1 < lf ? cr : lf)
      if (lf < start) lf = text.indexOf('\n', start)
    }
    return text.slice(start)
  }

  /** Places instead of pieces of text: each piece would cost as much as finding it. */
  #takeLine(text: string, start: number, colon: number, end: number): void {
    this.#limit(end - start)
    if (this.#isBody) return this.#addData(text.slice(start, end))
    if (start === end) return this.#dispatch()
    let field = text.slice(start, colon)
    if (field !== 'data') field = field.trimStart()
    const value = text.slice(colon + (text.charCodeAt(colon + 1) === 0x20 ? 2 : 1), end)
    if (field === 'data') {
      this.#addData(value)
    } else if (field === 'event') {
      this.#name = value
    } else if (field === 'error') {
      // gpustack writes `error: {…}` as a field of its own: the spec ignores it, its users must not.
      this.#dispatch()
      this.#name = field
      this.#data = value
      this.#dispatch()
    } else if (/^[{[]/.test(field)) {
      this.#dispatch()
      this.#isBody = true
      this.#addData(text.slice(start, end))
    } else if (!fields.some((name) => name.startsWith(field))) {
      this.#foreign ??= text.slice(start, end)
    }
  }

  #addData(line: string): void {
    if (this.#data === undefined) {
      this.#data = line
      return
    }
    if (typeof this.#data === 'string') this.#data = new GrowingText(this.#data)
    this.#data.add(`\n${line}`)
    this.#limit(this.#data.length)
  }

  #dispatch(): void {
    const name = this.#name
    const data = this.#data
    this.#name = ''
    this.#data = undefined
    if (data === undefined || this.#sink.isOver) return
    this.#foreign = ''
    this.#sink.take({ name, data: String(data) })
  }

  /** Looks at what the stream says, not at its pieces: it ends at the same place however it is cut. */
  #limit(length: number): void {
    if (length > maxLength && !this.#sink.isOver) this.#sink.fail(tooLong)
  }
}

/** Where it stands next; the end where it does not: so nothing is looked for more often than it is found. */
function placeOf(char: string, text: string, start: number): number {
  const place = text.indexOf(char, start)
  return place === -1 ? text.length : place
}

/** What a line may begin with, if only in part: a field may be cut off, and a comment's is empty. */
const fields = ['data', 'event', 'id', 'retry']
