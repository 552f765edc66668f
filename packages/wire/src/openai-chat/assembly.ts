/** Puts one answer together, from the chunks of a stream or from a plain response alike. */
import type { Answer, Failure, Usage } from '../answer.ts'
import { GrowingText } from '../growing-text.ts'
import { stringOr, type Unread } from '../json.ts'
import { type AssistantPart, text, type ToolCall } from '../message.ts'
import type { Cost } from '../money.ts'
import { decodeFinishReason } from './finish.ts'
import { Reasoning } from './reasoning.ts'
import { decodeUsage, decodeUsageCost, findUsage } from './usage.ts'

/** Whether nothing came, not even why: an answer may be empty, but then it says that it is over. */
export function isNothing({ message, rawFinishReason }: Answer): boolean {
  return rawFinishReason === null && message.content.length === 0
}

/** What is known of an answer so far. */
export class Assembly {
  readonly text = new GrowingText()
  readonly reasoning = new Reasoning()
  /** The last one that came: some servers send a null after it. */
  rawFinishReason: string | null = null
  usage: Usage | null = null
  cost: Cost | null = null
  #id = ''
  #model = ''
  #provider: string | null = null

  /**
   * Takes the head of a chunk or a response, and its usage. Usage is the last one that says something:
   * some servers count up in every chunk, some send one without counts after it.
   */
  addHead(wire: Unread): void {
    if (this.#id === '') this.#id = stringOr(wire['id']) ?? ''
    if (this.#model === '') this.#model = stringOr(wire['model']) ?? ''
    this.#provider ??= stringOr(wire['provider'])
    const usage = findUsage(wire)
    if (usage === null) return
    this.usage = decodeUsage(usage) ?? this.usage
    this.cost = decodeUsageCost(usage) ?? this.cost
  }

  /** A failure with what had come before it. */
  fail(cause: Failure): Failure {
    const { message } = this.finish([])
    return {
      ...cause,
      provider: cause.provider ?? this.#provider,
      usage: cause.usage ?? this.usage,
      cost: cause.cost ?? this.cost,
      partial: message.content.length > 0 ? message : null,
    }
  }

  finish(calls: readonly ToolCall[]): Answer {
    const content: AssistantPart[] = [...this.reasoning.finish()]
    const words = this.text.toString()
    if (words !== '') content.push(text(words))
    content.push(...calls)
    return {
      type: 'answer',
      id: this.#id,
      model: this.#model,
      provider: this.#provider,
      message: { role: 'assistant', content },
      finishReason: decodeFinishReason(this.rawFinishReason),
      rawFinishReason: this.rawFinishReason,
      usage: this.usage,
      cost: this.cost,
    }
  }
}
