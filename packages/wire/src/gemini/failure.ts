/** Decodes Google's errors, `google.rpc.Status`. https://cloud.google.com/apis/design/errors */
import type { Failure, FailureCode } from '../answer.ts'
import { failureCodes } from '../answer.ts'
import type { HeaderReader } from '../dialect.ts'
import { decodeError as decodeHttpError, decodeFailure as decodeAnyFailure } from '../failure.ts'
import { arrayOr, isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'

/** What `error.status` and a detail's `reason` mean, where that is more than the number says or the number is missing. */
const codesByWord: ReadonlyMap<string, FailureCode> = new Map([
  // Comes with 400. go-vcr/genai/gemini errors/bad_apiKey
  ['API_KEY_INVALID', 'auth'],
  ['UNAUTHENTICATED', 'auth'],
  ['PERMISSION_DENIED', 'permission'],
  ['NOT_FOUND', 'not-found'],
  ['DEADLINE_EXCEEDED', 'timeout'],
  ['RESOURCE_EXHAUSTED', 'rate-limited'],
  ['UNAVAILABLE', 'overloaded'],
  ['INTERNAL', 'server'],
])

/** "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576)." */
const tooManyTokens = /token count.{0,40}exceeds/i

/** Decodes an answer whose HTTP status is an error. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  return refine(decodeHttpError(status, headers, body), parseJson(body))
}

/** Decodes an error object in a 200: `{error: {code, message, status, details}}`, or a list of one. */
export function decodeFailure(wire: unknown): Failure {
  const code = errorOf(wire)['code']
  return refine(decodeAnyFailure(wire, typeof code === 'number' && code >= 400 ? code : null), wire)
}

function errorOf(wire: unknown): Unread {
  return objectOr(objectOr(Array.isArray(wire) ? wire[0] : wire)['error'])
}

function refine(decoded: Failure, wire: unknown): Failure {
  const error = errorOf(wire)
  const details = arrayOr(error['details']).filter(isObject)
  const words = [...details.map((detail) => detail['reason']), error['status']]
  const known = words.map((word) => codesByWord.get(String(word))).find((code) => code !== undefined)
  const code = tooManyTokens.test(decoded.message) ? 'context-length' : (known ?? decoded.code)
  const delays = details.map((detail) => stringOr(detail['retryDelay']))
  return {
    ...decoded,
    code,
    retryable: failureCodes[code],
    retryAfter: decoded.retryAfter ?? decodeDuration(delays.find((delay) => delay !== null) ?? ''),
  }
}

/** `google.rpc.RetryInfo` has a protobuf duration: `34.074824224s`. */
function decodeDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(text)
  return match === null ? null : Math.round(Number(match[1]) * 1000)
}
