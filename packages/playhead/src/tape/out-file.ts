/** Files that a command writes: never over one that is there unless told so, never half. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, UsageError } from '../exit.ts'

/** Throws a UsageError where there is a file already and nobody said `--force`. */
export function checkFree(file: string, force: true | undefined): void {
  checkIsFile(file)
  if (force === true || !existsSync(file)) return
  throw new UsageError(`${file}: there is a file already; --force writes over it`)
}

/** Throws a UsageError for `-`: a report stands on standard output. */
export function checkIsFile(file: string): void {
  if (file !== '-') return
  throw new UsageError('--out is a file; playhead tape convert writes to standard output')
}

/** Writes pieces of text beside the file, which takes its place when all is there. */
export async function writeTextFile(file: string, pieces: Iterable<string>): Promise<void> {
  const draft = join(dirname(file), `.${randomUUID()}.draft`)
  try {
    const there = await stat(file).catch(() => undefined)
    if (there?.isFile() === false) throw new Error('it is not a file')
    await mkdir(dirname(file), { recursive: true })
    const handle = await open(draft, 'wx')
    try {
      for (const piece of pieces) await handle.write(piece)
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw new Error(`${file}: it cannot be written: ${messageOf(error).replace(/, \w+( '.*')?$/, '')}`, {
      cause: error,
    })
  }
}
