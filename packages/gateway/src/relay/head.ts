/** What encoders and the account are told of an answer. */
import type { AnswerHead, Answer } from '@playhead/wire'
import type { AnswerOutcome, RelayContext } from './relay.ts'

/** How an answer that we write begins. */
export function headOf({ id, model, created, url }: RelayContext): AnswerHead {
  return { id, model, created, url }
}

/** An answer as the client is to have it: with who gave it, and what it cost. */
export function toldAnswer(answer: Answer, context: RelayContext): Answer {
  return { ...answer, provider: context.provider, cost: context.cost(answer.usage, answer.cost) }
}

/** What the account needs to know of an answer. */
export function outcomeOf(answer: Answer): AnswerOutcome {
  const { id, model, provider, finishReason, rawFinishReason, usage, cost } = answer
  return { type: 'answer', id, model, provider, finishReason, rawFinishReason, usage, cost }
}
