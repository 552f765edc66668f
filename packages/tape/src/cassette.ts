/** A cassette that is open for reading, whatever its format. */
import type { YamlStyle } from './go-vcr/format.ts'
import type { Body, Ending, Interaction, Piece, RecordedHead } from './interaction.ts'
import type { Matcher } from './match.ts'

/** `tape` is the native one; the others are read, `go-vcr` (2) and `har` are written too. */
export type FormatName =
  | 'tape'
  | 'go-vcr'
  | 'go-vcr-1'
  | 'vcrpy'
  | 'ruby-vcr'
  | 'har'
  | 'nock'
  | 'undici'
  | 'dd-trace'
  | 'aimock'
  | 'httprr'
  | 'req-cassette'
  | 'req-llm'
  | 'exvcr'
  | 'php-vcr'
  | 'easyvcr'
  | 'azure-test-proxy'
  | 'mastra'
  | 'seinfeld'

/** What a cassette says of itself. */
export interface About {
  /** When it was begun, in milliseconds since 1970; null where nothing says so. */
  readonly recordedAt: number | null
  /** Names of the normalisers that its requests are matched with. */
  readonly normalise: readonly string[]
  /** The cassette that this one was cut from, and how many of its interactions stand here. */
  readonly parent: { readonly file: string; readonly at: number } | null
  /** How a go-vcr file is indented. */
  readonly yaml?: YamlStyle
}

/** Interactions in recorded order, each read when it is asked for. */
export interface Cassette extends Iterable<Interaction>, Disposable {
  readonly file: string
  readonly format: FormatName
  readonly about: About
  /** How many interactions there are. */
  readonly length: number
  /** What was wrong with the file and did not keep it from being read: a torn last line. One line each. */
  readonly warnings: readonly string[]
  /** The interaction at a place, from 0. Throws a TapeError where it cannot be read, or its body is too large for memory. */
  at(index: number): Interaction
  /** The head of its response; null where none ever came. */
  headAt(index: number): RecordedHead | null
  endingAt(index: number): Ending
  /** Its response's body. Throws a TapeError where that is too large for memory. */
  bodyAt(index: number): Body
  /** Bytes that its response's body takes, without reading it. */
  sizeAt(index: number): number
  /** Its response's body as it arrived, piece by piece, without ever holding the whole. One piece where the format keeps none. */
  piecesAt(index: number): Iterable<Piece>
  /** The digest of its key: as stored where the same matcher stored it, else computed. */
  digestAt(index: number, matcher: Matcher): string
  /** Those digests by what `exactDigest` gives for their requests, of those interactions where the same matcher stored both. */
  exactly(matcher: Matcher): ReadonlyMap<string, string>
}
