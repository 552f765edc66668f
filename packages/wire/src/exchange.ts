/** Decodes whole recorded exchanges. */
import type { Answer, Failure } from './answer.ts'
import type { DialectClient, HeaderReader } from './dialect.ts'
import { providerOf } from './provider-of.ts'

/** A whole response. */
export interface ResponseBody {
  readonly url: string
  readonly status: number
  readonly headers: HeaderReader
  readonly body: Uint8Array
}

/** Whether a content type is one that only streams have. */
export function isStreamType(contentType: string): boolean {
  return streamTypes.test(contentType)
}

const streamTypes = /^\s*(text\/event-stream|application\/(vnd\.amazon\.eventstream|x-ndjson|stream\+json))/i

/** Decodes a whole response, streamed or not. Never throws. */
export function decodeExchange(
  dialect: DialectClient,
  response: ResponseBody,
  isStream: boolean,
): Answer | Failure {
  if (response.status >= 400) {
    return dialect.decodeError(response.status, response.headers, new TextDecoder().decode(response.body))
  }
  if (!isStream && !isStreamType(response.headers.get('content-type') ?? ''))
    return dialect.decodeResponse(new TextDecoder().decode(response.body))
  const decoder = dialect.decodeStream(providerOf(response.url))
  const last = [...decoder.push(response.body), ...decoder.end()].at(-1)
  if (last?.type === 'finish') return last.answer
  if (last?.type === 'error') return last.failure
  throw new Error('A stream decoder ended without a last event')
}
