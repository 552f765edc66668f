/** Decodes reasoning, which comes under four names and often twice. */
import { GrowingText } from '../growing-text.ts'
import { arrayOr, isObject, stringOr, type Unread } from '../json.ts'
import type { JsonObject, ReasoningPart } from '../message.ts'

/** The text of a delta's or message's reasoning, from the first of its fields that has any. */
function decodeReasoningText(wire: Unread): string {
  const plain =
    stringOr(wire['reasoning']) ?? stringOr(wire['reasoning_content']) ?? stringOr(wire['reasoning_text'])
  if (plain !== null) return plain
  let text = ''
  for (const detail of arrayOr(wire['reasoning_details'])) {
    if (isObject(detail)) text += stringOr(detail['text']) ?? stringOr(detail['summary']) ?? ''
  }
  return text
}

/**
 * The reasoning of one answer: its text, and OpenRouter's `reasoning_details`, which hold signatures and
 * encrypted parts and go back to the model untouched
 * (https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks).
 */
export class Reasoning {
  readonly #text = new GrowingText()
  readonly #details: Record<string, unknown>[] = []

  /** Takes a delta and gives the text that it adds. */
  add(wire: Unread): string {
    const text = decodeReasoningText(wire)
    this.#text.add(text)
    for (const detail of arrayOr(wire['reasoning_details'])) if (isObject(detail)) this.#addDetail(detail)
    return text
  }

  /** Takes a whole message: its details are whole too, and stay apart. */
  addWhole(wire: Unread): void {
    this.#text.add(decodeReasoningText(wire))
    this.#details.push(...arrayOr(wire['reasoning_details']).filter(isObject))
  }

  /** Nothing when there was no reasoning. */
  finish(): readonly ReasoningPart[] {
    const text = this.#text.toString()
    if (text === '' && this.#details.length === 0) return []
    const part: ReasoningPart = { type: 'reasoning', text }
    if (this.#details.length === 0) return [part]
    return [
      { ...part, data: { 'openai-chat': { reasoning_details: this.#details as unknown as JsonObject[] } } },
    ]
  }

  /**
   * A streamed detail continues the last one of its type and index. An encrypted one is whole: merging
   * two, or sending one twice, corrupts its signature.
   */
  #addDetail(detail: Unread): void {
    const last = this.#details.at(-1)
    const text = detail['type'] === 'reasoning.summary' ? 'summary' : 'text'
    if (last === undefined || detail['type'] === 'reasoning.encrypted' || !continues(last, detail)) {
      if (!this.#details.some((known) => isSameSecret(known, detail))) this.#details.push({ ...detail })
      return
    }
    for (const [key, value] of Object.entries(detail)) {
      if (value === null || key === '__proto__') continue
      last[key] = key === text ? (stringOr(last[key]) ?? '') + (stringOr(value) ?? '') : value
    }
  }
}

function continues(last: Unread, detail: Unread): boolean {
  return last['type'] === detail['type'] && last['index'] === detail['index']
}

function isSameSecret(known: Unread, detail: Unread): boolean {
  return detail['data'] !== undefined && known['data'] === detail['data'] && known['id'] === detail['id']
}
