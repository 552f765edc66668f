/** What every dialect can do, in two halves, so that a program that speaks to models carries only one. */
import type { Answer, Failure, StreamEvent } from './answer.ts'
import type { Provider } from './provider.ts'
import type { ModelRequest } from './request.ts'

/** A dialect whole. A new one is a folder that exports both halves. */
export interface Dialect {
  readonly client: DialectClient
  readonly server: DialectServer
}

/** The half that asks: encodes requests, decodes what comes back. */
export interface DialectClient {
  readonly name: string
  /** Where requests go, below a provider's base URL: `/chat/completions`. */
  readonly path: string
  /** The request's body. Throws a WireError for what the dialect cannot say. */
  encodeRequest(request: ModelRequest, provider: Provider): string
  /** Reads the body of a plain answer. Never throws. */
  decodeResponse(body: string): Answer | Failure
  /** Reads an answer whose HTTP status is an error. Never throws. */
  decodeError(status: number, headers: HeaderReader, body: string): Failure
  /** Reads one streamed answer. */
  decodeStream(provider: Provider): StreamDecoder
}

/** The half that is asked. */
export interface DialectServer {
  /** Reads a request's body, parsed. Throws a WireError that names the place for what it does not know. */
  decodeRequest(body: unknown): ModelRequest
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
  push(chunk: Uint8Array): readonly StreamEvent[]
  /** The bytes are over. */
  end(): readonly StreamEvent[]
}
