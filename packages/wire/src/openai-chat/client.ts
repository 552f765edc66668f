/** The dialect `openai-chat`, chat completions, as OpenAI began them and everybody else extended them: the half that asks. */
import type { DialectClient } from '../dialect.ts'
import { decodeResponse } from './decode-response.ts'
import { ChatStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { decodeError } from './failure.ts'

export const openaiChat: DialectClient = {
  name: 'openai-chat',
  path: '/chat/completions',
  encodeRequest,
  decodeResponse,
  decodeError,
  decodeStream: (provider) => new ChatStreamDecoder(provider),
}
