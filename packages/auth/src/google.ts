/** Google's access tokens. https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
import { readFile } from 'node:fs/promises'
import type { Environment } from '@playhead/wire'
import { AuthError } from './error.ts'

/** What getting a token does to the world, handed in. */
export interface TokenEffects {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Milliseconds before its end that a token is no longer used. */
const margin = 60_000

/** Access tokens for the credentials file that the environment names. Who asks at once shares one request. */
export class GoogleTokens {
  readonly #file: string
  readonly #effects: TokenEffects
  #token: { readonly value: string; readonly expires: number } | undefined
  #pending: Promise<string> | undefined

  constructor(environment: Environment, effects: TokenEffects) {
    this.#file = environment['GOOGLE_APPLICATION_CREDENTIALS'] ?? ''
    this.#effects = effects
  }

  /** Whether there is a file. */
  get isSet(): boolean {
    return this.#file !== ''
  }

  /** A token that is still good for a while. Rejects with an AuthError, or with what `fetch` rejects with. */
  get(): Promise<string> {
    const token = this.#token
    if (token !== undefined && this.#effects.now() < token.expires - margin)
      return Promise.resolve(token.value)
    this.#pending ??= this.#request().finally(() => (this.#pending = undefined))
    return this.#pending
  }

  async #request(): Promise<string> {
    const now = this.#effects.now()
    const credentials = await readCredentials(this.#file)
    const form = await formOf(credentials, Math.floor(now / 1000), this.#file)
    const response = await this.#effects.fetch(credentials.tokenUrl, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      redirect: 'error',
    })
    const { access_token: value, expires_in: seconds, error } = parse(await response.text())
    if (!response.ok || typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
      // The description may repeat what was sent; the code is one of RFC 6749's words.
      const code = typeof error === 'string' && /^[\w-]{1,64}$/.test(error) ? `, ${error}` : ''
      throw new AuthError(
        'refused',
        `Google gave no access token for ${this.#file}: status ${response.status}${code}`,
      )
    }
    this.#token = { value, expires: now + (typeof seconds === 'number' ? seconds : 0) * 1000 }
    return value
  }
}

/** What a credentials file says: a service account's, or those of `gcloud auth application-default login`. */
interface Credentials {
  readonly type: string
  readonly tokenUrl: string
  readonly fields: Readonly<Record<string, unknown>>
}

async function readCredentials(file: string): Promise<Credentials> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new AuthError('invalid', `GOOGLE_APPLICATION_CREDENTIALS: ${file} cannot be read (${why})`)
  })
  const fields = parse(text)
  const { type, token_uri: tokenUrl = 'https://oauth2.googleapis.com/token' } = fields
  if (typeof type === 'string' && typeof tokenUrl === 'string' && /^https?:/.test(tokenUrl)) {
    return { type, tokenUrl, fields }
  }
  throw new AuthError('invalid', `GOOGLE_APPLICATION_CREDENTIALS: ${file} is no file of Google credentials`)
}

async function formOf(
  { type, tokenUrl, fields }: Credentials,
  seconds: number,
  file: string,
): Promise<Record<string, string>> {
  const text = (name: string): string => {
    const value = fields[name]
    if (typeof value === 'string' && value !== '') return value
    throw new AuthError('invalid', `GOOGLE_APPLICATION_CREDENTIALS: ${file} has no ${name}`)
  }
  if (type === 'authorized_user') {
    return {
      grant_type: 'refresh_token',
      refresh_token: text('refresh_token'),
      client_id: text('client_id'),
      client_secret: text('client_secret'),
    }
  }
  if (type !== 'service_account') {
    throw new AuthError(
      'invalid',
      `GOOGLE_APPLICATION_CREDENTIALS: credentials of type "${type}" are not known`,
    )
  }
  const { importPKCS8, SignJWT } = await import('jose')
  const { private_key_id: kid } = fields
  const key = await importPKCS8(text('private_key'), 'RS256').catch(() => {
    throw new AuthError('invalid', `GOOGLE_APPLICATION_CREDENTIALS: the private_key in ${file} is none`)
  })
  const assertion = await new SignJWT({ scope: 'https://www.googleapis.com/auth/cloud-platform' })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(typeof kid === 'string' && { kid }) })
    .setIssuer(text('client_email'))
    .setAudience(tokenUrl)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3600)
    .sign(key)
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
}

/** An object, empty where the text is none. */
function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
