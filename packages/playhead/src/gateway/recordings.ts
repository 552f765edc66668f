/** Where a gateway's recordings lie, as far as its configuration can be read where the command runs. */
import { resolve } from 'node:path'
import { type Configuration, ConfigurationError, readConfiguration } from '@playhead/gateway/admin'
import { inHome, type Installation } from './installation.ts'

/** Its mistakes, in words, where it cannot be read: a key that only the gateway's own environment has. */
export function configurationAt(installation: Installation): Configuration | string {
  try {
    return readConfiguration(installation.text, installation)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.message
  }
}

/** Where recordings are looked for that are not where the ledger says. */
export function recordingFolder(installation: Installation, configuration: Configuration | string): string {
  return typeof configuration === 'string'
    ? resolve(inHome(installation, 'tapes'))
    : configuration.recording.folder
}
