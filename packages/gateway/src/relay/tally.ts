/** Estimates the tokens of an answer while it comes, for when its provider never counts them. */
import type { PartEvent, StreamEvent } from '@playhead/wire'
import { wordsOf } from './delta-rules.ts'

/** What a token has on average, in English. */
const charactersOfToken = 4

/**
 * Estimates output tokens: the larger of the number of deltas and their characters ÷ 4. Deltas that were not read are taken
 * to be as long as the others on average.
 */
export class Tally {
  #frames = 0
  #read = 0
  #characters = 0

  /** Whether it is known how long a delta is. */
  get isInformed(): boolean {
    return this.#read > 0
  }

  /** Counts a delta that was not read. */
  pass(): void {
    this.#frames += 1
  }

  /** The events of a frame that was read. */
  take(events: readonly StreamEvent[]): void {
    let characters = 0
    for (const event of events) if (isPart(event)) characters += wordsOf(event).length
    if (characters === 0) return
    this.#frames += 1
    this.#read += 1
    this.#characters += characters
  }

  get estimate(): number {
    if (this.#read === 0) return 0
    const words = (this.#characters / this.#read / charactersOfToken) * this.#frames
    return Math.ceil(Math.max(this.#frames, words))
  }
}

export function isPart(event: StreamEvent): event is PartEvent {
  return event.type !== 'finish' && event.type !== 'error'
}

/** Whether an event brings a part of the answer. The begin of a part, and reasoning without text, bring nothing yet. */
export function isToken(event: StreamEvent): boolean {
  if (!isPart(event)) return false
  if (event.type === 'part') return event.part.type !== 'reasoning' || event.part.text !== ''
  return 'text' in event ? event.text !== '' : true
}
