/** Reads requests as clients send them. */
import { type Dialect, openaiChatDialect } from '@playhead/wire'
import type { Question } from '../../src/question.ts'
import { readQuestion } from '../../src/question/read-question.ts'

export const hello = { model: 'a/b', messages: [{ role: 'user', content: 'Hello' }] }
export const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }]
/** Where Gemini's requests go. */
export const geminiUrl = '/v1beta/models/gemini-2.5-flash:generateContent'

/** What a body says, which is written as JSON where it is no text. */
export function read(body: unknown, dialect: Dialect = openaiChatDialect, url = '', headers = {}): Question {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return readQuestion(dialect, new TextEncoder().encode(text), url, headers)
}
