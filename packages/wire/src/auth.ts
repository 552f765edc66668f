/** How a request proves who sends it. */
import type { DialectName } from './dialect-name.ts'
import type { Auth, Provider } from './provider.ts'

/** A request as it will be sent, without its proof. */
export interface UnsignedRequest {
  readonly url: string
  readonly method: string
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The exact text that is sent: a signature covers it. */
  readonly body: string
}

/** Gives the headers that prove who sends a request, by lower-case names. Asked again for each attempt. */
export type Authorize = (request: UnsignedRequest) => Promise<Readonly<Record<string, string>>>

/** How a provider's dialect wants its key. */
export function authOf(provider: Provider, dialect: string): Auth {
  return provider.auths?.[dialect as DialectName] ?? provider.auth
}

/** The header that carries a key. Where requests are signed, a key is a token that stands for the signature. */
export function keyHeader(auth: Auth, key: string): Record<string, string> {
  return auth.endsWith('-key') ? { [auth]: key } : { authorization: `Bearer ${key}` }
}
