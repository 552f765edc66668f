/** Encodes failures as Bedrock's exceptions. */
import type { Failure, FailureCode } from '../answer.ts'
import type { ErrorResponse } from '../dialect.ts'
import { errorStatus, messageFor, retryHeaders } from '../error-status.ts'

const exceptions: Readonly<Record<FailureCode, string>> = {
  'invalid-request': 'ValidationException',
  'context-length': 'ValidationException',
  'content-filter': 'ValidationException',
  'too-large': 'ValidationException',
  auth: 'UnrecognizedClientException',
  payment: 'AccessDeniedException',
  permission: 'AccessDeniedException',
  'not-found': 'ResourceNotFoundException',
  'rate-limited': 'ThrottlingException',
  overloaded: 'ServiceUnavailableException',
  timeout: 'ModelTimeoutException',
  unknown: 'InternalServerException',
  server: 'InternalServerException',
  network: 'InternalServerException',
  truncated: 'InternalServerException',
  malformed: 'InternalServerException',
}

/** A failure before anything was answered: its exception stands in a header. */
export function encodeError(failure: Failure): ErrorResponse {
  return {
    status: errorStatus(failure),
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': exceptions[failure.code],
      ...retryHeaders(failure),
    },
    body: JSON.stringify({ message: messageFor(failure) }),
  }
}

/** The exceptions that a stream may have, by the first letter in lower case as its frames want it. */
const inStream = new Set(['ValidationException', 'ThrottlingException', 'ServiceUnavailableException'])

export function streamException({ code }: Failure): string {
  const exception = exceptions[code]
  const told = inStream.has(exception) ? exception : 'InternalServerException'
  return told.slice(0, 1).toLowerCase() + told.slice(1)
}
