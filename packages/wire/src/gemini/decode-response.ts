/** Decodes a plain answer. https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
import { type Answer, type Failure, failure } from '../answer.ts'
import { excerpt } from '../failure.ts'
import { parseJson } from '../json.ts'
import { ChunkReader } from './answer-reader.ts'

/** Reads the body of a plain answer, or of a stream that came as an array. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  const reader = new ChunkReader()
  return reader.takeBody(wire) ?? reader.complete()
}
