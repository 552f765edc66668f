/** Proves to a provider who sends a request: by a key, an AWS signature or a Google access token. */
export { authorize, type AuthorizeOptions } from './authorize.ts'
export { isReady, missingCredentials, waysIn } from './credentials.ts'
export { AuthError, type AuthErrorCode } from './error.ts'
