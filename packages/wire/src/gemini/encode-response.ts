/** Encodes a plain answer, and failures. */
import type { Answer, Failure, FailureCode } from '../answer.ts'
import type { AnswerHead, ErrorResponse } from '../dialect.ts'
import { errorStatus, messageFor, retryHeaders } from '../error-status.ts'
import { encodeCandidate, encodeParts, encodeRest } from './encode-answer.ts'

/** The body of a plain answer. */
export function encodeResponse(answer: Answer, head: AnswerHead): string {
  const parts = encodeParts(answer.message.content)
  return JSON.stringify({ candidates: [encodeCandidate(answer, parts)], ...encodeRest(answer, head) })
}

/** `google.rpc.Code`, by what failed. https://cloud.google.com/apis/design/errors#error_codes */
const statuses: Readonly<Partial<Record<FailureCode, string>>> = {
  'invalid-request': 'INVALID_ARGUMENT',
  'context-length': 'INVALID_ARGUMENT',
  'content-filter': 'INVALID_ARGUMENT',
  'too-large': 'INVALID_ARGUMENT',
  auth: 'UNAUTHENTICATED',
  payment: 'FAILED_PRECONDITION',
  permission: 'PERMISSION_DENIED',
  'not-found': 'NOT_FOUND',
  'rate-limited': 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  timeout: 'DEADLINE_EXCEEDED',
  unknown: 'UNKNOWN',
}

/** The body of a failure, before the answer or inside its stream. */
export function encodeErrorBody(failure: Failure): string {
  const { code, retryAfter } = failure
  return JSON.stringify({
    error: {
      code: errorStatus(failure),
      message: messageFor(failure),
      status: statuses[code] ?? 'INTERNAL',
      ...(retryAfter !== null && {
        details: [
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfter / 1000}s` },
        ],
      }),
    },
  })
}

/** A failure before anything was answered. */
export function encodeError(failure: Failure): ErrorResponse {
  return {
    status: errorStatus(failure),
    headers: { 'content-type': 'application/json; charset=UTF-8', ...retryHeaders(failure) },
    body: encodeErrorBody(failure),
  }
}
