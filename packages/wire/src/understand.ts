/** What a recorded exchange was: the question, and the answer that came, derived from its bytes. */
import { type Answer, type Failure, failure } from './answer.ts'
import type { Dialect, HeaderReader } from './dialect.ts'
import { dialectOf, openaiChat } from './dialects.ts'
import { WireError } from './error.ts'
import { decodeExchange, isStreamType } from './exchange.ts'
import { objectOr, parseJson, stringIn } from './json.ts'
import type { ModelRequest } from './request.ts'
import { truncated } from './stream-decoder.ts'
import { unescaped } from './url.ts'

/** One request and what came back. A recorder's interaction is one. */
export interface Exchange {
  readonly request: {
    /** Absent where it is not known. */
    readonly method?: string
    readonly url: string
    readonly body: string | Uint8Array
  }
  /** Null when no head ever came. */
  readonly response: ExchangeResponse | null
  /** Absent where it is not known: then it came whole. */
  readonly ending?: ExchangeEnding
}

export interface ExchangeResponse {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | Uint8Array
}

/** `end` for a response that came whole; anything else is why it did not. */
export interface ExchangeEnding {
  readonly type: string
  /** What went wrong, of an `error`. */
  readonly message?: string
}

/** What an exchange was. */
export interface Understanding {
  /** Null when it is in no dialect that is known. */
  readonly dialect: Dialect | null
  /** Whether the response came as a stream. */
  readonly isStream: boolean
  /** The model that answered, or else the one that was asked, also where that is all that can be told; else null. */
  readonly model: string | null
  /** What was asked; the error when that cannot be told; null without a dialect, or where nothing was. */
  readonly request: ModelRequest | WireError | null
  /** What came back; null when there is no telling. */
  readonly outcome: Answer | Failure | null
}

/** Never throws. What broke off is a failure, unless all of the answer had come before. */
export function understand({ request, response, ending }: Exchange): Understanding {
  const { url, method } = request
  const body = bodyAsJson(request.body)
  const dialect = method === 'DELETE' ? null : dialectOf(url, body)
  const isStreamAsked = dialect?.asksForStream(url, body) ?? false
  const isStream = response !== null && cameAsStream(response, isStreamAsked)
  const isKnown = dialect !== null || (response?.status ?? 0) >= 400
  const asked = dialect === null || body === undefined ? null : decodeRequest(dialect, body, url)
  const outcome = isKnown ? outcomeOf(dialect, url, response, isStreamAsked, ending) : null
  const named = dialect === null ? stringIn(objectOr(body), 'model') : namedIn(url, body)
  const model = outcome?.model || (asked === null || asked instanceof WireError ? named : asked.model)
  return { dialect, isStream, model: model || null, request: asked, outcome }
}

/** The model that a request names, in its body or, as the clouds have it, in its URL. */
function namedIn(url: string, body: unknown): string | null {
  const [, named = ''] =
    /\/models?\/([^?#]+?)(?::[a-z]+|\/(?:converse|invoke)[a-z-]*)(?:[?#]|$)/i.exec(url) ?? []
  return stringIn(objectOr(body), 'model') ?? unescaped(named)
}

function bodyAsJson(body: string | Uint8Array): unknown {
  return typeof body === 'string' ? parseJson(body) : undefined
}

function decodeRequest(dialect: Dialect, body: unknown, url: string): ModelRequest | WireError {
  try {
    return dialect.server.decodeRequest(body, url)
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}

/** A request for a stream can be answered by a plain error. Some recorders leave out what kind an answer is. */
function cameAsStream({ headers, status, body }: ExchangeResponse, isExpected: boolean): boolean {
  const type = readerOf(headers).get('content-type')
  if (type !== null && isStreamType(type)) return true
  // Ollama's cloud calls its lines `application/json`.
  return isExpected && status < 400 && (type === null || bodyAsJson(body) === undefined)
}

/** The words of an error that has no dialect are looked for as everybody writes them. */
function outcomeOf(
  dialect: Dialect | null,
  url: string,
  response: ExchangeResponse | null,
  isStream: boolean,
  ending: ExchangeEnding = { type: 'end' },
): Answer | Failure {
  if (response === null) return unanswered(ending)
  const { status, headers, body } = response
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const received = { url, status, headers: readerOf(headers), body: bytes }
  const outcome = decodeExchange(dialect?.client ?? openaiChat, received, isStream)
  const isBroken = ending.type !== 'end' && outcome.type === 'failure' && outcome.code === 'malformed'
  // Half of a plain answer is no JSON.
  return isBroken
    ? { ...truncated, partial: outcome.partial, usage: outcome.usage, cost: outcome.cost }
    : outcome
}

function unanswered({ type, message }: ExchangeEnding): Failure {
  if (type === 'error') return failure('network', message || 'The connection failed before an answer came')
  return failure('truncated', 'The exchange was left before an answer came')
}

/** A repeated header is one with all its values, as `Headers` has it. */
function readerOf(headers: ExchangeResponse['headers']): HeaderReader {
  return {
    get(wanted) {
      const values = headers
        .filter(([name]) => name.toLowerCase() === wanted)
        .map(([, value]) => value.trim())
      return values.length === 0 ? null : values.join(', ')
    },
  }
}
