/** The dialect `bedrock-converse`, Amazon Bedrock's Converse API: the half that asks. */
import type { DialectClient } from '../dialect.ts'
import { modelSegment } from '../url.ts'
import { decodeResponse } from './decode-response.ts'
import { decodeStream } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { decodeError } from './failure.ts'
import { name } from './name.ts'

export const bedrockConverse: DialectClient = {
  name,
  headers: {},
  path: ({ model, stream }) => `/model/${modelSegment(model)}/converse${stream ? '-stream' : ''}`,
  encodeRequest,
  decodeResponse,
  decodeError,
  decodeStream,
}
