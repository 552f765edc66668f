/** Checks what the configuration says. */
import { type Configuration, ConfigurationError, readConfiguration } from '@playhead/gateway/admin'
import { count } from '../terminal.ts'
import { type Check, doubtful, fine, wrong } from './check.ts'
import type { Place } from './place.ts'

/** The configuration is null where it cannot be used; every mistake is then a check. */
export function checkConfiguration(place: Place): {
  readonly configuration: Configuration | null
  readonly checks: readonly Check[]
} {
  try {
    const configuration = readConfiguration(place.text, place)
    return {
      configuration,
      checks: [fine('configuration', told(configuration, place)), ...open(configuration)],
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const checks = error.message.split('\n').map((message) => wrong('configuration', message))
    return { configuration: null, checks }
  }
}

function told({ providers, models, tapes }: Configuration, { text, file }: Place): string {
  const where = text === null ? `no ${file}, so the defaults` : file
  const parts = [count(providers.size, 'provider'), count(models.size, 'model'), count(tapes.size, 'tape')]
  return `${where}: ${parts.join(', ')}`
}

function open({ host, adminPort }: Configuration): readonly Check[] {
  if (host === '127.0.0.1' || host === 'localhost' || host === '::1') return []
  const admin =
    adminPort === null
      ? ' Admin calls are taken there too: admin_port gives them a listener of their own.'
      : ''
  return [
    doubtful(
      'host',
      `${host} can be reached from other machines, and keys travel in the clear: put TLS before it.${admin}`,
    ),
  ]
}
