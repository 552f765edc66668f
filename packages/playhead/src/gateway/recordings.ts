/** Where a gateway's recordings lie, as far as its configuration can be read where the command runs. */
import { resolve } from 'node:path'
import { type Configuration, ConfigurationError, readConfiguration } from '@playhead/gateway/admin'
import { inHome, type Place } from './place.ts'

/** Its mistakes, in words, where it cannot be read: a key that only the gateway's own environment has. */
export function configurationAt(place: Place): Configuration | string {
  try {
    return readConfiguration(place.text, place)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.message
  }
}

/** Where recordings are looked for that are not where the ledger says. */
export function recordingFolder(place: Place, configuration: Configuration | string): string {
  return typeof configuration === 'string' ? resolve(inHome(place, 'tapes')) : configuration.recording.folder
}
