/** What every dialect can do, in two halves, so that a program that speaks to models carries only one. */
import type { Answer, Failure, StreamEvent, Usage } from './answer.ts'
import type { Cost } from './money.ts'
import type { Provider } from './provider.ts'
import type { ModelRequest } from './request.ts'

/** A dialect whole. A new one is a folder that exports one, and a row in `dialects.ts`. */
export interface Dialect {
  readonly name: string
  readonly client: DialectClient
  readonly server: DialectServer
  /** Whether a request is in this dialect, by its URL and its body, parsed. */
  matches(url: string, body: unknown): boolean
  /** Whether a request of this dialect asks for a stream. */
  asksForStream(url: string, body: unknown): boolean
}

/** The half that asks: encodes requests, decodes what comes back. */
export interface DialectClient {
  readonly name: string
  /** Headers that its requests carry besides the content type, by lower-case names: `anthropic-version`. */
  readonly headers: Readonly<Record<string, string>>
  /** Where a request goes, below the provider's base URL: `/chat/completions`. */
  path(request: ModelRequest, provider: Provider): string
  /** The request's body. Throws a WireError for what the dialect cannot say. */
  encodeRequest(request: ModelRequest, provider: Provider): string
  /** Reads the body of a plain answer. Never throws. */
  decodeResponse(body: string): Answer | Failure
  /** Reads an answer whose HTTP status is an error. Never throws. */
  decodeError(status: number, headers: HeaderReader, body: string): Failure
  /** Reads one streamed answer. */
  decodeStream(provider: Provider): StreamDecoder
}

/** The half that is asked: decodes requests, encodes what goes back. */
export interface DialectServer {
  readonly name: string
  /**
   * Reads a request: its body, parsed, and the URL that it was sent to, where some dialects name the model.
   * Throws a WireError that names the place for what it does not know.
   */
  decodeRequest(body: unknown, url: string): ModelRequest
  /** The body of a plain answer. */
  encodeResponse(answer: Answer, head: AnswerHead): string
  /** A failure before anything was answered. */
  encodeError(failure: Failure): ErrorResponse
  /** Writes one streamed answer. */
  encodeStream(head: AnswerHead): StreamEncoder
}

/** What an answer says of itself before it is known. */
export interface AnswerHead {
  /** The answer's id, in any form: a dialect that wants its own begins it so. */
  readonly id: string
  /** The model that answers, as its asker knows it. */
  readonly model: string
  /** Seconds since 1970. */
  readonly created: number
  /** The URL that was asked, where the form of a stream depends on it (Gemini's `alt=sse`). */
  readonly url?: string
}

/** An HTTP response that says a failure. */
export interface ErrorResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** As much of `Headers` as decoding needs. */
export interface HeaderReader {
  get(name: string): string | null
}

/**
 * Turns the bytes of one streamed answer into events, in whatever cuts they arrive. Never throws: what
 * goes wrong is the last event. After it, nothing comes any more.
 */
export interface StreamDecoder {
  /** Tokens as counted so far; null while they are not. The last event has them too. */
  readonly usage: Usage | null
  /** As reported so far; null while it is not. */
  readonly cost: Cost | null
  push(chunk: Uint8Array): readonly StreamEvent[]
  /** The bytes are over. */
  end(): readonly StreamEvent[]
}

/** Turns the events of one answer into bytes. The last event, `finish` or `error`, also ends the stream. */
export interface StreamEncoder {
  readonly contentType: string
  /** Empty where the dialect has nothing to say, yet or at all. */
  push(event: StreamEvent): Uint8Array
}
