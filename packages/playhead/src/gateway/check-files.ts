/** Checks the data folder, the secret, and that nobody else can read what must stay secret. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { loadSecret } from '@playhead/gateway/admin'
import { messageOf } from '../exit.ts'
import { type Check, doubtful, fine, wrong } from './check.ts'
import { inHome, type Installation } from './installation.ts'

export async function checkFiles(installation: Installation): Promise<readonly Check[]> {
  return [
    await checkHome(installation),
    await checkSecret(installation),
    ...(await checkSecretFiles(installation)),
  ]
}

async function checkHome({ home }: Installation): Promise<Check> {
  if (!(await isThere(home))) {
    const parent = await nearestFolder(dirname(resolve(home)))
    const canMake = await can(parent, constants.W_OK)
    return canMake
      ? fine('data folder', `${home} is made at the first start`)
      : wrong(
          'data folder',
          `${home} cannot be made: give this user the right to write to ${parent}, or name another --home`,
        )
  }
  if (!(await can(home, constants.W_OK | constants.X_OK)))
    return wrong(
      'data folder',
      `${home} cannot be written to: give this user the right to, or name another --home`,
    )
  return (await isOpen(home))
    ? doubtful('data folder', `${home} can be read by others: chmod 700 ${home}`)
    : fine('data folder', home)
}

async function checkSecret(installation: Installation): Promise<Check> {
  const given = (installation.environment['PLAYHEAD_SECRET'] ?? '') !== ''
  if (!given && !(await isThere(inHome(installation, 'secret'))))
    return fine('secret', 'it is made at the first start')
  try {
    await loadSecret(installation.home, installation.environment)
    return fine('secret', given ? 'PLAYHEAD_SECRET' : inHome(installation, 'secret'))
  } catch (error) {
    return wrong('secret', messageOf(error))
  }
}

/** Files that the configuration has secrets in. That they can be read is its own matter. */
async function checkSecretFiles({ text, file }: Installation): Promise<readonly Check[]> {
  const names = [
    ...new Set(Array.from((text ?? '').matchAll(/\bfile:([^\s"',}\]]+)/g), ([, name = '']) => name)),
  ]
  const checks = await Promise.all(
    names.map(async (name) => {
      const path = isAbsolute(name) ? name : join(dirname(file), name)
      return (await isThere(path)) && (await isOpen(path))
        ? [wrong('secret file', `${path} can be read by others: chmod 600 ${path}`)]
        : []
    }),
  )
  return checks.flat()
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Whether others than its owner have rights. Windows has no such rights. */
async function isOpen(path: string): Promise<boolean> {
  return process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0
}

async function can(path: string, right: number): Promise<boolean> {
  return access(path, right).then(
    () => true,
    () => false,
  )
}

async function nearestFolder(path: string): Promise<string> {
  return (await isThere(path)) || path === dirname(path) ? path : nearestFolder(dirname(path))
}
