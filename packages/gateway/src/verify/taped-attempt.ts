/** What a recorded exchange says of an attempt: derived from its bytes, as the gateway derived it while they came. */
import type { Interaction } from '@playhead/tape'
import { type Answer, type Failure, type FailureCode, understand, type Usage } from '@playhead/wire'
import { reportedMoney } from '../generate/account.ts'
import { embeddings } from '../generate/embeddings.ts'
import type { Money } from '../money.ts'
import { wholeUsage } from '../price.ts'

export interface TapedAttempt {
  /** Whether its exchange ended by itself: else the connection broke, or the gateway gave it up. */
  readonly isWhole: boolean
  /** Null where no head came. */
  readonly status: number | null
  /** `answer`, or a failure's code; null where it cannot be told. */
  readonly outcome: 'answer' | FailureCode | null
  /** As reported; null where it was not. */
  readonly usage: Usage | null
  readonly cost: Money | null
  /** Of an answer. */
  readonly finishReason: string | null
  readonly rawFinishReason: string | null
}

export function tapedAttempt(interaction: Interaction): TapedAttempt {
  const { response, ending } = interaction
  const outcome = outcomeOf(interaction)
  const answer = outcome?.type === 'answer' ? outcome : null
  return {
    isWhole: ending.type === 'end',
    status: response?.status ?? null,
    outcome: outcome?.type === 'failure' ? outcome.code : (outcome?.type ?? null),
    usage: wholeUsageOf(outcome),
    cost: reportedMoney(outcome?.cost ?? null),
    finishReason: answer?.finishReason ?? null,
    rawFinishReason: answer?.rawFinishReason ?? null,
  }
}

function wholeUsageOf(outcome: Answer | Failure | null): Usage | null {
  return outcome === null || outcome.usage === null ? null : wholeUsage(outcome.usage)
}

/** Embeddings are no conversation, so that wire has no dialect for them. */
function outcomeOf(interaction: Interaction): Answer | Failure | null {
  const { request, response, ending } = interaction
  const isEmbedding = /\/embeddings(\?|$)/.test(request.url)
  if (!isEmbedding || response === null || response.status >= 400 || ending.type !== 'end')
    return understand(interaction).outcome
  return embeddings.client.decodeResponse(String(response.body))
}
