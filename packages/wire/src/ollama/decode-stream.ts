/** Decodes a streamed answer of Ollama's native chat: one JSON object on each line, the last one `done`. */
import { failure } from '../answer.ts'
import { AnswerBuilder } from '../answer-builder.ts'
import { excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { isObject, parseJson, type Unread } from '../json.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { finish, takeLine } from './decode-response.ts'

/** Makes events of the lines of one streamed answer. Never throws. */
export class OllamaReader extends AnswerBuilder implements FrameReader {
  readonly #calls: Unread[] = []
  /** A line that is no object: broken, unless it is the last one, which was cut off. */
  #strange = ''

  take({ data }: Frame): void {
    const wire = parseJson(data)
    if (this.#strange !== '') return this.#failStrange()
    if (isObject(wire)) this.takeBody(wire)
    else this.#strange = data.slice(0, 100)
  }

  takeBody(wire: unknown): void {
    if (!isObject(wire)) return
    const problem = takeLine(this, wire, this.#calls)
    if (problem !== null) this.fail(problem)
    else if (wire['done'] === true) finish(this, wire, this.#calls)
  }

  end(): void {
    if (this.#strange !== '' && !this.#strange.startsWith('{')) return this.#failStrange()
    this.fail(truncated)
  }

  #failStrange(): void {
    this.fail(failure('malformed', `A line of the answer is not an object: ${excerpt(this.#strange)}`))
  }
}
