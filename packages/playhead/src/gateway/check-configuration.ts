/** Checks what the configuration says. */
import {
  type Configuration,
  ConfigurationError,
  loadCatalogue,
  readConfiguration,
  servedModels,
} from '@playhead/gateway/admin'
import { type Check, doubtful, fine, wrong } from './check.ts'
import type { Installation } from './installation.ts'
import { servedText } from './served.ts'

/** The configuration is null where it cannot be used; every mistake is then a check. */
export async function checkConfiguration(
  installation: Installation,
  now: number,
): Promise<{ readonly configuration: Configuration | null; readonly checks: readonly Check[] }> {
  try {
    const configuration = readConfiguration(installation.text, installation)
    return {
      configuration,
      checks: [fine('configuration', await told(configuration, installation, now)), ...open(configuration)],
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const checks = error.message.split('\n').map((message) => wrong('configuration', message))
    return { configuration: null, checks }
  }
}

async function told(
  configuration: Configuration,
  { text, file }: Installation,
  now: number,
): Promise<string> {
  const { providers, tapes } = configuration
  const models = servedModels(configuration, await loadCatalogue(), now)
  const where = text === null ? `no ${file}, so the defaults` : file
  return `${where}: ${servedText({ providers: providers.size, models: models.length, tapes: tapes.size })}`
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
