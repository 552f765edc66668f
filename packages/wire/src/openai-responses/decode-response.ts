/** Decodes a plain response. https://platform.openai.com/docs/api-reference/responses/object */
import { type Answer, type Failure, failure } from '../answer.ts'
import { decodeStray, excerpt } from '../failure.ts'
import { objectOr, parseJson, stringIn } from '../json.ts'
import { Output } from './output.ts'

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  return takeResponse(new Output(), wire)
}

/** Takes a body that is already parsed, to its last event. */
export function takeResponse(output: Output, wire: unknown): Answer | Failure {
  const response = objectOr(wire)
  if (Array.isArray(response['output']) || stringIn(response, 'status') !== null)
    return output.complete({ response }, '')
  return output.fail(decodeStray(wire, 'The answer is not a response'))
}
