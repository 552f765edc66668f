/** Decodes a plain chat completion. https://platform.openai.com/docs/api-reference/chat/object */
import { type Answer, type Failure, failure } from '../answer.ts'
import { arrayOr, isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import { Assembly, isNothing } from './assembly.ts'
import { textOfContent, thinkingOfContent } from './content.ts'
import { brokenOff, decodeFailure } from './failure.ts'
import { decodeFinishReason } from './finish.ts'
import { decodeToolCalls } from './tool-calls.ts'

const empty = failure('truncated', 'The answer has no content and no finish reason')

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  return decodeCompletion(wire)
}

/** The same for a body that is already parsed. */
export function decodeCompletion(wire: unknown): Answer | Failure {
  const choice = arrayOr(objectOr(wire)['choices']).find(isObject)
  const assembly = new Assembly()
  if (isObject(wire)) assembly.addHead(wire)
  const message = objectOr(choice?.['message'])
  assembly.text.add(textOfContent(message['content']) || (stringOr(message['refusal']) ?? ''))
  assembly.reasoning.addWhole(withThinking(message))
  const error = errorOf(wire, choice)
  if (error !== undefined) return assembly.fail(decodeFailure(error, null))
  if (choice === undefined) return failure('malformed', 'The answer has no choices')
  assembly.rawFinishReason = stringOr(choice['finish_reason'])
  const answer = assembly.finish(decodeToolCalls(arrayOr(message['tool_calls'])))
  return isNothing(answer) ? assembly.fail(empty) : answer
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

/** A message or delta whose reasoning is found in one place: beside `content` or inside it. */
export function withThinking(message: Unread): Unread {
  return Array.isArray(message['content'])
    ? { ...message, reasoning: thinkingOfContent(message['content']) }
    : message
}

/** The start of what is not the dialect, to be named in a failure. */
export function excerpt(body: string): string {
  return body.trim() === '' ? 'it is empty' : JSON.stringify(body.trim().slice(0, 80))
}
