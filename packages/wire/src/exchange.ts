/** Decodes whole recorded exchanges: which dialect they are in, and what came back. */
import type { Answer, Failure } from './answer.ts'
import type { Dialect, DialectClient, HeaderReader } from './dialect.ts'
import { isObject } from './json.ts'
import { openaiChat } from './openai-chat/client.ts'
import { openaiChatServer } from './openai-chat/server.ts'
import { providerOf } from './provider.ts'

/** Every dialect that can be decoded. */
export const dialects: readonly Dialect[] = [{ client: openaiChat, server: openaiChatServer }]

/** A whole response. */
export interface ResponseBody {
  readonly url: string
  readonly status: number
  readonly headers: HeaderReader
  readonly body: Uint8Array
}

/** The dialect of a request by its URL and its parsed body; null when it is none that is known. */
export function dialectOf(url: string, body: unknown): Dialect | null {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  return dialects.find(({ client }) => path.endsWith(client.path) && isObject(body)) ?? null
}

/** Whether a request asked for a stream. */
export function asksForStream(body: unknown): boolean {
  return isObject(body) && body['stream'] === true
}

/** Decodes a whole response, streamed or not. Never throws. */
export function decodeExchange(
  dialect: DialectClient,
  response: ResponseBody,
  isStream: boolean,
): Answer | Failure {
  if (response.status >= 400) {
    return dialect.decodeError(response.status, response.headers, new TextDecoder().decode(response.body))
  }
  const isEventStream =
    response.headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true
  if (!isStream && !isEventStream) return dialect.decodeResponse(new TextDecoder().decode(response.body))
  const decoder = dialect.decodeStream(providerOf(response.url))
  const last = [...decoder.push(response.body), ...decoder.end()].at(-1)
  if (last?.type === 'finish') return last.answer
  if (last?.type === 'error') return last.failure
  throw new Error('A stream decoder ended without a last event')
}
