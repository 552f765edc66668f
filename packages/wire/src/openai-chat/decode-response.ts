/** Decodes a plain chat completion. https://platform.openai.com/docs/api-reference/chat/object */
import { type Answer, type Failure, failure } from '../answer.ts'
import { excerpt } from '../failure.ts'
import { parseJson } from '../json.ts'
import { AnswerReader } from './answer-reader.ts'

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  return new AnswerReader().takeBody(wire)
}
