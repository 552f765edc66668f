/** Encodes a plain chat completion. https://openrouter.ai/docs/api-reference/chat-completion */
import type { Answer } from '../answer.ts'
import type { AnswerHead } from '../dialect.ts'
import type { JsonObject } from '../message.ts'
import { textOf } from '../message.ts'
import {
  encodeCall,
  encodeCitation,
  encodeFinish,
  encodeHead,
  encodeLogprobs,
  encodeUsage,
  encodeWhole,
} from './encode-answer.ts'
import { encodeDetails } from './foreign-reasoning.ts'

/** The body of a plain answer. */
export function encodeResponse(answer: Answer, { id, model, created }: AnswerHead): string {
  const usage = encodeUsage(answer)
  return JSON.stringify({
    id,
    object: 'chat.completion',
    created,
    model,
    system_fingerprint: null,
    ...encodeHead(answer),
    choices: [
      {
        index: 0,
        logprobs: encodeLogprobs(answer.logprobs),
        ...encodeFinish(answer),
        message: encodeMessage(answer),
      },
    ],
    ...(usage !== undefined && { usage }),
  })
}

function encodeMessage({ message: { content } }: Answer): JsonObject {
  const text = textOf(content)
  const calls = content.filter((part) => part.type === 'tool-call')
  const thoughts = content.filter((part) => part.type === 'reasoning')
  const reasoning = thoughts.map((part) => part.text).join('')
  const details = thoughts.flatMap(encodeDetails)
  const citations = content.flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []))
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    // Empty beside details: their words are then not what is shown.
    ...((reasoning !== '' || details.length > 0) && { reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...encodeWhole(content),
    ...(citations.length > 0 && { annotations: citations.map(encodeCitation) }),
    ...(calls.length > 0 && { tool_calls: calls.map(encodeCall) }),
  }
}
