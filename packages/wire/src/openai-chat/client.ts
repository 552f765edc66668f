/** The dialect `openai-chat`, chat completions, as OpenAI began them and everybody else extended them: the half that asks. */
import type { DialectClient } from '../dialect.ts'
import { decodeError } from '../failure.ts'
import { decodeResponse } from './decode-response.ts'
import { decodeStream } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { dialect } from './own.ts'

export const openaiChat: DialectClient = {
  name: dialect,
  headers: {},
  path: () => '/chat/completions',
  encodeRequest,
  decodeResponse,
  decodeError,
  decodeStream,
}
