/** Decodes Bedrock's errors: exceptions, named in a header, a body or a frame of the stream. */
import type { Failure } from '../answer.ts'
import type { HeaderReader } from '../dialect.ts'
import { decodeError as decodeAnyError, decodeFailure } from '../failure.ts'
import { isObject, objectOr, parseJson, stringIn, stringifyJson } from '../json.ts'

/** Others' words for the exceptions (`ThrottlingException`, in streams `throttlingException`) whose own say something else. */
const words: readonly (readonly [word: string, exception: RegExp])[] = [
  ['authenticat', /expiredtoken|unrecognizedclient|signature/i],
  ['rate_limit', /quota/i],
  ['overloaded', /notready/i],
  ['server', /^model(stream)?error/i],
]

/** Reads an answer whose HTTP status is an error. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: string): Failure {
  const wire = parseJson(body)
  if (!isObject(wire)) return decodeAnyError(status, headers, body)
  const message = stringIn(wire, 'message', 'Message')
  const code = wordOf(headers.get('x-amzn-errortype') ?? stringIn(wire, '__type') ?? '')
  return decodeAnyError(status, headers, stringifyJson({ ...wire, message, code }))
}

/** Reads an exception inside a stream. */
export function decodeException(type: string, data: string): Failure {
  const wire = objectOr(parseJson(data))
  const message = stringIn(wire, 'message') ?? (data.slice(0, 200) || type)
  return decodeFailure({ message, code: wordOf(type), type: 'server_error' })
}

/** `ThrottlingException:http://…`, or `com.amazon.coral.service#ThrottlingException`. */
function wordOf(type: string): string {
  const exception = type.replace(/:.*|.*#/gs, '')
  return words.find(([, exceptions]) => exceptions.test(exception))?.[0] ?? exception
}
