/** Decodes failures of every dialect: HTTP errors, errors inside a 200, errors inside a stream. */
import { type Failure, failure, type FailureCode } from './answer.ts'
import type { HeaderReader } from './dialect.ts'
import { isObject, objectOr, parseJson, stringifyJson, stringIn, stringOr, type Unread } from './json.ts'

type Codes = readonly (readonly [FailureCode, RegExp])[]

/**
 * Codes by the words in `error.code`, `error.type`, OpenRouter's `error.metadata.error_type` and Hugging Face's
 * `error_type`, of which each provider has its own for the same few things, and by HTTP's numbers, which gateways also
 * write into `error.code`. The first pattern that fits counts.
 */
const codes: Codes = [
  ['context-length', /context/i],
  ['content-filter', /content_(filter|policy)/i],
  ['payment', /quota|payment|billing|^402$/i],
  ['rate-limited', /rate_limit|too_many_requests|exhausted|throttl|^429$/i],
  ['overloaded', /overloaded|unavailable|^(425|503|529)$/i],
  ['timeout', /timeout|deadline|^(408|504|524)$/i],
  ['auth', /api_key|authenticat|^401$/i],
  ['permission', /permission|^403$/i],
  ['not-found', /not_found|^404$/i],
  ['too-large', /too_large|^413$/i],
  ['server', /server|internal|api_error|^(409|5\d\d)$/i],
  ['invalid-request', /invalid_request|validation|^4\d\d$/i],
]

/** What only the words say, where the code is one for all that is wrong. */
const codesByMessage: Codes = [
  ['too-large', /^request too large/i],
  [
    'context-length',
    /context (length|window|size|limit)|maximum (context|prompt)|(prompt|input) is too long|too many tokens|token count.{0,40}exceed/i,
  ],
  ['payment', /credit balance|insufficient (credit|quota|fund|balance)|billing/i],
  // An error may quote the request, which has words of its own.
  ['rate-limited', /^[\w ]{0,4}rate limit/i],
  ['content-filter', /^[\w ]*blocked by (a )?content/i],
]

/** What an answer says that ended in an error, where none stands beside it. */
export const brokenOff = /* @__PURE__ */ failure('server', 'The provider broke off')

/** Decodes an answer whose HTTP status is an error: with an error object, an error page of a proxy, or nothing at all. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  const parsed = parseJson(body)
  const isError = isObject(parsed) || Array.isArray(parsed)
  const wire = isError ? parsed : { message: wordsOfPage(body) || `HTTP status ${status}` }
  const decoded = decodeFailure(wire, status)
  return {
    ...decoded,
    // Said by whoever has tried already: a gateway, OpenAI, Anthropic. Their SDKs heed it, and so do we.
    retryable: decoded.retryable && headers.get('x-should-retry') !== 'false',
    retryAfter: decodeRetryAfter(headers),
  }
}

/** Decodes an error object, wherever it stood: `{error: {…}}`, `{error: "…"}`, `[{error}]`, `{message}`. */
export function decodeFailure(wire: unknown, status: number | null = null): Failure {
  const whole = objectOr(firstOf(wire))
  const error: Unread = isObject(whole['error']) ? whole['error'] : { message: whole['error'], ...whole }
  const metadata = objectOr(error['metadata'])
  const { raw } = metadata
  const words = wordsIn(error)
  const message = words ?? 'The provider failed'
  // What is not simply said is shown as it came: words of a list mean little without their place.
  const shown = words === error['message'] ? null : stringifyJson(wire).slice(0, 200)
  return failure(decodeCode(error, metadata, status, message), message, {
    status,
    provider: stringIn(metadata, 'provider_name') ?? stringIn(whole, 'provider'),
    raw: isObject(raw) ? stringifyJson(raw) : (stringOr(raw) ?? shown),
  })
}

/** Decodes what is no answer: an error, if it has anything of one. */
export function decodeStray(wire: unknown, otherwise: string): Failure {
  const isError = wordsIn(wire) ?? objectOr(firstOf(wire))['error']
  return isError ? decodeFailure(wire) : failure('malformed', otherwise)
}

/** Some list their errors. */
function firstOf(wire: unknown): unknown {
  return Array.isArray(wire) ? wire[0] : wire
}

/**
 * The first words that are found: `{message}`, `{detail: [{loc, msg}]}` (FastAPI; in Mistral's, all of it in
 * `message`), `{errors: [{message}]}` (Cloudflare), `{error_msg}` (Qianfan), `{base_resp: {status_msg}}` (MiniMax).
 */
function wordsIn(wire: unknown, levels = 4): string | null {
  const first = firstOf(wire)
  if (!isObject(first) || levels === 0) return stringOr(first)
  for (const field of [
    'message',
    'msg',
    'detail',
    'error',
    'errors',
    'error_msg',
    'base_resp',
    'status_msg',
  ]) {
    const words = wordsIn(first[field], levels - 1)
    if (words !== null) return words
  }
  return null
}

/**
 * A word says more than a number, a number in the body more than the HTTP status around it, and the message more than
 * a code that is vague.
 */
function decodeCode(error: Unread, metadata: Unread, status: unknown, message: string): FailureCode {
  // OpenRouter says so with a 403, as if the asker were at fault.
  if (metadata['flagged_input'] !== undefined) return 'content-filter'
  const told = codeOfMessage(message)
  // Groq says it with a 429.
  if (told === 'too-large') return told
  const { code, type } = error
  const kinds = [code, metadata['error_type'], type, error['error_type']]
  const words = kinds.filter((word) => !isNumber.test(stringOr(word) ?? '0'))
  let found: FailureCode | undefined
  for (const said of [...words, code, status]) found ??= codeOfWord(said)
  return (found === 'invalid-request' && told) || found || told || 'unknown'
}

/** What only the words of an error say; undefined for most. */
export function codeOfMessage(message: string): FailureCode | undefined {
  return codeIn(message, codesByMessage)
}

/** What a provider's word for an error, or a number, means; undefined for one that is not known. */
export function codeOfWord(word: unknown): FailureCode | undefined {
  return typeof word === 'string' || typeof word === 'number' ? codeIn(`${word}`, codes) : undefined
}

function codeIn(words: string, among: Codes): FailureCode | undefined {
  return among.find(([, pattern]) => pattern.test(words))?.[0]
}

/** The words of an error page. */
function wordsOfPage(body: string): string {
  // No more than the start is looked at: the patterns are quadratic on what only looks like a page.
  const words = body.slice(0, 20_000).replace(/(<style.*?<\/style>|<[^<>]*>|\s)+/gs, ' ')
  return words.trim().slice(0, 200)
}

/** No more than nine digits: what asks for longer asks for nothing that anyone waits for. */
const isNumber = /^\d{1,9}(\.\d+)?$/

/**
 * Milliseconds to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110 §10.2.3),
 * which is counted from the answer's own `date`. Null without one.
 */
function decodeRetryAfter(headers: HeaderReader): number | null {
  const said = (name: string): string => headers.get(name)?.trim() ?? ''
  const [milliseconds, value] = [said('retry-after-ms'), said('retry-after')]
  if (isNumber.test(milliseconds)) return Math.round(Number(milliseconds))
  if (isNumber.test(value)) return Math.round(Number(value) * 1000)
  // A date begins with its weekday; the parser would also find one in `-5`.
  const wait = Date.parse(value) - Date.parse(said('date'))
  return /^[a-z]/i.test(value) && !Number.isNaN(wait) ? Math.max(0, wait) : null
}

/** The start of what is not the dialect, to be named in a failure. */
export function excerpt(body: string): string {
  const start = body.trim().slice(0, 80)
  return start === '' ? 'it is empty' : JSON.stringify(start)
}
