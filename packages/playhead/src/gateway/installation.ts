/** A gateway as it is installed: where its configuration and data are, and its store. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ConfigurationError,
  openStore,
  type ReadOptions,
  readStorePlace,
  type Store,
  StoreError,
} from '@playhead/gateway/admin'
import { messageOf, UsageError, usageErrorOf } from '../exit.ts'

export interface InstallationOptions {
  readonly config?: string
  readonly home?: string
}

export interface Installation extends ReadOptions {
  /** What the file says; null where there is none. */
  readonly text: string | null
}

/** Throws a UsageError for a file that was named and cannot be read. */
export function findInstallation(options: InstallationOptions): Installation {
  const { PLAYHEAD_HOME = '', PLAYHEAD_CONFIG = '' } = process.env
  const named = options.config ?? (PLAYHEAD_CONFIG === '' ? undefined : PLAYHEAD_CONFIG)
  const file = named ?? 'playhead.yaml'
  const home = options.home ?? (PLAYHEAD_HOME === '' ? '.playhead' : PLAYHEAD_HOME)
  return { file, home, environment: process.env, text: textOf(file, named !== undefined || existsSync(file)) }
}

function textOf(file: string, isThere: boolean): string | null {
  if (!isThere) return null
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const why = isAbsent ? 'there is no such file' : `it cannot be read: ${messageOf(error)}`
    throw new UsageError(`${file}: ${why}`, { cause: error })
  }
}

/** Opens the store, works with it and closes it. `absent`: what becomes of a file that is not there. */
export async function withStore<T>(
  installation: Installation,
  absent: 'make' | 'refuse',
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const where = asUsage(() => readStorePlace(installation.text, installation))
  if (absent === 'refuse' && where.type === 'sqlite' && !existsSync(where.path))
    throw new UsageError(
      `there is no store at ${where.path} yet: playhead serve makes one (or name another --home)`,
    )
  const store = await openStore(where).catch((error: unknown) => {
    throw error instanceof StoreError ? usageErrorOf(error) : error
  })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** A mistake in the configuration is the user's to mend. */
export function asUsage<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new UsageError(error.message, { cause: error })
  }
}

/** In the data folder. */
export function inHome({ home }: Installation, name: string): string {
  return join(home, name)
}
