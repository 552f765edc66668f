/** The dialect `openai-responses`: the half that is asked. */
import type { DialectServer } from '../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeError, encodeResponse } from './encode-response.ts'
import { ResponseEncoder } from './encode-stream.ts'

export const openaiResponsesServer: DialectServer = {
  name: 'openai-responses',
  decodeRequest,
  encodeResponse,
  encodeError,
  encodeStream: (head) => new ResponseEncoder(head),
}
