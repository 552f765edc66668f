/** Decodes failures of every dialect: HTTP errors, errors inside a 200, errors inside a stream. */
import { type Failure, failure, type FailureCode } from './answer.ts'
import type { HeaderReader } from './dialect.ts'
import { isObject, objectOr, parseJson, stringifyJson, stringOr, type Unread } from './json.ts'

/** Codes in words, from `error.code`, `error.type` and OpenRouter's `error.metadata.error_type`. */
const codesByWord: ReadonlyMap<string, FailureCode> = new Map([
  ['rate_limit_exceeded', 'rate-limited'],
  ['rate_limit_error', 'rate-limited'],
  ['too_many_requests', 'rate-limited'],
  ['overloaded_error', 'overloaded'],
  ['provider_overloaded', 'overloaded'],
  ['provider_unavailable', 'overloaded'],
  ['server_error', 'server'],
  ['internal_error', 'server'],
  ['internal_server_error', 'server'],
  ['api_error', 'server'],
  ['server', 'server'],
  ['timeout', 'timeout'],
  ['context_length_exceeded', 'context-length'],
  ['exceed_context_size_error', 'context-length'],
  ['content_filter', 'content-filter'],
  ['content_policy_violation', 'content-filter'],
  ['insufficient_quota', 'payment'],
  ['payment_required', 'payment'],
  ['invalid_api_key', 'auth'],
  ['authentication_error', 'auth'],
  ['authentication', 'auth'],
  ['permission_denied', 'permission'],
  ['model_not_found', 'not-found'],
  ['not_found', 'not-found'],
  ['invalid_request_error', 'invalid-request'],
  ['invalid_request', 'invalid-request'],
])

/** Codes in numbers: HTTP's, which gateways also write into `error.code`. */
const codesByStatus: ReadonlyMap<number, FailureCode> = new Map([
  [400, 'invalid-request'],
  [401, 'auth'],
  [402, 'payment'],
  [403, 'permission'],
  [404, 'not-found'],
  [408, 'timeout'],
  [409, 'server'],
  [413, 'too-large'],
  [422, 'invalid-request'],
  [425, 'overloaded'],
  [429, 'rate-limited'],
  [503, 'overloaded'],
  [504, 'timeout'],
  [524, 'timeout'],
  [529, 'overloaded'],
])

/** What a finish reason `error` says when no error stands beside it. */
export const brokenOff = { error: { type: 'server_error', message: 'The provider broke off' } }

/** Decodes an answer whose HTTP status is an error. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  const parsed = parseJson(body)
  const decoded =
    isObject(parsed) || Array.isArray(parsed) ? decodeFailure(parsed, status) : plainError(status, body)
  return { ...decoded, status, retryAfter: decodeRetryAfter(headers) }
}

/** Decodes an error object, wherever it stood: `{error: {…}}`, `{error: "…"}`, `[{error}]`, `{message}`. */
export function decodeFailure(wire: unknown, status: number | null): Failure {
  const whole = objectOr(Array.isArray(wire) ? wire[0] : wire)
  const error: Unread = isObject(whole['error']) ? whole['error'] : { message: whole['error'], ...whole }
  const metadata = objectOr(error['metadata'])
  const message =
    stringOr(error['message']) ??
    stringOr(error['detail']) ??
    stringOr(error['error']) ??
    'The provider failed'
  return failure(decodeCode(error, metadata, status), message, {
    status,
    provider: stringOr(metadata['provider_name']) ?? stringOr(whole['provider']),
    raw: stringOr(metadata['raw']) ?? rawOf(metadata['raw']),
  })
}

/** A word says more than a number, a number in the body more than the HTTP status around it. */
function decodeCode(error: Unread, metadata: Unread, status: number | null): FailureCode {
  for (const word of [error['code'], metadata['error_type'], error['type']]) {
    const code = typeof word === 'string' ? codesByWord.get(word) : undefined
    if (code !== undefined) return code
  }
  const written = error['code']
  const inBody = typeof written === 'string' ? Number(written) : written
  return codeOfStatus(typeof inBody === 'number' && inBody >= 400 && inBody <= 599 ? inBody : status)
}

function codeOfStatus(status: number | null): FailureCode {
  if (status === null) return 'unknown'
  return (
    codesByStatus.get(status) ?? (status >= 500 ? 'server' : status >= 400 ? 'invalid-request' : 'unknown')
  )
}

function rawOf(raw: unknown): string | null {
  return isObject(raw) ? stringifyJson(raw) : null
}

/** An error page of a proxy, or nothing at all. */
function plainError(status: number, body: string): Failure {
  // No more than the start is looked at: the patterns are quadratic on what only looks like a page.
  const words = body
    .slice(0, 20_000)
    .replace(/<style.*?<\/style>|<[^<>]*>/gs, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return failure(codeOfStatus(status), words === '' ? `HTTP status ${status}` : words.slice(0, 200), {
    status,
  })
}

/** No more than nine digits: what asks for longer asks for nothing that anyone waits for. */
const number = /^\s*\d{1,9}(\.\d+)?\s*$/

/**
 * Milliseconds to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110 §10.2.3),
 * which is counted from the answer's own `date`. Null without one.
 */
function decodeRetryAfter(headers: HeaderReader): number | null {
  const milliseconds = headers.get('retry-after-ms')
  if (milliseconds !== null && number.test(milliseconds)) return Math.round(Number(milliseconds))
  const value = headers.get('retry-after')
  if (value === null) return null
  if (number.test(value)) return Math.round(Number(value) * 1000)
  // A date begins with its weekday; the parser would also find one in `-5`.
  if (!/^\s*[a-z]/i.test(value)) return null
  const wait = Date.parse(value) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}

/** The start of what is not the dialect, to be named in a failure. */
export function excerpt(body: string): string {
  return body.trim() === '' ? 'it is empty' : JSON.stringify(body.trim().slice(0, 80))
}
