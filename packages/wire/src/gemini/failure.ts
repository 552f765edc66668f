/** Decodes Google's errors, `google.rpc.Status`. https://cloud.google.com/apis/design/errors */
import { type Failure, isRetryable } from '../answer.ts'
import type { HeaderReader } from '../dialect.ts'
import { codeOfWord, decodeError as decodeHttpError, decodeFailure as decodeAnyFailure } from '../failure.ts'
import { arrayOr, objectOr, parseJson, stringIn, type Unread } from '../json.ts'

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

/** What `error.status` and the details say, where that is more than the number says or the number is missing. */
function refine(decoded: Failure, wire: unknown): Failure {
  const { status, details } = errorOf(wire)
  const all = arrayOr(details).map(objectOr)
  // Comes with 400 and INVALID_ARGUMENT. go-vcr/genai/gemini errors/bad_apiKey
  const isKeyWrong = all.some(({ reason }) => reason === 'API_KEY_INVALID')
  const code = codeOfWord(isKeyWrong ? 'api_key' : status) ?? decoded.code
  const [delay = ''] = all.flatMap((detail) => stringIn(detail, 'retryDelay') ?? [])
  // `google.rpc.RetryInfo` has a protobuf duration: `34.074824224s`.
  const [, seconds] = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(delay) ?? []
  const retryAfter = seconds === undefined ? null : Math.round(Number(seconds) * 1000)
  return { ...decoded, code, retryable: isRetryable(code), retryAfter: decoded.retryAfter ?? retryAfter }
}
