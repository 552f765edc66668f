/** Which streams are server-sent events: comments can stand in them. */
import type { Question } from '../question.ts'

/** Whether a streamed answer to a question is. Of Gemini's the URL says it, with `alt=sse`; else they are JSON arrays. */
export function isServerSent({ dialect, url }: Pick<Question, 'dialect' | 'url'>): boolean {
  return isEventStream(dialect.server.encodeStream({ id: '', model: '', created: 0, url }).contentType)
}

export function isEventStream(contentType: string): boolean {
  return contentType.startsWith('text/event-stream')
}
