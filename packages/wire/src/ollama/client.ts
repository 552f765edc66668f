/** The dialect `ollama`, its native chat (https://docs.ollama.com/api/chat): the half that asks. */
import type { DialectClient } from '../dialect.ts'
import { decodeError } from '../failure.ts'
import { LineFraming } from '../ndjson.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { decodeResponse } from './decode-response.ts'
import { OllamaReader } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'

export const ollamaChat: DialectClient = {
  name: 'ollama',
  headers: {},
  path: () => '/chat',
  encodeRequest,
  decodeResponse,
  decodeError,
  decodeStream: () => new FrameDecoder(new OllamaReader(), (sink) => new LineFraming(sink)),
}
