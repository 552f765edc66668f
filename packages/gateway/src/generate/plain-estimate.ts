/** Counts the tokens of an answer that came whole and whose provider does not say: by its words. */
import type { AssistantPart, Dialect } from '@playhead/wire'

/** What a token has on average, in English. */
const charactersOfToken = 4

/** Output tokens of what a model said; vectors are nothing said. */
export function plainEstimate({ client }: Dialect, body: Uint8Array): number {
  const answer = client.decodeResponse(new TextDecoder().decode(body))
  if (answer.type === 'failure') return 0
  const characters = answer.message.content.reduce((sum, part) => sum + wordsOf(part).length, 0)
  return Math.ceil(characters / charactersOfToken)
}

function wordsOf(part: AssistantPart): string {
  if (part.type === 'tool-call') return part.name + part.inputText
  return part.type === 'text' || part.type === 'reasoning' ? part.text : ''
}
