/**
 * Server-sent events: text in, events out, however the text is cut.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

import { GrowingText } from './growing-text.ts'

/** One event. `name` is empty where the stream gives none. */
export interface SseEvent {
  readonly name: string
  readonly data: string
}

/** Characters that a line or an event may have; beyond, nothing more is read, so memory stays bounded. */
export const maxLength = 64 * 1024 * 1024

/** A push parser. A line is only looked at once it is whole, so cuts cannot change what comes out. */
export class SseParser {
  /** The start of the first line that no event stream has: an error page, another format. Not once there was an event. */
  foreign: string | undefined
  /** Whether a line or an event went beyond `maxLength`. What came before it was given; nothing follows. */
  isTooLong = false
  #events: SseEvent[] = []
  readonly #line = new GrowingText()
  #name = ''
  /** One line nearly always. */
  #data: string | GrowingText | undefined
  #isStray = false

  /**
   * What stood where an event was expected: a provider that fails may send a bare JSON body
   * (https://github.com/vercel/ai/issues/5217). Starts at the first line that opens a JSON object or
   * array and takes all that follows.
   */
  get stray(): string {
    return this.#isStray ? String(this.#data) : ''
  }

  /** The event whose blank line has not come. The spec drops it at the end; it may yet be whole. */
  get open(): SseEvent | null {
    return this.#data === undefined || this.#isStray ? null : { name: this.#name, data: String(this.#data) }
  }

  /** Takes text as it arrived. */
  push(text: string): SseEvent[] {
    this.#events = []
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#takeLines(this.#line.take(text.slice(start, end)))
      start = end + 1
    }
    this.#line.add(text.slice(start))
    this.#limit(this.#line)
    return this.#events
  }

  /** The stream is over: its last line counts even where its line end never came. */
  end(): SseEvent[] {
    return this.#line.length > 0 ? this.push('\n') : []
  }

  /** A line ends with LF, CRLF or CR: the LFs are gone, a CR may be left at the end or inside. */
  #takeLines(line: string): void {
    this.#limit(line)
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line
    if (!whole.includes('\r')) return this.#takeLine(whole)
    for (const part of whole.split('\r')) this.#takeLine(part)
  }

  #takeLine(line: string): void {
    if (this.isTooLong) return
    if (this.#isStray) this.#takeData(line)
    else if (line === '') this.#dispatch()
    else this.#takeField(line.trimStart())
  }

  #takeField(line: string): void {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const start = field.length + 1
    const value = line.slice(line[start] === ' ' ? start + 1 : start)
    if (field === 'data') this.#takeData(value)
    else if (field === 'event') this.#name = value
    else if (field === 'error') {
      // gpustack writes `error: {…}` as a field of its own: the spec ignores it, its users must not.
      this.#dispatch()
      this.#events.push({ name: field, data: value })
    } else if (/^[{[]/.test(line)) {
      this.#dispatch()
      this.#isStray = true
      this.#takeData(line)
    } else if (!fields.some((name) => name.startsWith(field))) {
      this.foreign ??= line.slice(0, 100)
    }
  }

  #takeData(line: string): void {
    if (this.#data === undefined) {
      this.#data = line
      return
    }
    if (typeof this.#data === 'string') this.#data = new GrowingText(this.#data)
    this.#data.add(`\n${line}`)
    this.#limit(this.#data)
  }

  #dispatch(): void {
    const event = this.open
    this.#name = ''
    this.#data = undefined
    if (event === null) return
    this.foreign = ''
    // A list of one needs no room to grow: most chunks hold one event.
    if (this.#events.length === 0) this.#events = [event]
    else this.#events.push(event)
  }

  /** Looks at what the stream says, not at its pieces: it ends at the same place however it is cut. */
  #limit({ length }: string | GrowingText): void {
    this.isTooLong ||= length > maxLength
    if (!this.isTooLong) return
    this.#line.take('')
    this.#isStray = false
    this.#data = undefined
  }
}

/** What a line may begin with, if only in part: a field may be cut off, and a comment's is empty. */
const fields = ['data', 'event', 'id', 'retry']
