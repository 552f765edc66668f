/** Encodes failures. https://platform.claude.com/docs/en/api/errors */
import type { Failure, FailureCode } from '../answer.ts'
import type { ErrorResponse } from '../dialect.ts'
import { errorStatus, messageFor, retryHeaders } from '../error-status.ts'

/** `error.type`, and the status that goes with it where the dialects do not agree on it. */
const types: Readonly<Record<FailureCode, string>> = {
  'invalid-request': 'invalid_request_error',
  'context-length': 'invalid_request_error',
  'content-filter': 'invalid_request_error',
  auth: 'authentication_error',
  payment: 'billing_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  'too-large': 'request_too_large',
  unknown: 'api_error',
  'rate-limited': 'rate_limit_error',
  overloaded: 'overloaded_error',
  server: 'api_error',
  timeout: 'timeout_error',
  network: 'api_error',
  truncated: 'api_error',
  malformed: 'api_error',
}

/** A failure before anything was answered. */
export function encodeError(failure: Failure): ErrorResponse {
  return { status: statusOf(failure), headers: retryHeaders(failure), body: encodeErrorBody(failure) }
}

/** Anthropic alone has 529, which its clients know for overloaded. */
function statusOf(failure: Failure): number {
  const isOwn = failure.code === 'overloaded' && (failure.status === null || failure.status < 400)
  return isOwn ? 529 : errorStatus(failure)
}

/** The error as JSON, in a body or in a stream. */
export function encodeErrorBody(failure: Failure): string {
  return JSON.stringify({
    type: 'error',
    error: { type: types[failure.code], message: messageFor(failure) },
  })
}
