/** Recorded requests that are refused on purpose, although their providers answered them. */

export interface Refusal {
  readonly dialect: string
  /** In words, for the document. */
  readonly what: string
  /** Where the refusal says that it is. */
  readonly path: RegExp
  readonly why: string
}

export const refusals: readonly Refusal[] = []
