/** The dialect `gemini`: the half that is asked. */
import type { DialectServer } from '../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeError, encodeResponse } from './encode-response.ts'
import { encodeStream } from './encode-stream.ts'

export const geminiServer: DialectServer = {
  name: 'gemini',
  decodeRequest,
  encodeResponse,
  encodeError,
  encodeStream,
}
