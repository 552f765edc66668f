/** Streams as frames: what a transport puts around the JSON of a dialect. */
import { failure, type Failure } from './answer.ts'
import { excerpt } from './failure.ts'
import { GrowingText } from './growing-text.ts'
import { isObject, parseJson } from './json.ts'
import { maxLength, SseParser } from './sse.ts'

/** One message of a stream. `name` is empty where the transport gives none. */
export interface Frame {
  readonly name: string
  readonly data: string
  /** The transport itself says that this is an error (AWS's exceptions); `name` is its type. */
  readonly isException?: true
}

/** Cuts bytes into frames, however they arrive. */
export interface Framing {
  push(chunk: Uint8Array): readonly Frame[]
  /** The bytes are over: a last frame whose end never came, if it is whole all the same. */
  end(): readonly Frame[]
  /** What is wrong with the bytes so far, beyond repair; null when nothing is. */
  readonly problem: Failure | null
  /** A JSON body that stands where frames were expected: an error, or an answer that was not streamed. */
  readonly stray: string
}

/** Server-sent events. */
export class SseFraming implements Framing {
  problem: Failure | null = null
  readonly #utf8 = new TextDecoder()
  readonly #sse = new SseParser()

  push(chunk: Uint8Array): readonly Frame[] {
    return this.#take(this.#utf8.decode(chunk, { stream: true }))
  }

  end(): readonly Frame[] {
    const frames = [...this.#take(this.#utf8.decode()), ...this.#sse.end()]
    const { open, foreign } = this.#sse
    if (open !== null && isWhole(open)) frames.push(open)
    if (open === null && foreign)
      this.problem ??= failure('malformed', `The answer is not a stream of events: ${excerpt(foreign)}`)
    return frames
  }

  get stray(): string {
    return this.#sse.stray
  }

  #take(text: string): readonly Frame[] {
    const frames = this.#sse.push(text)
    if (this.#sse.isTooLong) this.problem = tooLong
    return frames
  }
}

const tooLong = failure('malformed', `An event of the stream has more than ${maxLength} characters`)

/** Whether an event that was cut off says something all the same. */
function isWhole({ name, data }: Frame): boolean {
  return name === 'error' || data.trim() === '[DONE]' || isObject(parseJson(data))
}

/** One JSON text on each line (NDJSON). */
export class LineFraming implements Framing {
  problem: Failure | null = null
  readonly stray = ''
  readonly #utf8 = new TextDecoder()
  readonly #line = new GrowingText()

  push(chunk: Uint8Array): readonly Frame[] {
    return this.#take(this.#utf8.decode(chunk, { stream: true }))
  }

  end(): readonly Frame[] {
    return this.#take(`${this.#utf8.decode()}\n`)
  }

  #take(text: string): readonly Frame[] {
    const frames: Frame[] = []
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const data = this.#line.take(text.slice(start, end)).trim()
      if (data !== '') frames.push({ name: '', data })
      start = end + 1
    }
    this.#line.add(text.slice(start))
    if (this.#line.length > maxLength) this.problem = tooLong
    return this.problem === null ? frames : []
  }
}
