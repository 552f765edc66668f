/** Which conversation a question belongs to: one key's are never found by another's. */
import type { Question } from '../question.ts'
import { cachePrefixOf } from '../question/cache-prefix.ts'
import type { StickyKey } from '../route/route.ts'
import type { KeyRecord } from '../store/store.ts'

export class Conversation implements StickyKey {
  readonly #question: Question
  readonly #who: KeyRecord
  #text: string | null = null

  constructor(question: Question, who: KeyRecord) {
    this.#question = question
    this.#who = who
  }

  get isSession(): boolean {
    return this.#question.session !== null
  }

  /** Made when it is first asked for: a digest takes its time, and where a model has one endpoint nobody asks. */
  get text(): string {
    const { session } = this.#question
    this.#text ??= session === null ? `prefix ${cachePrefixOf(this.#question)}` : `session ${session}`
    return `${this.#who.id} ${this.#text}`
  }
}
