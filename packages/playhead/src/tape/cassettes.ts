/** The cassettes that a command's arguments name: files, folders, standard input. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import {
  type Cassette,
  isNativeTape,
  isNoCassette,
  openCassette,
  readCassette,
  TapeError,
} from '@playhead/tape'
import { messageOf, UsageError } from '../exit.ts'
import { outputClosed, printError } from '../print.ts'

/** A cassette that an argument names. */
export interface CassetteFile {
  /** As errors and reports call it. */
  readonly name: string
  /** The folder that the argument named; null where it named the file. */
  readonly folder: string | null
}

/** A cassette that is open, for whoever gets it to close. */
export interface OpenFile extends CassetteFile {
  readonly cassette: Cassette
}

/** How many cassettes were looked at, and how many could not be. */
export interface Visited {
  readonly files: number
  readonly failed: number
}

/** Told of what cannot be read, in one line for people. Default: says it on standard error. */
export type OnUnreadable = (message: string, file: string) => Promise<void> | void

/** Opens one cassette after the other; what goes wrong with one is told and does not keep the others from it. */
export async function eachCassette(
  names: readonly string[],
  visit: (cassette: Cassette, file: CassetteFile) => Promise<void>,
  onUnreadable: OnUnreadable = printError,
): Promise<Visited> {
  const visited = { files: 0, failed: 0 }
  const onFailed: OnUnreadable = (message, file) => {
    visited.failed += 1
    return onUnreadable(message, file)
  }
  for await (const { cassette, name, folder } of openEach(names, onFailed)) {
    visited.files += 1
    try {
      await visit(cassette, { name, folder })
    } catch (error) {
      if (error instanceof UsageError) throw error
      await onFailed(explain(error, name), name)
    } finally {
      cassette[Symbol.dispose]()
    }
  }
  return visited
}

/** In a folder, files that are nobody's cassettes are passed over. */
export async function* openEach(
  names: readonly string[],
  onUnreadable: OnUnreadable = printError,
): AsyncGenerator<OpenFile> {
  for (const name of names) {
    let isFound = false
    try {
      for await (const file of filesOf(name)) {
        if (outputClosed.aborted) return
        try {
          yield { ...file, cassette: await openNamed(file.name) }
          isFound = true
        } catch (error) {
          if (file.folder !== null && (await isNobodys(file.name, error))) continue
          isFound = true
          await onUnreadable(explain(error, file.name), file.name)
        }
      }
    } catch (error) {
      isFound = true
      await onUnreadable(explain(error, name), name)
    }
    if (!isFound) await onUnreadable(`${name}: there is no cassette in this folder`, name)
  }
}

/** One argument that is one cassette. Throws a TapeError that says why it is none. */
export async function openOne(name: string): Promise<Cassette> {
  try {
    return await openNamed(name)
  } catch (error) {
    throw new TapeError('unreadable', withoutName(explain(error, name), name), { file: name, cause: error })
  }
}

async function openNamed(name: string): Promise<Cassette> {
  if (name === '-') return readCassette(await buffer(process.stdin), '-')
  const cassette = await openCassette(name)
  if (cassette === undefined) throw new TapeError('absent', 'there is no such file', { file: name })
  return cassette
}

export async function isFolder(path: string): Promise<boolean> {
  return path !== '-' && ((await stat(path).catch(() => undefined))?.isDirectory() ?? false)
}

async function* filesOf(name: string): AsyncGenerator<CassetteFile> {
  if (!(await isFolder(name))) yield { name, folder: null }
  else for await (const file of filesIn(name)) yield { name: file, folder: name }
}

function isCassetteName(name: string): boolean {
  return /\.(jsonl|ya?ml|har|json)(\.gz)?$/i.test(name) && !/\.faults\.json$/i.test(name)
}

/** In the order of their names. Hidden folders and installed packages are nobody's tapes. */
async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && entry.name !== 'node_modules') yield* filesIn(path)
    } else if (isCassetteName(entry.name) && !(await isOtherLines(path))) yield path
  }
}

/** Lines of JSON may be anybody's data. */
async function isOtherLines(file: string): Promise<boolean> {
  if (!/(?<!\.tape)\.jsonl$/i.test(file)) return false
  return !isNativeTape(await readStart(file, 256))
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

/** Whether what cannot be read was never meant as a cassette: none is without one of these words. */
async function isNobodys(file: string, error: unknown): Promise<boolean> {
  if (isNoCassette(error)) return true
  if (!(error instanceof TapeError) || error.code !== 'unreadable' || /\.tape\.jsonl$/i.test(file))
    return false
  const start = await readStart(file, 65_536).catch(() => undefined)
  return start !== undefined && !isGzip(start) && !/interactions|request|"log"/.test(start.toString('latin1'))
}

function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b
}

/** In one line that begins with the file. What came by standard input stands in no file that anybody knows. */
export function explain(error: unknown, name: string): string {
  const message = messageOf(error).replaceAll(/\s*\n\s*/g, ' ')
  if (!(error instanceof TapeError)) return `${name}: ${message}`
  return name === '-' ? `-${message.slice(error.file.length)}` : message
}

function withoutName(message: string, name: string): string {
  return message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message
}
