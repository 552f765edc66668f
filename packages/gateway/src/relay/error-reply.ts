/** Says a failure in the client's dialect: as a response, or within a stream that has begun. */
import {
  type AnswerHead,
  type Dialect,
  type ErrorResponse,
  type Failure,
  isObject,
  type Json,
  type JsonObject,
  type StreamEvent,
} from '@playhead/wire'

/**
 * A failure before anything was answered. `details` stand in the error beside its message (`availability`, `metadata`), where
 * the dialect's errors are objects.
 */
export function errorReply(client: Dialect, failure: Failure, details: JsonObject = {}): ErrorResponse {
  const said = client.server.encodeError(failure)
  const reply = { ...said, headers: { 'content-type': 'application/json', ...said.headers } }
  if (Object.keys(details).length === 0) return reply
  const body = JSON.parse(reply.body) as JsonObject
  const { error } = body
  return isObject(error)
    ? { ...reply, body: JSON.stringify({ ...body, error: merged(error, details) }) }
    : reply
}

function merged(error: JsonObject, details: JsonObject): JsonObject {
  const more = Object.entries(details).map(([name, value]): [string, Json] => {
    const known = error[name]
    return [name, isObject(known) && isObject(value) ? { ...known, ...value } : value]
  })
  return { ...error, ...Object.fromEntries(more) }
}

const frames = /(?<=\n\r?\n)/

/**
 * A failure within a stream of server-sent events that another has begun: what an encoder writes for it, without the frames that
 * every answer begins with.
 */
export function failureFrames(client: Dialect, head: AnswerHead, failure: Failure): Uint8Array {
  const said = firstFrames(client, head, { type: 'error', failure })
  const begun = firstFrames(client, head, { type: 'text', text: '-' })
  const different = said.findIndex((frame, index) => frame !== begun[index])
  return Buffer.from(said.slice(different).join(''))
}

function firstFrames(client: Dialect, head: AnswerHead, event: StreamEvent): string[] {
  return new TextDecoder().decode(client.server.encodeStream(head).push(event)).split(frames)
}
