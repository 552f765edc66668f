/** The dialect `bedrock-converse`: the half that is asked. */
import type { DialectServer } from '../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeError } from './encode-error.ts'
import { encodeResponse } from './encode-response.ts'
import { encodeStream } from './encode-stream.ts'
import { name } from './name.ts'

export const bedrockConverseServer: DialectServer = {
  name,
  decodeRequest,
  encodeResponse,
  encodeError,
  encodeStream: () => encodeStream(),
}
