/** Which environment variables let a program in at a provider. */
import type { Auth, Environment, Provider } from '@playhead/wire'
import { AuthError } from './error.ts'

/** Beside a key, what signs in its place: the variables that it takes together. */
const signers: Readonly<Partial<Record<Auth, readonly string[]>>> = {
  'aws-sigv4': ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  'google-oauth': ['GOOGLE_APPLICATION_CREDENTIALS'],
}

/** The ways in at a provider, the first that is set wins; each is variables that it takes together. */
export function waysIn({ auth, keyVariable }: Provider): readonly (readonly string[])[] {
  const signer = signers[auth]
  return [...(keyVariable === null ? [] : [[keyVariable]]), ...(signer === undefined ? [] : [signer])]
}

/** Whether a program is let in: something is set, or nothing is wanted. */
export function isReady(provider: Provider, environment: Environment): boolean {
  const ways = waysIn(provider)
  return ways.length === 0 || ways.some((names) => names.every((name) => (environment[name] ?? '') !== ''))
}

/** Says which variables are wanted. */
export function missingCredentials(provider: Provider): AuthError {
  const ways = waysIn(provider).map((names) => names.join(' and '))
  const hint = ways.length === 0 ? 'it wants none' : `set ${ways.join(', or ')}`
  return new AuthError('missing', `No key for ${provider.name}: ${hint}`)
}

/** A credential that can stand in a header. Throws an AuthError, which does not show it, for another one. */
export function credentialOf(environment: Environment, name: string): string | undefined {
  const value = environment[name]
  if (value === undefined || value === '') return undefined
  if (/^[\x21-\x7e]+$/.test(value)) return value
  throw new AuthError(
    'invalid',
    `The key in ${name} has characters that no key has: a space or a line break?`,
  )
}
