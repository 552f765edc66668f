/** Makes what proves to a provider who sends a request. */
import { type Authorize, authOf, type Environment, keyHeader, type Provider } from '@playhead/wire'
import { awsCredentials, sign } from './aws.ts'
import { credentialOf, missingCredentials } from './credentials.ts'
import { GoogleTokens, type TokenEffects } from './google.ts'

/** What `authorize` needs besides the provider; all of it has a default. */
export interface AuthorizeOptions extends Partial<TokenEffects> {
  /** What the provider is spoken to in. Default: its own first. */
  readonly dialect?: string
  /** Default: the process's. */
  readonly environment?: Environment
}

/**
 * A function that gives each request the headers that prove who sends it: a key where one is set, else an
 * AWS signature or a Google access token, which is kept until shortly before it expires. None where the
 * provider asks for none. It rejects with an AuthError that names what is missing.
 */
export function authorize(provider: Provider, options: AuthorizeOptions = {}): Authorize {
  const { dialect = provider.dialects[0] ?? '', environment = process.env } = options
  const { fetch = globalThis.fetch, now = Date.now } = options
  const auth = authOf(provider, dialect)
  const tokens = new GoogleTokens(environment, { fetch, now })
  return async (request) => {
    const { keyVariable } = provider
    const key = keyVariable === null ? undefined : credentialOf(environment, keyVariable)
    if (key !== undefined) return keyHeader(auth, key)
    if (keyVariable === null) return {}
    if (auth === 'google-oauth' && tokens.isSet) return keyHeader(auth, await tokens.get())
    const credentials = auth === 'aws-sigv4' ? awsCredentials(environment) : undefined
    if (credentials === undefined) throw missingCredentials(provider)
    return sign(request, credentials, now())
  }
}
