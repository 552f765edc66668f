/** Decodes failures, in Anthropic's words and in those of the clouds that host its models. */
import { type Failure, type FailureCode, failureCodes } from '../answer.ts'
import type { HeaderReader } from '../dialect.ts'
import { decodeError as decodeHttpError, decodeFailure as decodeAnyFailure } from '../failure.ts'
import { objectOr, parseJson, stringOr } from '../json.ts'

/** `error.type`, where the words that all dialects share do not have it. https://platform.claude.com/docs/en/api/errors */
const codesByType: ReadonlyMap<string, FailureCode> = new Map([
  ['not_found_error', 'not-found'],
  ['permission_error', 'permission'],
  ['billing_error', 'payment'],
  ['request_too_large', 'too-large'],
  ['timeout_error', 'timeout'],
])

/** A prompt that does not fit is told only by the message. */
const tooLong = /prompt is too long|exceed(s|ed)? (the )?(model'?s? )?(maximum )?context/i

/** Decodes an answer whose HTTP status is an error. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  return named(decodeHttpError(status, headers, body), parseJson(body))
}

/** Decodes an error in a 200 or in a stream. */
export function decodeFailure(wire: unknown): Failure {
  return named(decodeAnyFailure(wire, null), wire)
}

function named(cause: Failure, wire: unknown): Failure {
  const code =
    cause.code === 'invalid-request' && tooLong.test(cause.message)
      ? 'context-length'
      : codesByType.get(stringOr(objectOr(objectOr(wire)['error'])['type']) ?? '')
  return code === undefined ? cause : { ...cause, code, retryable: failureCodes[code] }
}
