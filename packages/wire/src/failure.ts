/** Decodes failures of every dialect: HTTP errors, errors inside a 200, errors inside a stream. */
import { type Failure, failure, type FailureCode } from './answer.ts'
import type { HeaderReader } from './dialect.ts'
import { isObject, objectOr, parseJson, stringifyJson, stringIn, stringOr, type Unread } from './json.ts'

/**
 * Codes in words, from `error.code`, `error.type` and OpenRouter's `error.metadata.error_type`: each provider has its
 * own for the same few things. The first pattern that fits counts.
 */
const codesByWord: readonly (readonly [FailureCode, RegExp])[] = [
  ['context-length', /context/i],
  ['content-filter', /content_(filter|policy)/i],
  ['payment', /quota|payment|billing/i],
  ['rate-limited', /rate_limit|too_many_requests|exhausted|throttl/i],
  ['overloaded', /overloaded|unavailable/i],
  ['timeout', /timeout|deadline/i],
  ['auth', /api_key|authenticat/i],
  ['permission', /permission/i],
  ['not-found', /not_found/i],
  ['too-large', /too_large/i],
  ['server', /server|internal|api_error/i],
  ['invalid-request', /invalid_request|validation/i],
]

/** Codes in numbers: HTTP's, which gateways also write into `error.code`. */
const codesByStatus: Readonly<Record<number, FailureCode>> = {
  401: 'auth',
  402: 'payment',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  409: 'server',
  413: 'too-large',
  425: 'overloaded',
  429: 'rate-limited',
  503: 'overloaded',
  504: 'timeout',
  524: 'timeout',
  529: 'overloaded',
}

/** What only the words say, where the code is one for all that is wrong. */
const codesByMessage: readonly (readonly [FailureCode, RegExp])[] = [
  [
    'context-length',
    /context (length|window|size|limit)|maximum (context|prompt)|(prompt|input) is too long|too many tokens|token count.{0,40}exceed/i,
  ],
  ['payment', /credit balance|insufficient (credit|quota|fund|balance)|billing/i],
]

/** What an answer says that ended in an error, where none stands beside it. */
export const brokenOff = failure('server', 'The provider broke off')

/** Decodes an answer whose HTTP status is an error. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  const parsed = parseJson(body)
  const isError = typeof parsed === 'object' && parsed !== null
  const decoded = isError ? decodeFailure(parsed, status) : plainError(status, body)
  return { ...decoded, status, retryAfter: decodeRetryAfter(headers) }
}

/** Decodes an error object, wherever it stood: `{error: {…}}`, `{error: "…"}`, `[{error}]`, `{message}`. */
export function decodeFailure(wire: unknown, status: number | null): Failure {
  const whole = objectOr(Array.isArray(wire) ? wire[0] : wire)
  const error: Unread = isObject(whole['error']) ? whole['error'] : { message: whole['error'], ...whole }
  const metadata = objectOr(error['metadata'])
  const { raw } = metadata
  const words = wordsIn(error)
  // What is not simply said is shown as it came: words of a list mean little without their place.
  const shown = words === error['message'] ? null : stringifyJson(wire).slice(0, 200)
  return failureOf(decodeCode(error, metadata, status), words ?? 'The provider failed', {
    status,
    provider: stringIn(metadata, 'provider_name') ?? stringIn(whole, 'provider'),
    raw: isObject(raw) ? stringifyJson(raw) : (stringOr(raw) ?? shown),
  })
}

/**
 * The first words that are found: `{message}`, `{detail: [{loc, msg}]}` (FastAPI; in Mistral's, all of it in
 * `message`), `{errors: [{message}]}` (Cloudflare).
 */
function wordsIn(wire: unknown, levels = 4): string | null {
  const first: unknown = Array.isArray(wire) ? wire[0] : wire
  if (!isObject(first) || levels === 0) return stringOr(first)
  for (const field of ['message', 'msg', 'detail', 'error', 'errors']) {
    const words = wordsIn(first[field], levels - 1)
    if (words !== null) return words
  }
  return null
}

/** A failure whose words may say more than its code. */
function failureOf(code: FailureCode, message: string, details?: Parameters<typeof failure>[2]): Failure {
  const isVague = code === 'invalid-request' || code === 'unknown'
  const said = isVague ? codesByMessage.find(([, pattern]) => pattern.test(message))?.[0] : undefined
  return failure(said ?? code, message, details)
}

/** A word says more than a number, a number in the body more than the HTTP status around it. */
function decodeCode(error: Unread, metadata: Unread, status: number | null): FailureCode {
  const { code, type } = error
  for (const word of [code, metadata['error_type'], type]) {
    const known = codeOfWord(word)
    if (known !== undefined) return known
  }
  const inBody = typeof code === 'string' ? Number(code) : code
  return codeOfStatus(typeof inBody === 'number' && inBody >= 400 && inBody <= 599 ? inBody : status)
}

/** What a provider's word for an error means; undefined for one that is not known. */
export function codeOfWord(word: unknown): FailureCode | undefined {
  return typeof word === 'string' ? codesByWord.find(([, pattern]) => pattern.test(word))?.[0] : undefined
}

function codeOfStatus(status: number | null): FailureCode {
  if (status === null || status < 400) return 'unknown'
  return codesByStatus[status] ?? (status < 500 ? 'invalid-request' : 'server')
}

/** An error page of a proxy, or nothing at all. */
function plainError(status: number, body: string): Failure {
  // No more than the start is looked at: the patterns are quadratic on what only looks like a page.
  const words = body
    .slice(0, 20_000)
    .replace(/<style.*?<\/style>|<[^<>]*>/gs, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return failureOf(codeOfStatus(status), words.slice(0, 200) || `HTTP status ${status}`)
}

/** No more than nine digits: what asks for longer asks for nothing that anyone waits for. */
const number = /^\s*\d{1,9}(\.\d+)?\s*$/

/**
 * Milliseconds to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110 §10.2.3),
 * which is counted from the answer's own `date`. Null without one.
 */
function decodeRetryAfter(headers: HeaderReader): number | null {
  const milliseconds = headers.get('retry-after-ms') ?? ''
  if (number.test(milliseconds)) return Math.round(Number(milliseconds))
  const value = headers.get('retry-after') ?? ''
  if (number.test(value)) return Math.round(Number(value) * 1000)
  // A date begins with its weekday; the parser would also find one in `-5`.
  const until = /^\s*[a-z]/i.test(value) ? Date.parse(value) : Number.NaN
  const wait = until - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}

/** The start of what is not the dialect, to be named in a failure. */
export function excerpt(body: string): string {
  const start = body.trim().slice(0, 80)
  return start === '' ? 'it is empty' : JSON.stringify(start)
}
