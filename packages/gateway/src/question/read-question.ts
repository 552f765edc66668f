/** Reads a client's request: one look at its JSON gives all that routing, budgets and the ledger need of it. */
import { isUtf8 } from 'node:buffer'
import { type Dialect, type DialectName, isObject, type Unread } from '@playhead/wire'
import { HttpError } from '../http-error.ts'
import type { Question } from '../question.ts'
import { booleanOr, isAbsent, refusal, stringOrNull, wordOrNull } from './fields.ts'
import { inputTokensBound } from './input-bound.ts'
import { readModels } from './models.ts'
import { readCount, readLimit } from './output-limit.ts'
import { parametersOf } from './parameters.ts'
import { readPreferences } from './preferences.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** Answers to one request; OpenAI allows as many. */
const mostAnswers = 128

/**
 * Reads a request in a client's dialect. `url`: path and query; `headers`: by lower-case names. The conversation is not
 * looked into further than its size needs. OpenRouter's fields are read in every dialect. Throws an HttpError 400 that names
 * the JSON path of what is wrong.
 */
export function readQuestion(dialect: Dialect, bytes: Uint8Array, url: string, headers: Headers): Question {
  const text = textOf(bytes)
  const body = bodyOf(text)
  const name = dialect.name as DialectName
  const { models, sort } = readModels(name, body, url)
  booleanOr(body['stream'], false, 'stream')
  const route = wordOrNull(body['route'], ['fallback', 'sort'], 'route')
  const preferences = readPreferences(body['provider'], { sort, sortsAcrossModels: route === 'sort' })
  const bound = inputTokensBound(body)
  return {
    dialect,
    text,
    body,
    url,
    models,
    isStream: dialect.asksForStream(url, body),
    preferences,
    parameters: parametersOf(name, body),
    inputTokensBound: bound,
    maxOutputTokens: readOutputTokens(name, body),
    user: readUser(body),
    session: readSession(body, headers),
  }
}

function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new HttpError(400, 'invalid-request', 'The body is no text in UTF-8')
  return decoder.decode(bytes)
}

const decoder = new TextDecoder()

function bodyOf(text: string): Unread {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw new HttpError(400, 'invalid-request', `The body is not JSON: ${whyNot(error)}`)
  }
  if (!isObject(body))
    throw new HttpError(400, 'invalid-request', 'The body is JSON, but an object is needed')
  return body
}

/** The parser's words without what it quotes: `Unexpected token 'x', ..."what was sent"... is not valid JSON`. */
function whyNot(error: unknown): string {
  const said = error instanceof Error ? error.message : ''
  return said.replace(/, (\.\.\.)?".*$/s, '').replace(/^(.)/, (letter) => letter.toLowerCase())
}

/** For all answers together. */
function readOutputTokens(dialect: DialectName, body: Unread): number | null {
  const limit = readLimit(dialect, body)
  const count = readCount(dialect, body)
  if (count > mostAnswers) throw refusal('n', `no more than ${mostAnswers} answers are given at once`)
  return limit === null ? null : limit * count
}

/** Who asks, for people who read the ledger: what is no string is left to the provider. */
function readUser(body: Unread): string | null {
  const { user, metadata, safety_identifier: identifier } = body
  const named = isObject(metadata) ? metadata['user_id'] : undefined
  const found = [user, named, identifier].find((one) => typeof one === 'string' && one !== '')
  return typeof found === 'string' ? found.slice(0, 256) : null
}

/** The body's before the header's; what a prompt cache goes by says it where neither does. */
function readSession(body: Unread, headers: Headers): string | null {
  const header = headers['x-session-id']
  const said = isAbsent(body['session_id'])
    ? stringOrNull(header === '' ? null : header, 'x-session-id')
    : stringOrNull(body['session_id'], 'session_id')
  const { prompt_cache_key: key } = body
  return said ?? (typeof key === 'string' && key !== '' ? key.slice(0, 256) : null)
}
