/** A question in the one form that all dialects are translated from, and in the words of the one that is asked. */
import {
  type AssistantMessage,
  type Dialect,
  type DialectName,
  type ModelRequest,
  type Unread,
  WireError,
} from '@playhead/wire'
import type { Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import type { Question } from '../question.ts'
import { readCount } from '../question/output-limit.ts'
import { continuation } from '../relay/continuation.ts'

/** An endpoint that cannot be asked this; another may. */
export class UntranslatableError extends Error {
  override readonly name = 'UntranslatableError'
  /** Where in the request, as a JSON path; empty for the whole. */
  readonly path: string

  constructor(message: string, options: ErrorOptions & { readonly path: string }) {
    super(options.path === '' ? message : `${options.path}: ${message}`, options)
    this.path = options.path
  }
}

/** An answer that broke off, which another endpoint is to go on with. */
export interface Begun {
  readonly said: AssistantMessage
  /** What it has taken so far. */
  readonly outputTokens: number
}

/**
 * The body in a dialect. `maxOutputTokens`: the most that the answer may have; null for what the client says. Throws an
 * HttpError 400 for a request that cannot be understood at all, an UntranslatableError for what the endpoint cannot be told.
 */
export function translate(
  question: Question,
  dialect: Dialect,
  endpoint: Endpoint,
  maxOutputTokens: number | null,
  begun: Begun | null = null,
): string {
  const meant = meantBy(question)
  const request = begun === null ? meant : continuation(meant, begun.said, begun.outputTokens)
  if (dialect.name !== question.dialect.name) refuseWhatIsLost(question)
  return orUntranslatable(() =>
    dialect.client.encodeRequest(
      {
        ...request,
        model: endpoint.upstreamModel,
        stream: question.isStream,
        ...(maxOutputTokens !== null && { maxOutputTokens }),
      },
      endpoint.provider,
    ),
  )
}

/** What it gives; a WireError, which is about this endpoint, becomes an UntranslatableError. */
export function orUntranslatable(encode: () => string): string {
  try {
    return encode()
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    const { path, message } = error
    throw new UntranslatableError(path === '' ? message : message.slice(path.length + 2), {
      path,
      cause: error,
    })
  }
}

/** Read once, however many endpoints are tried. */
const meant = new WeakMap<Question, ModelRequest>()

function meantBy(question: Question): ModelRequest {
  const known = meant.get(question)
  if (known !== undefined) return known
  const request = decoded(question)
  meant.set(question, request)
  return request
}

function decoded({ dialect, body, url }: Question): ModelRequest {
  try {
    return dialect.server.decodeRequest(body, url)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new HttpError(400, 'invalid-request', error.message)
  }
}

/**
 * Fields that change what is answered and that only their own dialect can say: what a provider keeps or finds, and other
 * kinds of answers. Wire leaves them out for another dialect, for it knows no better.
 */
const own: Readonly<Partial<Record<DialectName, readonly string[]>>> = {
  'openai-chat': ['audio', 'web_search_options', 'prediction'],
  'openai-responses': ['previous_response_id', 'conversation', 'prompt', 'background'],
  'anthropic-messages': ['mcp_servers', 'container'],
  gemini: ['cachedContent', 'cached_content'],
  'bedrock-converse': ['guardrailConfig'],
  cohere: ['documents'],
}

function refuseWhatIsLost({ dialect, body }: Question): void {
  const name = dialect.name as DialectName
  for (const field of own[name] ?? []) {
    if (isAsked(body[field])) throw new UntranslatableError(`only ${name} can say this`, { path: field })
  }
  if (readCount(name, body) > 1)
    throw new UntranslatableError('only one answer can be asked for', { path: 'n' })
  if (hasOtherThanText(body))
    throw new UntranslatableError('only text can be asked for', { path: 'modalities' })
}

function isAsked(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false
}

function hasOtherThanText({ modalities }: Unread): boolean {
  return Array.isArray(modalities) && modalities.some((one) => one !== 'text')
}
