/** Decodes a plain chat completion. https://platform.openai.com/docs/api-reference/chat/object */
import { type Answer, type Failure, failure } from '../answer.ts'
import { decodeStray, excerpt } from '../failure.ts'
import { objectOr, objectsOr, parseJson } from '../json.ts'
import { AnswerReader } from './answer-reader.ts'

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  return readCompletion(wire, new AnswerReader())
}

/** Reads a body that is parsed into what is known of its answer. */
export function readCompletion(wire: unknown, reader: AnswerReader): Answer | Failure {
  const completion = objectOr(wire)
  const error = reader.takeChunk(completion, true)
  if (error !== undefined) return error
  if (objectsOr(completion['choices']).length > 0) return reader.complete()
  return reader.fail(decodeStray(wire, 'The answer has no choices'))
}
