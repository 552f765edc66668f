/** The dialect `cohere`, version 2 of its chat (https://docs.cohere.com/reference/chat): the half that asks. */
import type { DialectClient } from '../dialect.ts'
import { decodeError } from '../failure.ts'
import { SseFraming } from '../sse.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { decodeResponse } from './decode-response.ts'
import { CohereReader } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'

export const cohereChat: DialectClient = {
  name: 'cohere',
  headers: {},
  path: () => '/chat',
  encodeRequest,
  decodeResponse,
  decodeError,
  decodeStream: () => new FrameDecoder(new CohereReader(), (sink) => new SseFraming(sink)),
}
