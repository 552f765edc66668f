/** Decodes Bedrock's errors: exceptions, named in a header, a body or a frame of the stream. */
import { type Failure, failure, type FailureCode } from '../answer.ts'
import type { HeaderReader } from '../dialect.ts'
import { decodeError as decodeAnyError } from '../failure.ts'
import { objectOr, parseJson, stringOr, type Unread } from '../json.ts'

/** By exception, in lower case; the statuses are those of the API's reference. */
const exceptions: ReadonlyMap<string, readonly [FailureCode, status: number]> = new Map([
  ['validationexception', ['invalid-request', 400]],
  ['accessdeniedexception', ['permission', 403]],
  ['expiredtokenexception', ['auth', 403]],
  ['unrecognizedclientexception', ['auth', 403]],
  ['invalidsignatureexception', ['auth', 403]],
  ['incompletesignatureexception', ['auth', 403]],
  ['missingauthenticationtokenexception', ['auth', 403]],
  ['resourcenotfoundexception', ['not-found', 404]],
  ['modeltimeoutexception', ['timeout', 408]],
  ['modelerrorexception', ['server', 424]],
  ['modelstreamerrorexception', ['server', 424]],
  ['throttlingexception', ['rate-limited', 429]],
  ['servicequotaexceededexception', ['rate-limited', 400]],
  ['modelnotreadyexception', ['overloaded', 429]],
  ['internalserverexception', ['server', 500]],
  ['serviceunavailableexception', ['overloaded', 503]],
])

/** What a model says of a prompt that it has no room for: the exception is one for all that is wrong. */
const tooLong = /input is too long|prompt is too long|context (window|length)|maximum context/i

/** Reads an answer whose HTTP status is an error. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  const wire = objectOr(parseJson(body))
  const decoded = decodeAnyError(status, headers, body)
  const type = headers.get('x-amzn-errortype') ?? stringOr(wire['__type']) ?? ''
  const message = messageOf(wire) ?? decoded.message
  return withCode({ ...decoded, message }, type)
}

/** Reads an exception inside a stream. */
export function decodeException(type: string, data: string): Failure {
  const wire = objectOr(parseJson(data))
  const { originalStatusCode: status } = wire
  const message = messageOf(wire) ?? stringOr(wire['originalMessage']) ?? (data.slice(0, 200) || type)
  const known = exceptions.get(plain(type))
  return withCode(
    failure('server', message, { status: typeof status === 'number' ? status : (known?.[1] ?? null) }),
    type,
  )
}

function withCode(decoded: Failure, type: string): Failure {
  const named = exceptions.get(plain(type))?.[0] ?? decoded.code
  const code = named === 'invalid-request' && tooLong.test(decoded.message) ? 'context-length' : named
  const { retryable } = failure(code, '')
  return { ...decoded, code, retryable }
}

/** `ThrottlingException:http://…`, or `com.amazon.coral.service#ThrottlingException`. */
function plain(type: string): string {
  return (type.split(':', 1)[0] ?? '').replace(/^.*#/, '').toLowerCase()
}

function messageOf(wire: Unread): string | null {
  return stringOr(wire['message']) ?? stringOr(wire['Message'])
}
