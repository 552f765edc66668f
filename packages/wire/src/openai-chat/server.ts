/** The dialect `openai-chat`: the half that is asked. Answers are written as OpenRouter writes them. */
import type { DialectServer } from '../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeError } from './encode-answer.ts'
import { encodeResponse } from './encode-response.ts'
import { encodeStream } from './encode-stream.ts'
import { dialect } from './own.ts'

export const openaiChatServer: DialectServer = {
  name: dialect,
  decodeRequest,
  encodeResponse,
  encodeError,
  encodeStream,
}
