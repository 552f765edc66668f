/** Encodes a plain answer of version 2 of Cohere's chat. https://docs.cohere.com/reference/chat */
import type { Answer, FinishReason, TokenLogprob } from '../answer.ts'
import type { AnswerHead } from '../dialect.ts'
import type { Unread } from '../json.ts'
import { kept } from '../kept-fields.ts'
import { encodeCitation } from './citations.ts'
import { encodeCall } from './encode-request.ts'
import { plansOnly } from './plan.ts'
import { decodeFinishReason } from './tail.ts'

/** The body of a plain answer. */
export function encodeResponse(answer: Answer, { id, model }: AnswerHead): string {
  const { content } = answer.message
  const { citations: others } = kept('cohere', answer)
  const blocks: Unread[] = []
  const citations: unknown[] = Array.isArray(others) ? [...(others as unknown[])] : []
  const calls = content.filter((part) => part.type === 'tool-call')
  const isPlanned = plansOnly(model) && calls.length > 0
  let plan: string | undefined
  for (const part of content) {
    if (part.type === 'text') {
      blocks.push({ type: 'text', text: part.text })
      for (const [index, citation] of (part.citations ?? []).entries())
        citations.push(encodeCitation(citation, part, index))
    } else if (part.type === 'reasoning' && part.text !== '') {
      if (isPlanned) plan = (plan ?? '') + part.text
      else blocks.push({ type: 'thinking', thinking: part.text })
    }
  }
  return JSON.stringify({
    id,
    finish_reason: encodeFinishReason(answer),
    message: {
      role: 'assistant',
      content: blocks.length > 0 ? blocks : undefined,
      tool_plan: plan,
      tool_calls: calls.length > 0 ? calls.map(encodeCall) : undefined,
      citations: citations.length > 0 ? citations : undefined,
    },
    usage: encodeUsage(answer),
    logprobs: answer.logprobs?.map(encodeLogprob),
  })
}

export function encodeFinishReason({ finishReason, rawFinishReason }: Answer): string | undefined {
  const isOwn = decodeFinishReason(rawFinishReason) === finishReason
  return isOwn ? (rawFinishReason ?? undefined) : finishReasons[finishReason]
}

/** `ERROR_TOXIC` is the first version's word for what is held back. */
const finishReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  'content-filter': 'ERROR_TOXIC',
  error: 'ERROR',
  other: 'OTHER',
}

export function encodeUsage(answer: Answer): Unread | undefined {
  const { billed_units } = kept('cohere', answer)
  const { usage } = answer
  if (usage === null) return billed_units === undefined ? undefined : { billed_units }
  return {
    billed_units,
    tokens: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
    cached_tokens: usage.cachedInputTokens || undefined,
  }
}

/** The tokens' numbers are not known; their list must stand all the same. */
export function encodeLogprob({ token, logprob }: TokenLogprob): Unread {
  return { text: token, token_ids: [], logprobs: [logprob] }
}
