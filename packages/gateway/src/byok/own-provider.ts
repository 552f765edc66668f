/** A provider as it is asked with a caller's own key. */
import { BaseUrlError, type Provider, providers, resolveBaseUrl } from '@playhead/wire'
import type { Configuration, ConfiguredProvider } from '../config/configuration.ts'
import { keyVariableOf } from '../config/key-variable.ts'

/**
 * As it is configured, with this key in the place of the gateway's. One that is not configured is asked where wire knows
 * it, with nothing of the process's environment. Gives a sentence about it, which does not show the key, where there is no
 * such provider or it has no use for one.
 */
export function ownProvider(
  name: string,
  upstreamKey: string,
  configuration: Pick<Configuration, 'providers'>,
): ConfiguredProvider | string {
  if (!/^[\x21-\x7e]{1,4096}$/.test(upstreamKey))
    return 'this is no key: it is empty, too long, or has a space or a line break'
  const configured = configuration.providers.get(name)
  const kind = providers.get(configured?.kind ?? name)
  if (kind === undefined) return 'there is no provider of this name'
  const variable = variableOf(kind, configured)
  if (variable === null) return 'this provider asks for no key'
  const own = { [variable]: upstreamKey }
  if (configured !== undefined) return { ...configured, environment: { ...configured.environment, ...own } }
  const missing = missingVariables(kind)
  if (missing.length > 0) return `its address needs ${missing.join(' and ')}: it has to be configured first`
  return {
    name,
    kind: name,
    baseUrl: null,
    dialects: null,
    environment: own,
    allowsPrivate: false,
    collectsData: false,
    isZdr: false,
    timeouts: {},
  }
}

/** Null for one that asks for no key: a server of one's own may ask for one where its address is configured. */
function variableOf(kind: Provider, configured: ConfiguredProvider | undefined): string | null {
  const isConfigured = configured !== undefined && (configured.baseUrl !== null || kind.name === 'custom')
  return kind.keyVariable !== null || isConfigured ? keyVariableOf(kind) : null
}

/** Of its address, as nobody configured it. */
function missingVariables(kind: Provider): readonly string[] {
  try {
    for (const dialect of kind.dialects) resolveBaseUrl(kind, dialect, {})
    return []
  } catch (error) {
    if (error instanceof BaseUrlError) return error.variables
    throw error
  }
}
