/** Cassettes on disk: read whole, written whole or not at all. */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TapeError } from './error.ts'
import type { Cassette } from './go-vcr/format.ts'
import { readGoVcr } from './go-vcr/read.ts'
import { writeGoVcr } from './go-vcr/write.ts'

/** Reads a cassette. Undefined when there is no such file; throws a TapeError for one that is not one. */
export async function readCassette(file: string): Promise<Cassette | undefined> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    const why = error instanceof TypeError ? 'it is not UTF-8 text' : reasonOf(error)
    throw new TapeError('unreadable', `the cassette cannot be read: ${why}`, { file, cause: error })
  }
  return readGoVcr(text, file)
}

/** Writes a cassette to a file beside it, which then takes its place: a crash leaves the old one whole. */
export async function writeCassette(file: string, cassette: Cassette): Promise<void> {
  const draft = join(dirname(file), `.${randomUUID()}.draft`)
  try {
    await mkdir(dirname(file), { recursive: true })
    const handle = await open(draft, 'w')
    try {
      await handle.writeFile(writeGoVcr(cassette))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw new TapeError('unwritable', `the cassette cannot be saved: ${reasonOf(error)}`, {
      file,
      cause: error,
    })
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What the system says, without the path that stands before it already. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+( '.*')?$/, '') : String(error)
}
