/** Decodes Bedrock's errors: exceptions, named in a header, a body or a frame of the stream. */
import { type Failure, failure, type FailureCode, failureCodes } from '../answer.ts'
import type { HeaderReader } from '../dialect.ts'
import { decodeError as decodeAnyError } from '../failure.ts'
import { objectOr, parseJson, stringIn } from '../json.ts'

/** By exception (`ThrottlingException`, in streams `throttlingException`); the statuses are those of the API's reference. */
const exceptions: readonly (readonly [FailureCode, status: number, RegExp])[] = [
  ['invalid-request', 400, /^validation/i],
  ['permission', 403, /^accessdenied/i],
  ['auth', 403, /^expiredtoken|^unrecognizedclient|^\w+signature|^missingauthentication/i],
  ['not-found', 404, /^resourcenotfound/i],
  ['timeout', 408, /^modeltimeout/i],
  ['server', 424, /^model(stream)?error/i],
  ['rate-limited', 429, /^throttling/i],
  ['rate-limited', 400, /^servicequotaexceeded/i],
  ['overloaded', 429, /^modelnotready/i],
  ['server', 500, /^internalserver/i],
  ['overloaded', 503, /^serviceunavailable/i],
]

/** What a model says of a prompt that it has no room for: the exception is one for all that is wrong. */
const tooLong = /input is too long|prompt is too long|context (window|length)|maximum context/i

/** Reads an answer whose HTTP status is an error. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  const wire = objectOr(parseJson(body))
  const decoded = decodeAnyError(status, headers, body)
  const type = headers.get('x-amzn-errortype') ?? stringIn(wire, '__type') ?? ''
  const message = stringIn(wire, 'message', 'Message') ?? decoded.message
  return withCode({ ...decoded, message }, type)
}

/** Reads an exception inside a stream. */
export function decodeException(type: string, data: string): Failure {
  const wire = objectOr(parseJson(data))
  const { originalStatusCode: status } = wire
  const message = stringIn(wire, 'message', 'Message', 'originalMessage') ?? (data.slice(0, 200) || type)
  return withCode(failure('server', message, typeof status === 'number' ? { status } : {}), type)
}

/** `ThrottlingException:http://…`, or `com.amazon.coral.service#ThrottlingException`. */
function withCode(decoded: Failure, type: string): Failure {
  const exception = type.replace(/:.*$/s, '').replace(/^.*#/s, '')
  const [named, status] = exceptions.find(([, , words]) => words.test(exception)) ?? [decoded.code, null]
  const code = named === 'invalid-request' && tooLong.test(decoded.message) ? 'context-length' : named
  return { ...decoded, code, retryable: failureCodes[code], status: decoded.status ?? status }
}
