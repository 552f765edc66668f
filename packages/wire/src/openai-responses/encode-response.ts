/** Encodes a plain response, and an error in place of one. */
import type { Answer, Failure } from '../answer.ts'
import type { AnswerHead, ErrorResponse } from '../dialect.ts'
import { errorStatus, retryHeaders } from '../error-status.ts'
import { encodeOutput, itemIds } from './output-items.ts'
import { encodeStand, standOf, wordOf } from './response.ts'

export function encodeResponse(answer: Answer, head: AnswerHead): string {
  const output = encodeOutput(answer.message.content, itemIds(head.id), answer.logprobs)
  return JSON.stringify(encodeStand(head, standOf(answer, output)))
}

export function encodeError(failure: Failure): ErrorResponse {
  const code = wordOf(failure)
  const { message, provider, raw } = failure
  const error = {
    message,
    type: code,
    param: null,
    code,
    // OpenRouter's words for where it failed.
    ...((provider !== null || raw !== null) && {
      metadata: { ...(provider !== null && { provider_name: provider }), ...(raw !== null && { raw }) },
    }),
  }
  return {
    status: errorStatus(failure),
    headers: { 'content-type': 'application/json', ...retryHeaders(failure) },
    body: JSON.stringify({ error }),
  }
}
