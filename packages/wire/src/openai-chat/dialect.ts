/** The dialect `openai-chat` whole. */
import { invokeOrSse } from '../aws-invoke.ts'
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { openaiChat } from './client.ts'
import { AnswerReader } from './answer-reader.ts'
import { openaiChatServer } from './server.ts'
import { targetOf } from './urls.ts'

export const openaiChatDialect: Dialect = {
  name: 'openai-chat',
  // Bedrock serves it also in events of AWS's.
  client: {
    ...openaiChat,
    decodeStream: ({ quirks }) => new FrameDecoder(new AnswerReader(quirks.streamEnd), invokeOrSse),
  },
  server: openaiChatServer,
  matches: (url, body) => targetOf(url, body) !== null,
  asksForStream: (url, body) =>
    isObject(body) && (body['stream'] === true || targetOf(url, body)?.stream !== undefined),
}
