/** What a cassette holds: one request and its response. */

/** Header names and values in recorded order and case; a repeated header is a repeated entry. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** A body as recorded: text when it is valid UTF-8, else its bytes. */
export type Body = string | Uint8Array

/** One request and its response, byte for byte. */
export interface Interaction {
  /** Its place in the cassette, counted from 0. */
  readonly id: number
  readonly request: RecordedRequest
  readonly response: RecordedResponse
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

/** A response as it came, secrets taken out. */
export interface RecordedResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: HeaderList
  readonly body: Body
  /** Milliseconds from sending the request to the response's head. */
  readonly duration: number
  readonly extra?: FormatFields
}

/** Fields of a cassette format by their own names. */
export type FormatFields = Readonly<Record<string, unknown>>
