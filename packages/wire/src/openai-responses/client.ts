/** The dialect `openai-responses`, as OpenAI began it and OpenRouter, xAI, DeepSeek and clouds speak it: the half that asks. */
import type { DialectClient } from '../dialect.ts'
import { decodeError } from '../failure.ts'
import { SseFraming } from '../sse.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { decodeResponse } from './decode-response.ts'
import { ResponseFrames } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'

export const openaiResponses: DialectClient = {
  name: 'openai-responses',
  headers: {},
  path: () => '/responses',
  encodeRequest,
  decodeResponse,
  decodeError,
  decodeStream: () => new FrameDecoder(new ResponseFrames(), (sink) => new SseFraming(sink)),
}
