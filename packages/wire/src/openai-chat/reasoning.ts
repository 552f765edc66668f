/** Decodes reasoning, which comes under four names and often twice. */
import { arrayOr, isObject, stringIn, stringifyJson, stringOr, type Unread } from '../json.ts'
import type { JsonObject } from '../message.ts'

/** The text of a delta's or message's reasoning, from the first of its fields that has any. */
export function reasoningTextOf(wire: Unread): string {
  const plain =
    stringOr(wire['reasoning']) ?? stringOr(wire['reasoning_content']) ?? stringOr(wire['reasoning_text'])
  // Said already: what follows are the details of it.
  if (plain !== null || wire['reasoning'] === '') return plain ?? ''
  return wordsOf(wire['reasoning_details'])
}

/** The text in a list of parts, or a text itself. */
export function wordsOf(content: unknown): string {
  if (typeof content === 'string') return content
  let words = ''
  for (const part of arrayOr(content)) if (isObject(part)) words += stringIn(part, 'text', 'summary') ?? ''
  return words
}

/**
 * OpenRouter's `reasoning_details`, which hold signatures and encrypted parts and go back to the model untouched
 * (https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks).
 */
export class ReasoningDetails {
  readonly #secrets = new Set<string>()
  #open: Record<string, unknown>[] = []

  /** Takes those of a delta; those of a whole message are whole too, and stay apart. */
  add(wire: unknown, isWhole: boolean): void {
    for (const detail of arrayOr(wire)) if (isObject(detail)) this.#add(detail, isWhole)
  }

  /** Those since this was last asked; undefined when there are none. */
  take(): JsonObject[] | undefined {
    const details = this.#open
    if (details.length === 0) return undefined
    this.#open = []
    return details as unknown as JsonObject[]
  }

  /**
   * A streamed detail continues the last one of its type and index. An encrypted one is whole: merging
   * two, or sending one twice, corrupts its signature.
   */
  #add(detail: Unread, isWhole: boolean): void {
    const last = this.#open.at(-1)
    if (
      isWhole ||
      last === undefined ||
      detail['type'] === 'reasoning.encrypted' ||
      !continues(last, detail)
    ) {
      const { data, id } = detail
      const secret = stringifyJson([data, id])
      if (isWhole || data === undefined || !this.#secrets.has(secret)) this.#open.push({ ...detail })
      this.#secrets.add(secret)
      return
    }
    for (const [key, value] of Object.entries(detail)) {
      if (value === null || key === '__proto__') continue
      const isWords = key === 'text' || key === 'summary'
      last[key] = isWords ? (stringOr(last[key]) ?? '') + (stringOr(value) ?? '') : value
    }
  }
}

/** Whether a streamed detail says more of the one before it. */
export function continues(last: Unread, detail: Unread): boolean {
  return last['type'] === detail['type'] && last['index'] === detail['index']
}
