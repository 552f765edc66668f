/** The one error of authentication. */

/**
 * - `missing`: no credentials are set.
 * - `invalid`: what is set cannot be credentials.
 * - `refused`: they were not exchanged for an access token.
 */
export type AuthErrorCode = 'missing' | 'invalid' | 'refused'

/** Why a request cannot be sent in somebody's name. Never shows a secret. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: AuthErrorCode

  constructor(code: AuthErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
