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
  #events: SseEvent[] = []
  #pieces: string[] = []
  #piecesLength = 0
  #name = ''
  #data: string | undefined
  /** What `data` has beyond its first line, which is nearly always all of it. */
  #moreData: GrowingText | undefined
  #stray: GrowingText | undefined
  #foreign = ''
  #isTooLong = false

  /**
   * What stood where an event was expected: a provider that fails may send a bare JSON body
   * (https://github.com/vercel/ai/issues/5217). Starts at the first line that opens a JSON object or
   * array and takes all that follows.
   */
  get stray(): string {
    return this.#stray?.toString() ?? ''
  }

  /** The start of the first line that no event stream has: an error page, another format. Empty without one. */
  get foreign(): string {
    return this.#foreign
  }

  /** Whether a line or an event went beyond `maxLength`. What came before it was given; nothing follows. */
  get isTooLong(): boolean {
    return this.#isTooLong
  }

  /** The event whose blank line has not come. The spec drops it at the end; it may yet be whole. */
  get open(): SseEvent | null {
    return this.#data === undefined ? null : { name: this.#name, data: this.#wholeData(this.#data) }
  }

  /** Takes text as it arrived. */
  push(text: string): SseEvent[] {
    this.#events = []
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1 && !this.#isTooLong; end = text.indexOf('\n', start)) {
      this.#takeLines(this.#completed(text.slice(start, end)))
      start = end + 1
    }
    if (start < text.length && !this.#isTooLong) {
      this.#pieces.push(start === 0 ? text : text.slice(start))
      this.#piecesLength += text.length - start
      this.#limit(this.#piecesLength)
    }
    return this.#events
  }

  /** The stream is over: its last line counts even where its line end never came. */
  end(): SseEvent[] {
    this.#events = []
    if (this.#pieces.length > 0) this.#takeLines(this.#completed(''))
    return this.#events
  }

  /** Joins the pieces of a line once: searching a growing string again would be quadratic. */
  #completed(last: string): string {
    if (this.#pieces.length === 0) return last
    this.#pieces.push(last)
    const line = this.#pieces.join('')
    this.#pieces = []
    this.#piecesLength = 0
    return line
  }

  /** A line ends with LF, CRLF or CR: the LFs are gone, a CR may be left at the end or inside. */
  #takeLines(line: string): void {
    this.#limit(line.length)
    if (this.#isTooLong) return
    if (!line.includes('\r')) return this.#takeLine(line)
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line
    for (const part of whole.split('\r')) this.#takeLine(part)
  }

  #takeLine(line: string): void {
    if (this.#stray !== undefined) {
      this.#stray.add(`\n${line}`)
      this.#limit(this.#stray.length)
    } else if (line.startsWith('data:')) {
      this.#takeData(line.slice(line.startsWith(' ', 5) ? 6 : 5))
    } else if (line === '') {
      this.#dispatch()
    } else {
      this.#takeField(line.trimStart())
    }
  }

  #takeField(line: string): void {
    if (line.startsWith('{') || line.startsWith('[')) {
      this.#dispatch()
      this.#stray = new GrowingText()
      this.#stray.add(line)
      return
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#takeData(value)
    else if (field === 'event') this.#name = value
    else if (field === 'error') {
      // gpustack writes `error: {…}` as a field of its own: the spec ignores it, its users must not.
      this.#dispatch()
      this.#emit({ name: 'error', data: value })
    } else if (this.#foreign === '' && !isFieldStart(field)) {
      this.#foreign = line.slice(0, 100)
    }
  }

  #takeData(value: string): void {
    if (this.#data === undefined) {
      this.#data = value
      return
    }
    this.#moreData ??= new GrowingText()
    this.#moreData.add(`\n${value}`)
    this.#limit(this.#data.length + this.#moreData.length)
  }

  #dispatch(): void {
    if (this.#data !== undefined) this.#emit({ name: this.#name, data: this.#wholeData(this.#data) })
    this.#name = ''
    this.#data = undefined
    this.#moreData = undefined
  }

  #wholeData(first: string): string {
    return this.#moreData === undefined ? first : first + this.#moreData.toString()
  }

  /** A list of one needs no room to grow: most chunks hold one event. */
  #emit(event: SseEvent): void {
    if (this.#events.length === 0) this.#events = [event]
    else this.#events.push(event)
  }

  /** Looks at what the stream says, not at its pieces: it ends at the same place however it is cut. */
  #limit(length: number): void {
    if (length <= maxLength) return
    this.#isTooLong = true
    this.#pieces = []
    this.#data = undefined
    this.#moreData = undefined
  }
}

const fields = ['data', 'event', 'id', 'retry']

/** Also of one that is cut off. A comment's is empty. */
function isFieldStart(field: string): boolean {
  return fields.some((name) => name.startsWith(field))
}
