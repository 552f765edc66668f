/** Decodes failures, in Anthropic's words and in those of the clouds that host its models. https://platform.claude.com/docs/en/api/errors */
import type { Failure } from '../answer.ts'
import type { HeaderReader } from '../dialect.ts'
import { decodeError as decodeHttpError, decodeFailure as decodeAnyFailure } from '../failure.ts'

/** A prompt that does not fit is told only by the message. */
const tooLong = /prompt is too long|exceed(s|ed)? (the )?(model'?s? )?(maximum )?context/i

/** Decodes an answer whose HTTP status is an error. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  return named(decodeHttpError(status, headers, body))
}

/** Decodes an error in a 200 or in a stream. */
export function decodeFailure(wire: unknown): Failure {
  return named(decodeAnyFailure(wire, null))
}

function named(cause: Failure): Failure {
  const isTooLong = cause.code === 'invalid-request' && tooLong.test(cause.message)
  return isTooLong ? { ...cause, code: 'context-length' } : cause
}
