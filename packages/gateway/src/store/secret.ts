/** What keys are hashed with: from the environment, or a file that is made once. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '@playhead/wire'
import { StoreError } from './store.ts'

/**
 * `PLAYHEAD_SECRET`, or the file `secret` in the data folder, which is made when there is none. Replicas that share a
 * store share it too. Who loses it loses all keys.
 * @throws StoreError for one that is too short, or that others can read.
 */
export async function loadSecret(home: string, environment: Environment): Promise<string> {
  const given = environment['PLAYHEAD_SECRET']
  if (given !== undefined && given !== '') return checked(given, 'PLAYHEAD_SECRET')
  const path = join(home, 'secret')
  try {
    if (!(await exists(path))) await make(home, path)
    const { mode } = await stat(path)
    // Windows has no such rights.
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      throw new StoreError(`Others can read the secret ${path}. Take their rights away: chmod 600 ${path}`)
    }
    return checked((await readFile(path, 'utf8')).trim(), `The file ${path}`)
  } catch (error) {
    if (error instanceof StoreError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new StoreError(
      `Could not read or make the secret ${path}: ${why}. Set PLAYHEAD_SECRET, or look at the rights of the folder.`,
      { cause: error },
    )
  }
}

function checked(secret: string, where: string): string {
  if (secret.length >= 32) return secret
  throw new StoreError(
    `${where} is too short for a secret: it has ${secret.length} characters of at least 32.`,
  )
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

/** Written elsewhere and then linked: it appears whole, and only where there is none. Of two processes, one is first. */
async function make(home: string, path: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
}
