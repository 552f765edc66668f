/** What a cassette holds: requests, their responses, and how each exchange ended. */

/** Header names and values in recorded order and case; a repeated header is a repeated entry. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** The first value of a header; `wanted` is its name in lower case. */
export function headerOf(headers: HeaderList, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
}

/** What a body is said to be, in lower case; empty where no header says it. */
export function contentType(headers: HeaderList): string {
  return (headerOf(headers, 'content-type') ?? '').trim().toLowerCase()
}

/** A body as recorded: text when it is valid UTF-8, else its bytes. */
export type Body = string | Uint8Array

/** One request and what came back, byte for byte. */
export interface Interaction {
  /** Its place in the cassette, counted from 0. */
  readonly id: number
  readonly request: RecordedRequest
  /** Null when no head ever came: the connection failed, or the caller left before. */
  readonly response: RecordedResponse | null
  readonly ending: Ending
  /** When the request was sent, in milliseconds since 1970; null where the format does not say. */
  readonly startedAt: number | null
}

/** A request as it was sent, secrets taken out. */
export interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderList
  readonly body: Body
  /** What only the cassette's own format knows, kept so that the same file can be written again. */
  readonly extra?: FormatFields
}

/** The start of a response. */
export interface RecordedHead {
  readonly status: number
  readonly statusText: string
  readonly headers: HeaderList
  /** Milliseconds from sending the request to the response's head. */
  readonly duration: number
}

/** A response as it came, secrets taken out. */
export interface RecordedResponse extends RecordedHead {
  readonly body: Body
  /** The body's pieces as they arrived, in order; null where the format keeps none. Their lengths add up to the body's. */
  readonly chunks: readonly Chunk[] | null
  readonly extra?: FormatFields
}

/** One piece of a body. */
export interface Chunk {
  /** Bytes. */
  readonly length: number
  /** Milliseconds from sending the request. */
  readonly at: number
}

/** A piece of a body with its bytes. */
export interface Piece {
  readonly bytes: Uint8Array
  /** Milliseconds from sending the request. */
  readonly at: number
}

/**
 * How an exchange ended, `at` so many milliseconds after the request was sent.
 * - `end`: the response came whole.
 * - `abort`: the caller left; `reason` is the name of its signal's reason (`AbortError`, `TimeoutError`), or `cancelled`
 *   where it stopped reading.
 * - `error`: the connection failed; `code` is the system's (`ECONNRESET`) where there is one.
 * - `unfinished`: whoever recorded it was gone before its end.
 */
export type Ending =
  | { readonly type: 'end'; readonly at: number }
  | { readonly type: 'abort'; readonly at: number; readonly reason: string }
  | { readonly type: 'error'; readonly at: number; readonly code: string | null; readonly message: string }
  | { readonly type: 'unfinished'; readonly at: number }

/** Fields of a cassette format by their own names. */
export type FormatFields = Readonly<Record<string, unknown>>
