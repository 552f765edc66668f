/** Decodes Google's errors, `google.rpc.Status`. https://cloud.google.com/apis/design/errors */
import { type Failure, isRetryable } from '../answer.ts'
import type { HeaderReader } from '../dialect.ts'
import { codeOfWord, decodeError as decodeHttpError, decodeFailure as decodeAnyFailure } from '../failure.ts'
import { arrayOr, objectOr, parseJson } from '../json.ts'

/** Decodes an answer whose HTTP status is an error. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  return refine(decodeHttpError(status, headers, body), parseJson(body))
}

/** Decodes an error object in a 200: `{error: {code, message, status, details}}`. */
export function decodeFailure(wire: unknown): Failure {
  return refine(decodeAnyFailure(wire), wire)
}

/** What `error.status` and the details say, where that is more than the number says. A stream's error is a list of one. */
function refine(decoded: Failure, wire: unknown): Failure {
  const { error } = objectOr(Array.isArray(wire) ? wire[0] : wire)
  const { status, details } = objectOr(error)
  let { code, retryAfter } = decoded
  code = codeOfWord(status) ?? code
  for (const { reason, retryDelay } of arrayOr(details).map(objectOr)) {
    // `API_KEY_INVALID` comes with 400 and INVALID_ARGUMENT. go-vcr/genai/gemini errors/bad_apiKey
    code = codeOfWord(reason) ?? code
    // `google.rpc.RetryInfo` has a protobuf duration: `34.074824224s`.
    const [, seconds] = /^(\d{1,9}(\.\d+)?)s$/.exec(String(retryDelay)) ?? []
    if (seconds !== undefined) retryAfter ??= Math.round(Number(seconds) * 1000)
  }
  return { ...decoded, code, retryable: isRetryable(code), retryAfter }
}
