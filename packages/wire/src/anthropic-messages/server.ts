/** The dialect `anthropic-messages`: the half that is asked. */
import type { DialectServer } from '../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeError } from './encode-error.ts'
import { encodeResponse } from './encode-response.ts'
import { MessageStreamEncoder } from './encode-stream.ts'
import { name } from './name.ts'

export const anthropicMessagesServer: DialectServer = {
  name,
  decodeRequest,
  encodeResponse,
  encodeError,
  encodeStream: (head) => new MessageStreamEncoder(head),
}
