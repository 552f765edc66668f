/** Decodes a streamed answer of Ollama's native chat: one JSON object on each line, the last one `done`. */
import { type Failure, failure, type StreamEvent } from '../answer.ts'
import { AnswerBuilder } from '../answer-builder.ts'
import { excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { isObject, parseJson, type Unread } from '../json.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { finish, takeLine } from './decode-response.ts'

export class OllamaReader implements FrameReader {
  readonly #builder = new AnswerBuilder()
  readonly #calls: Unread[] = []
  /** A line that is no object: broken, unless it is the last one, which was cut off. */
  #strange = ''

  get isOver(): boolean {
    return this.#builder.isOver
  }

  get usage(): FrameReader['usage'] {
    return this.#builder.usage
  }

  get cost(): FrameReader['cost'] {
    return this.#builder.cost
  }

  takeEvents(): readonly StreamEvent[] {
    return this.#builder.takeEvents()
  }

  take({ data }: Frame): void {
    const wire = parseJson(data)
    if (this.#strange !== '') return this.#failStrange()
    if (isObject(wire)) this.takeBody(wire)
    else this.#strange = data.slice(0, 100)
  }

  takeBody(wire: unknown): void {
    if (!isObject(wire)) return
    const problem = takeLine(this.#builder, wire, this.#calls)
    if (problem !== null) this.fail(problem)
    else if (wire['done'] === true) finish(this.#builder, wire, this.#calls)
  }

  end(): void {
    if (this.#strange !== '' && !this.#strange.startsWith('{')) return this.#failStrange()
    this.fail(truncated)
  }

  fail(cause: Failure): void {
    this.#builder.fail(cause)
  }

  #failStrange(): void {
    this.fail(failure('malformed', `A line of the answer is not an object: ${excerpt(this.#strange)}`))
  }
}
