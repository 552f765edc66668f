/** Makes the request that puts a question to an endpoint: in the client's own dialect where it can, else translated. */
import {
  baseUrlOf,
  type Dialect,
  type DialectName,
  dialects,
  type ModelRequest,
  type UnsignedRequest,
} from '@playhead/wire'
import type { Endpoint } from '../endpoint.ts'
import type { Question } from '../question.ts'
import { readCount, readLimit } from '../question/output-limit.ts'
import { isServerSent } from '../question/server-sent.ts'
import { headersFor } from './headers.ts'
import { embeddingBody, isOpenRouter, sameDialectBody } from './same-dialect.ts'
import { type Begun, orUntranslatable, translate, UntranslatableError } from './translate.ts'

export { type Begun, UntranslatableError } from './translate.ts'

/** A dialect by the name that endpoints have for it. */
export type NamedDialect = Dialect & { readonly name: DialectName }

/** A question in the words of one endpoint. */
export interface Asked {
  /** What the upstream is spoken to in, and answers in. */
  readonly dialect: NamedDialect
  /** Whether the answer can pass as it is: it is in the client's own dialect, and not in a cloud's variant of it. */
  readonly isSame: boolean
  readonly request: AskedRequest
}

/** Without the proof of who asks. */
export interface AskedRequest extends UnsignedRequest {
  readonly method: 'POST'
}

export interface About {
  /** The most tokens that all answers together may have; what the client allows counts where it is less. Default: the client's. */
  readonly maxOutputTokens?: number | null
  /** Goes along as `x-request-id`. */
  readonly requestId: string
  /** The client's headers by lower-case names; few of them go on. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/**
 * Pure. Throws an UntranslatableError where this endpoint cannot be asked this, and an HttpError 400 where nobody can, for
 * the request is not one of its dialect.
 */
export function ask(question: Question, endpoint: Endpoint, about: About): Asked {
  const dialect = dialectFor(question, endpoint)
  const isSame = dialect.name === question.dialect.name && endpoint.provider.host === undefined
  const limit = limitOf(question, endpoint, about)
  const body = isSame
    ? sameDialectBody(question, endpoint, limit)
    : translate(question, dialect, endpoint, limit)
  return asked(dialect, isSame, urlFor(question, dialect, endpoint, isSame), body, endpoint, about)
}

/** The request for the rest of an answer that broke off. Throws as `ask` does. */
export function askToContinue(question: Question, endpoint: Endpoint, begun: Begun, about: About): Asked {
  const dialect = dialectFor(question, endpoint)
  const body = translate(question, dialect, endpoint, limitOf(question, endpoint, about), begun)
  return asked(dialect, false, urlFor(question, dialect, endpoint, false), body, endpoint, about)
}

/** A request for embeddings, of OpenAI's form as it is read as a question in `openai-chat`. Throws an UntranslatableError. */
export function askEmbeddings(question: Question, endpoint: Endpoint, about: About): Asked {
  const dialect = named('openai-chat')
  if (!endpoint.dialects.includes('openai-chat'))
    throw new UntranslatableError('this endpoint has no embeddings in the form of OpenAI', { path: '' })
  const url = `${baseUrlOf(endpoint.provider, dialect.name)}/embeddings`
  return asked(dialect, true, url, embeddingBody(question, endpoint), endpoint, about)
}

/** The request with the proof of who asks. Rejects where that cannot be had. */
export async function authorized({ dialect, request }: Asked, endpoint: Endpoint): Promise<AskedRequest> {
  const proof = await endpoint.authorize(dialect.name)(request)
  return { ...request, headers: { ...request.headers, ...proof } }
}

function asked(
  dialect: NamedDialect,
  isSame: boolean,
  url: string,
  body: string,
  { provider }: Endpoint,
  { headers = {}, requestId }: About,
): Asked {
  const sent = headersFor(dialect.client, isOpenRouter(provider), headers, requestId)
  return { dialect, isSame, request: { method: 'POST', url, headers: sent, body } }
}

/** The client's own where the endpoint speaks it, else what it prefers. */
function dialectFor(question: Question, endpoint: Endpoint): NamedDialect {
  const own = endpoint.dialects.find((name) => name === question.dialect.name)
  const name = own ?? endpoint.dialects[0]
  if (name === undefined) throw new UntranslatableError(`${endpoint.id} speaks no dialect`, { path: '' })
  return named(name)
}

const byName: ReadonlyMap<string, Dialect> = new Map(dialects.map((dialect) => [dialect.name, dialect]))

function named(name: DialectName): NamedDialect {
  const dialect = byName.get(name)
  if (dialect === undefined) throw new TypeError(`There is no dialect ${name}`)
  return dialect as NamedDialect
}

/** The most tokens of one answer, where it is less than what the client says; null where that may stand. */
function limitOf(question: Question, endpoint: Endpoint, about: About): number | null {
  const dialect = question.dialect.name as DialectName
  const count = readCount(dialect, question.body)
  const own = readLimit(dialect, question.body)
  // What an endpoint can write at most holds for one answer: several are held to it together.
  const imposed = about.maxOutputTokens ?? (count > 1 && own === null ? mostOf(endpoint) : null)
  if (imposed === null) return null
  const limit = Math.max(1, Math.floor(imposed / count))
  return own === null || limit < own ? limit : null
}

function mostOf({ maxOutputTokens, contextLength }: Endpoint): number | null {
  const known = [maxOutputTokens, contextLength].filter((most) => most !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function urlFor(question: Question, dialect: NamedDialect, endpoint: Endpoint, isSame: boolean): string {
  const { provider, upstreamModel } = endpoint
  const request: ModelRequest = { model: upstreamModel, messages: [], stream: question.isStream }
  const path = orUntranslatable(() => dialect.client.path(request, provider))
  const url = baseUrlOf(provider, dialect.name) + path
  // Whoever asks Gemini without `alt=sse` wants its stream as a JSON array.
  const isArray = isSame && dialect.name === 'gemini' && !isServerSent(question)
  return isArray ? url.replace('?alt=sse', '') : url
}
