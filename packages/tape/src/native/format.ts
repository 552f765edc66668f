/** The native tape: what its lines say. docs/tape-format.md describes the same for everybody. */
import type { About } from '../cassette.ts'
import type { FormatFields, HeaderList } from '../interaction.ts'
import type { Keys } from '../match.ts'

/** The version of the format that is written, and the newest that is read. */
export const tapeVersion = 1

/** Whether a file that starts so is a native tape. */
export function isNativeTape(start: string | Uint8Array): boolean {
  const text = typeof start === 'string' ? start : Buffer.from(start.subarray(0, 256)).toString()
  return /^\uFEFF?\s*\{\s*"type"\s*:\s*"tape"/.test(text)
}

/** The first line: what the tape says of itself. */
export interface TapeHeader extends About {
  /** The matcher whose keys the requests' lines hold. */
  readonly matcher: string
}

/** The lines that belong to an exchange, by their `type`. All others are kept and mean nothing here. */
export const factTypes = [
  'request',
  'response',
  'chunk',
  'body',
  'end',
  'abort',
  'error',
  'unfinished',
] as const

export type FactType = (typeof factTypes)[number]

/** The lines after which nothing more comes of an exchange. */
export const endingTypes: ReadonlySet<string> = new Set<FactType>(['end', 'abort', 'error', 'unfinished'])

/** What a request is found by, as its line has it: nothing where the tape's own matcher has not seen it. */
export type StoredKeys = Keys | typeof noKeys

export const noKeys = { key: null, exact: null } as const

/** A request's body on its line. */
export type StoredBody = string | StoredBytes | LikeBody

/** Bytes that are no UTF-8 text. */
export interface StoredBytes {
  readonly base64: string
}

/** A text that is mostly the same as an earlier request's body. Counted in UTF-16 units, as JavaScript does. */
export interface LikeBody {
  /** The `id` of the request whose body it is like. */
  readonly like: number
  /** How much of that body stands at the start. */
  readonly start: number
  readonly text: string
  /** How much of that body stands at the end. */
  readonly end: number
}

/** How many bodies one after the other may be like the one before: so many lines are read for one body at most. */
export const deepestLike = 32

/** Bytes of a body on one line, at most; a larger piece stands on several. */
export const largestPiece = 2 ** 24

/** A request as its line has it. */
export interface StoredRequest {
  readonly startedAt: number | null
  readonly method: string
  readonly url: string
  readonly headers: HeaderList
  readonly body: StoredBody
  readonly extra: FormatFields | undefined
}

/** A piece of a response's body as its line has it; `at` is null on the lines of formats that keep no pieces. */
export interface StoredPiece {
  readonly at: number | null
  readonly data: string | Uint8Array
}
