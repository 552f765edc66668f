/** Decodes a streamed chat completion. https://platform.openai.com/docs/api-reference/chat-streaming */
import { failure } from '../answer.ts'
import type { StreamDecoder } from '../dialect.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import { type Frame, SseFraming } from '../frames.ts'
import { isObject, parseJson } from '../json.ts'
import type { Provider } from '../provider.ts'
import { FrameDecoder, type FrameReader, truncated } from '../stream-decoder.ts'
import { AnswerReader } from './answer-reader.ts'
import { readCompletion } from './decode-response.ts'

/** Reads one streamed answer. */
export function decodeStream(provider: Provider): StreamDecoder {
  return new FrameDecoder(new ChunkReader(provider), () => new SseFraming())
}

/** One pass, nothing copied, nothing parsed twice. */
export class ChunkReader extends AnswerReader implements FrameReader {
  readonly #isReasonEnough: boolean

  constructor({ quirks }: Provider) {
    super()
    this.#isReasonEnough = quirks.streamEnd === 'finish-reason'
  }

  take({ name, data }: Frame): void {
    // The end is looked at first: an error of `JSON.parse` is dear.
    const chunk = data === '[DONE]' ? undefined : parseJson(data)
    if (!isObject(chunk)) this.#takeWords(name, data.trim())
    else if (name === 'error') this.fail(decodeFailure(chunk))
    else this.takeChunk(chunk, false)
  }

  /** Data that is no chunk: the end, a misplaced keepalive (`data: : ping`), or something broken. */
  #takeWords(name: string, words: string): void {
    if (words === '[DONE]') this.complete()
    else if (name === 'error') this.fail(failure('unknown', words || 'The provider failed'))
    else if (!isIdle.test(words))
      this.fail(failure('malformed', `An event of the stream is not a chunk: ${excerpt(words)}`))
  }

  /** A JSON body where a stream was asked for: an error, or a server that does not stream. */
  takeBody(wire: unknown): void {
    readCompletion(wire, this)
  }

  /** The bytes are over without `[DONE]`. */
  end(): void {
    const isEnough = this.#isReasonEnough && this.rawFinishReason !== null
    if (isEnough) this.complete()
    else this.fail(truncated)
  }
}

/** What says nothing. */
const isIdle = /^(:.*|null)?$/s
