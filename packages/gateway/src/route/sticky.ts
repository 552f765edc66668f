/** Where conversations went: back to the same endpoint, whose prompt cache they are in. */
import { Recent } from './recent.ts'

export interface Sticky {
  /** The endpoint that a conversation was last answered by; null for one that is new, or was silent for too long. */
  find(text: string, now: number): string | null
  remember(text: string, endpoint: string, now: number): void
}

/** Milliseconds without an answer after which a conversation is free again. */
const idle = 600_000
const keptConversations = 20_000

export function createSticky(): Sticky {
  const conversations = new Recent<{ readonly endpoint: string; readonly at: number }>(keptConversations)
  return {
    find(text, now) {
      const last = conversations.peek(text)
      return last === undefined || now - last.at >= idle ? null : last.endpoint
    },
    remember(text, endpoint, now) {
      conversations.set(text, { endpoint, at: now })
    },
  }
}
