/** What it takes to let another endpoint go on with an answer that broke off. */
import {
  addUsage,
  type Answer,
  type AssistantMessage,
  type AssistantPart,
  type ModelRequest,
  type PartEvent,
  text,
  textOf,
  type TextPart,
  type Usage,
} from '@playhead/wire'

/** Whether the answer broke off within its text. A tool's input is never put together from two models' words. */
export function canContinue(partial: AssistantMessage | null): partial is AssistantMessage {
  if (partial === null) return false
  const { content } = partial
  const last = content.at(-1)
  const isText = content.every(({ type }) => type === 'text' || type === 'reasoning')
  return isText && last?.type === 'text' && last.text.trim() !== ''
}

/**
 * The request for the rest: the text so far stands as the beginning of the answer. Reasoning does not: only its own model takes it back.
 * Without blanks at the end, which Anthropic refuses there. `outputTokens` have been used of those that are allowed.
 */
export function continuation(
  request: ModelRequest,
  partial: AssistantMessage,
  outputTokens: number,
): ModelRequest {
  const { maxOutputTokens } = request
  const begun: AssistantMessage = { role: 'assistant', content: [text(textOf(partial.content).trimEnd())] }
  return {
    ...request,
    messages: [...request.messages, begun],
    ...(maxOutputTokens !== undefined && { maxOutputTokens: Math.max(1, maxOutputTokens - outputTokens) }),
  }
}

/** What had come of an answer, and how what another upstream adds becomes one answer with it. */
export class ContinuedAnswer {
  /** Of all upstreams before; null where none of them said. */
  readonly usage: Usage | null
  readonly #said: AssistantMessage
  /** The blanks at the end that the other model was not told, as far as it has not written them again. */
  #blanks: string
  #isFirst = true

  constructor(said: AssistantMessage, usage: Usage | null) {
    this.#said = said
    this.usage = usage
    this.#blanks = blanksAtEnd(said)
  }

  /** An event as the client is to have it; null for one that says nothing new. */
  event(event: PartEvent): PartEvent | null {
    if (event.type === 'part-end') {
      const { part } = event
      const isFirst = this.#isFirst && part.type === 'text'
      this.#isFirst = false
      return isFirst ? { type: 'part-end', part: this.#joined(part) } : event
    }
    if (event.type !== 'text') {
      this.#isFirst = false
      return event
    }
    const { words, blanks } = without(this.#blanks, event.text)
    this.#blanks = words === '' ? blanks : ''
    return words === '' ? null : { ...event, text: words }
  }

  /** All that has been said by now. */
  message(added: AssistantMessage | null): AssistantMessage {
    const [first, ...rest] = added?.content ?? []
    if (first === undefined) return this.#said
    const content: AssistantPart[] =
      first.type === 'text'
        ? [...this.#said.content.slice(0, -1), this.#joined(first), ...rest]
        : [...this.#said.content, first, ...rest]
    return { role: 'assistant', content }
  }

  /** The answer as one. */
  answer(added: Answer): Answer {
    return { ...added, message: this.message(added.message), usage: sumOf(this.usage, added.usage) }
  }

  #joined(added: TextPart): TextPart {
    const last = this.#said.content.at(-1)
    if (last?.type !== 'text') return added
    const { words } = without(blanksAtEnd(this.#said), added.text)
    const moved = last.text.length + words.length - added.text.length
    const citations = [
      ...(last.citations ?? []),
      ...(added.citations ?? []).map((one) => ({
        ...one,
        ...(one.start !== undefined && { start: one.start + moved }),
        ...(one.end !== undefined && { end: one.end + moved }),
      })),
    ]
    return { type: 'text', text: last.text + words, ...(citations.length > 0 && { citations }) }
  }
}

/** The tokens of two, of which each may be unknown. */
export function sumOf(a: Usage | null, b: Usage | null): Usage | null {
  return a === null || b === null ? (a ?? b) : addUsage(a, b)
}

function blanksAtEnd({ content }: AssistantMessage): string {
  const said = textOf(content)
  return said.slice(said.trimEnd().length)
}

/** The words without those blanks that they begin with, and which are left of the blanks. */
function without(blanks: string, words: string): { readonly words: string; readonly blanks: string } {
  let place = 0
  while (place < blanks.length && blanks[place] === words[place]) place += 1
  return { words: words.slice(place), blanks: blanks.slice(place) }
}
