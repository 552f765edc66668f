/** Decodes a streamed chat completion. https://platform.openai.com/docs/api-reference/chat-streaming */
import type { StreamDecoder } from '../dialect.ts'
import { SseFraming } from '../sse.ts'
import type { Provider } from '../provider.ts'
import { FrameDecoder } from '../stream-decoder.ts'
import { AnswerReader } from './answer-reader.ts'

/** Reads one streamed answer. */
export function decodeStream({ quirks }: Provider): StreamDecoder {
  return new FrameDecoder(new AnswerReader(quirks.streamEnd), (sink) => new SseFraming(sink))
}
