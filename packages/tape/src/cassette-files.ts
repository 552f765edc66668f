/** Which files are cassettes: by their names, and those of a folder by what is in them. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TapeError } from './error.ts'
import { isLikeCassette, isNoCassette } from './formats/no-cassette.ts'
import { isGzip } from './formats/reading.ts'
import { isNativeTape } from './native/format.ts'

/** Whether a file is called as cassettes are. */
export function isCassetteName(name: string): boolean {
  return ending.test(name) && !/\.faults\.json$/i.test(name)
}

/** A cassette's path without what says its format. */
export function cassetteStem(file: string): string {
  return file.replace(ending, '')
}

const ending = /(\.tape)?\.(jsonl|ya?ml|har|json|httprr)(\.gz)?$/i

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

/**
 * Files of a folder and its folders that may be cassettes, in the order of their names. Hidden folders and installed
 * packages are nobody's tapes.
 */
export async function* cassetteFilesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && entry.name !== 'node_modules') yield* cassetteFilesIn(path)
    } else if (isCassetteName(entry.name) && !(await isOtherLines(path))) yield path
  }
}

/** Lines of JSON may be anybody's data. */
async function isOtherLines(file: string): Promise<boolean> {
  if (!/(?<!\.tape)\.jsonl$/i.test(file)) return false
  return !isNativeTape(await readStart(file, 256))
}

/** Whether what cannot be read was never meant as a cassette, neither by its name nor by its start. */
export async function isNobodys(file: string, error: unknown): Promise<boolean> {
  if (!(error instanceof TapeError) || error.code !== 'unreadable') return false
  if (/\.tape\.jsonl(?:\.gz)?$/i.test(file)) return false
  if (isNoCassette(error)) return true
  const start = await readStart(file, 65_536).catch(() => undefined)
  return start !== undefined && !isGzip(start) && !isLikeCassette(start.toString('latin1'))
}

async function readStart(file: string, length: number): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
