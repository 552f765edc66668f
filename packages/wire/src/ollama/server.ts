/** The dialect `ollama`: the half that is asked. */
import type { DialectServer } from '../dialect.ts'
import { errorStatus, messageFor, retryHeaders } from '../error-status.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeResponse } from './encode-response.ts'
import { encodeStream } from './encode-stream.ts'

export const ollamaServer: DialectServer = {
  name: 'ollama',
  decodeRequest,
  encodeResponse,
  encodeError: (failure) => ({
    status: errorStatus(failure),
    headers: { 'content-type': 'application/json; charset=utf-8', ...retryHeaders(failure) },
    body: JSON.stringify({ error: messageFor(failure) }),
  }),
  encodeStream,
}
