/** What keeps secrets off the tape, from the outside. */
import type { Body, HeaderList, Piece } from './interaction.ts'

/** What a string looks like that is shaped like a key and that nobody allowed. It is masked; the recorder says so. */
export interface Finding {
  /** The kind of key: `openai-key`, `aws-access-key`, … Allowed by this name. */
  readonly name: string
  /** Where it stood: `request header x-note`, `request body`, `response body`, `url`. */
  readonly where: string
}

/** Made once for each recorder. */
export interface Redaction {
  /** For one exchange. It learns the secrets of the request's URL and headers at once. */
  exchange(url: string, requestHeaders: HeaderList): ExchangeRedactor
}

/** Removes the secrets of one exchange wherever they stand. Placeholders are the same in every run. */
export interface ExchangeRedactor {
  url(url: string): string
  headers(headers: HeaderList): HeaderList
  /** A request's body, or any whole body, with the headers that describe it. */
  body(body: Body, headers: HeaderList): Body
  /** A text that is no body: an error's message, a line of a report. */
  text(text: string): string
  /** For a response's body while it arrives; learns the secrets of its headers first. */
  response(headers: HeaderList): BodyRedactor
  /** What looked like a key so far. */
  readonly findings: readonly Finding[]
}

/** Pieces go in as they arrive and come out in the same number and order, later where one might end within a secret. */
export interface BodyRedactor {
  push(piece: Piece): readonly Piece[]
  /** The rest. `isCut` where the body broke off: it may end within a secret. */
  end(isCut: boolean): readonly Piece[]
}
