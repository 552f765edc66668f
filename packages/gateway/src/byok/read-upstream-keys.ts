/** Upstream keys as a command line names them: by where they are kept, never written out. */
import type { Environment } from '@playhead/wire'
import type { Configuration } from '../config/configuration.ts'
import { resolveSecret } from '../config/secret.ts'
import { Wrong } from '../config/shape.ts'
import { ownProvider } from './own-provider.ts'
import type { UpstreamKeys } from './sealed-keys.ts'

export interface ReadUpstreamKeysOptions {
  readonly environment: Environment
  /** Where relative paths start. */
  readonly folder: string
  /** Asked for where a provider is not one of wire's. */
  providers(): Configuration['providers']
}

/** Of `groq=env:GROQ_KEY` and the like. Gives a sentence instead, which shows no key, where one cannot be had or used. */
export function readUpstreamKeys(
  said: readonly string[],
  options: ReadUpstreamKeysOptions,
): UpstreamKeys | string {
  const keys = new Map<string, string>()
  for (const one of said) {
    const [, provider = '', place = ''] = /^([\w.-]{1,60})=(.+)$/.exec(one) ?? []
    const key = resolveSecret(place, options)
    if (key === undefined)
      return 'must be PROVIDER=env:NAME or PROVIDER=file:/path: a key itself is not written here'
    if (key instanceof Wrong) return `${provider}: ${key.message}`
    const problem = problemOf(provider, key, options)
    if (problem !== null) return `${provider}: ${problem}`
    keys.set(provider, key)
  }
  return Object.fromEntries(keys)
}

/** A configuration whose own keys are not at hand need not be read for a provider that wire knows. */
function problemOf(provider: string, key: string, options: ReadUpstreamKeysOptions): string | null {
  if (typeof ownProvider(provider, key, { providers: new Map() }) !== 'string') return null
  const own = ownProvider(provider, key, { providers: options.providers() })
  return typeof own === 'string' ? own : null
}
