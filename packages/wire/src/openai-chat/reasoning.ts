/** Decodes reasoning, which comes under four names and often twice. */
import { objectsOr, stringIn, stringifyJson, stringOr, type Unread } from '../json.ts'
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
  for (const part of objectsOr(content)) words += stringIn(part, 'text', 'summary') ?? ''
  return words
}

/**
 * OpenRouter's `reasoning_details`, which hold signatures and encrypted parts and go back to the model untouched
 * (https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks).
 */
export class ReasoningDetails {
  readonly #secrets = new Set<string>()
  #open: Record<string, unknown>[] = []

  /**
   * Takes those of a delta; those of a whole message are whole too, and stay apart. A streamed detail continues the
   * last one of its type and index. An encrypted one is whole: merging two, or sending one twice, corrupts its
   * signature.
   */
  add(wire: unknown, isWhole: boolean): void {
    for (const detail of objectsOr(wire)) {
      const { type, data, id } = detail
      const last = this.#open.at(-1)
      if (!isWhole && type !== 'reasoning.encrypted' && last !== undefined && continues(last, detail)) {
        extend(last, detail, ['text', 'summary'])
        continue
      }
      const secret = stringifyJson([data, id])
      if (isWhole || data === undefined || !this.#secrets.has(secret)) this.#open.push({ ...detail })
      this.#secrets.add(secret)
    }
  }

  /** Those since this was last asked; undefined when there are none. */
  take(): JsonObject[] | undefined {
    const details = this.#open
    if (details.length === 0) return undefined
    this.#open = []
    return details as unknown as JsonObject[]
  }
}

/** Adds the fields of a delta: words grow, all others are replaced. A null says nothing. */
export function extend(whole: Record<string, unknown>, delta: Unread, words: readonly string[]): void {
  for (const [name, value] of Object.entries(delta)) {
    if (value === null || name === '__proto__') continue
    whole[name] = words.includes(name) ? (stringOr(whole[name]) ?? '') + (stringOr(value) ?? '') : value
  }
}

/** Whether a streamed detail says more of the one before it. */
export function continues(last: Unread, detail: Unread): boolean {
  return last['type'] === detail['type'] && last['index'] === detail['index']
}
