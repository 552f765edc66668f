/** Decodes a plain answer of Ollama's native chat, and the lines of a streamed one, which have its form. */
import { type Answer, type Failure, failure } from '../answer.ts'
import { AnswerBuilder } from '../answer-builder.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import { imageType } from '../image-type.ts'
import { arrayOr, isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import { keep } from '../kept-fields.ts'
import { decodeLogprobs } from '../logprobs.ts'
import { truncated } from '../stream-decoder.ts'
import { inputTextOf } from '../tool-input.ts'
import { decodeDurations, decodeFinishReason, decodeUsage } from './tail.ts'

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (!isObject(wire)) return failure('malformed', `The answer is not an object: ${excerpt(body)}`)
  const builder = new AnswerBuilder()
  const calls: Unread[] = []
  const problem = takeLine(builder, wire, calls)
  if (problem !== null) return builder.fail(problem)
  return wire['done'] === true ? finish(builder, wire, calls) : builder.fail(truncated)
}

/** Takes a line of an answer; its calls wait for the end, where they stand behind all else. Gives its error. */
export function takeLine(builder: AnswerBuilder, wire: Unread, calls: Unread[]): Failure | null {
  if (wire['error'] !== undefined && wire['error'] !== null) return decodeLineError(wire)
  if (builder.model === '') builder.model = stringOr(wire['model']) ?? ''
  const message = objectOr(wire['message'])
  builder.addReasoning(stringOr(message['thinking']) ?? '')
  builder.addText(stringOr(message['content']) ?? '')
  if (message['images'] !== undefined) {
    for (const image of arrayOr(message['images'])) {
      if (typeof image !== 'string') continue
      const source = { type: 'base64', base64: image } as const
      builder.addPart({ type: 'media', mediaType: imageType(image), source })
    }
  }
  if (message['tool_calls'] !== undefined) calls.push(...arrayOr(message['tool_calls']).filter(isObject))
  if (wire['logprobs'] !== undefined) {
    for (const logprob of decodeLogprobs(wire['logprobs'])) builder.logprobs.push(logprob)
  }
  return null
}

/** Takes what the last line says besides. */
export function finish(builder: AnswerBuilder, wire: Unread, calls: readonly Unread[]): Answer {
  for (const call of calls) {
    const asked = objectOr(call['function'])
    builder.addCall(
      stringOr(call['id']) ?? '',
      stringOr(asked['name']) ?? '',
      inputTextOf(asked['arguments']),
    )
  }
  builder.usage = decodeUsage(wire)
  builder.rawFinishReason = stringOr(wire['done_reason'])
  builder.data = keep('ollama', decodeDurations(wire)).data
  return builder.finish(decodeFinishReason(builder.rawFinishReason, builder.hasCalls))
}

/** An error after the answer began is the server's: what was wrong with the request was said before. */
function decodeLineError(wire: Unread): Failure {
  const { status_code: status } = wire
  const decoded = decodeFailure(wire, typeof status === 'number' ? status : null)
  return decoded.code === 'unknown' ? { ...decoded, code: 'server', retryable: true } : decoded
}
