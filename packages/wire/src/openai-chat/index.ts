/** The dialect `openai-chat`: chat completions, as OpenAI began them and everybody else extended them. */
import type { Dialect } from '../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResponse } from './decode-response.ts'
import { ChatStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { decodeError } from './failure.ts'

export const openaiChat: Dialect = {
  name: 'openai-chat',
  path: '/chat/completions',
  encodeRequest,
  decodeRequest,
  decodeResponse,
  decodeError,
  decodeStream: (provider) => new ChatStreamDecoder(provider),
}
