/** Decodes a plain chat completion. https://platform.openai.com/docs/api-reference/chat/object */
import { type Answer, type Failure, failure } from '../answer.ts'
import { brokenOff, decodeFailure, excerpt } from '../failure.ts'
import { arrayOr, isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import { AnswerReader } from './answer-reader.ts'
import { decodeFinishReason } from './finish.ts'

const empty = failure('truncated', 'The answer has no content and no finish reason')

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  return readCompletion(wire, new AnswerReader())
}

/** Reads a body that is parsed into what is known of its answer. */
export function readCompletion(wire: unknown, reader: AnswerReader): Answer | Failure {
  const choice = arrayOr(objectOr(wire)['choices']).find(isObject)
  if (isObject(wire)) reader.takeHead(wire)
  if (choice !== undefined) reader.takeChoice(choice, choice['message'], true)
  const error = errorOf(wire, choice)
  if (error !== undefined) return reader.fail(decodeFailure(error, null))
  if (choice === undefined) return reader.fail(failure('malformed', 'The answer has no choices'))
  return reader.finish(empty)
}

/** An error at the top, in the choice (OpenRouter, with partial content), or only its finish reason. */
function errorOf(wire: unknown, choice: Unread | undefined): unknown {
  if (Array.isArray(wire)) return wire
  if (!isObject(wire)) return undefined
  if (wire['error'] !== undefined && wire['error'] !== null) return wire
  if (choice === undefined) return wire['message'] === undefined ? undefined : wire
  if (isObject(choice['error'])) return { ...wire, error: choice['error'] }
  const isBrokenOff = decodeFinishReason(stringOr(choice['finish_reason'])) === 'error'
  return isBrokenOff ? { ...wire, ...brokenOff } : undefined
}
