/** The dialect `anthropic-messages`, also as Vertex AI and Bedrock host it: the half that asks. */
import type { DialectClient } from '../dialect.ts'
import { decodeError } from '../failure.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest } from '../request.ts'
import { modelSegment } from '../url.ts'
import { decodeResponse } from './decode-response.ts'
import { decodeStream } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { name } from './name.ts'

/** Reads streams as Anthropic and Vertex AI send them; the dialect whole also reads those of Bedrock. */
export const anthropicMessages: DialectClient = {
  name,
  // https://platform.claude.com/docs/en/api/versioning
  headers: { 'anthropic-version': '2023-06-01' },
  path,
  encodeRequest,
  decodeResponse,
  decodeError,
  decodeStream,
}

/** The clouds name the model in the URL, and whether the answer is a stream. */
function path({ model, stream }: ModelRequest, { host }: Provider): string {
  if (host === undefined) return '/messages'
  const id = modelSegment(model)
  if (host === 'bedrock') return `/model/${id}/invoke${stream ? '-with-response-stream' : ''}`
  return `/publishers/anthropic/models/${id.replaceAll('%40', '@')}:${stream ? 'streamRawPredict' : 'rawPredict'}`
}
