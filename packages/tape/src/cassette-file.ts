/** Cassettes on disk: written whole or not at all. */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { TapeError } from './error.ts'
import type { GoVcrFile } from './go-vcr/format.ts'
import { writeGoVcr } from './go-vcr/write.ts'

/** Saves a cassette where it is, also behind a link, with the permissions that it has. */
export async function writeGoVcrFile(file: string, cassette: GoVcrFile): Promise<void> {
  await saveFile(file, () => writeGoVcr(cassette))
}

/** Saves a text, which may be too large to be made, where the file is. */
export async function saveFile(file: string, make: () => string): Promise<void> {
  try {
    await replaceFile(await behindLinks(file), make())
  } catch (error) {
    throw new TapeError('unwritable', `the cassette cannot be saved: ${reasonOf(error)}`, {
      file,
      cause: error,
    })
  }
}

/** The path of the file itself, which may not be there yet. */
export async function behindLinks(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    const target = await readlink(file).catch(() => undefined)
    return target === undefined ? file : behindLinks(resolve(await realpath(dirname(file)), target))
  }
}

/** Writes a file beside it, which then takes its place: a crash leaves the old one whole. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${randomUUID()}.draft`)
  const mode = await modeOf(file)
  try {
    await mkdir(dirname(file), { recursive: true })
    const handle = await open(draft, 'w', mode)
    try {
      // The process's mask may have taken some away.
      if (mode !== undefined) await handle.chmod(mode)
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
}

/** Its permissions; undefined for a file that is not there. A device or a pipe is nothing that a file takes the place of. */
export async function modeOf(file: string): Promise<number | undefined> {
  try {
    const stats = await stat(file)
    if (!stats.isFile() && !stats.isDirectory()) throw new Error('it is not a file')
    return stats.mode & 0o777
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What the system says, without the path that stands before it already. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+( '.*')?$/, '') : String(error)
}
