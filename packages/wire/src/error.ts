/** The one error that encoding and decoding throw. */

/**
 * - `malformed`: not a message of the dialect at all.
 * - `unsupported`: a message that cannot be carried without changing what it says.
 */
export type WireErrorCode = 'malformed' | 'unsupported'

/** What cannot be translated, and where it stands. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: WireErrorCode
  /** Where, as a JSON path: `messages[3].content`. Empty for the whole. */
  readonly path: string

  constructor(code: WireErrorCode, message: string, options: ErrorOptions & { readonly path: string }) {
    super(options.path === '' ? message : `${options.path}: ${message}`, options)
    this.code = code
    this.path = options.path
  }
}
