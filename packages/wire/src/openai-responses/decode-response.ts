/** Decodes a plain response. https://platform.openai.com/docs/api-reference/responses/object */
import { type Answer, type Failure, failure } from '../answer.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import { isObject, parseJson, stringOr } from '../json.ts'
import { Output } from './output.ts'

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  const output = new Output()
  takeResponse(output, wire)
  const last = output.answer.takeEvents().at(-1)
  if (last?.type === 'finish') return last.answer
  return last?.type === 'error' ? last.failure : failure('malformed', 'The answer is not a response')
}

/** Takes a body that is already parsed, to its last event. */
export function takeResponse(output: Output, wire: unknown): void {
  const response = isObject(wire) ? wire : {}
  if (Array.isArray(response['output']) || stringOr(response['status']) !== null) {
    output.finish(response, null)
  } else if (Array.isArray(wire) || Object.keys(response).some((name) => errorFields.has(name))) {
    output.answer.fail(decodeFailure(wire, null))
  } else {
    output.answer.fail(failure('malformed', 'The answer is not a response'))
  }
}

const errorFields: ReadonlySet<string> = new Set(['error', 'message', 'detail'])
