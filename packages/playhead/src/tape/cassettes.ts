/** The cassettes that a command's arguments name: files, folders, standard input. */
import { basename, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type Cassette, openCassette, readCassette, TapeError } from '@playhead/tape'
import { cassetteFilesIn, isFolder, isNobodys } from '@playhead/tape/serve'
import { exitCodes, messageOf, UsageError } from '../exit.ts'
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

/** How many cassettes were looked at, and the exit code for those that could not be. */
export interface Visited {
  readonly files: number
  readonly exitCode: number
}

/** Told of what cannot be read, in one line for people, and of its exit code. Default: says it on standard error. */
export type OnUnreadable = (message: string, file: string, exitCode: number) => Promise<void> | void

/** Opens one cassette after the other; what goes wrong with one is told and does not keep the others from it. */
export async function eachCassette(
  names: readonly string[],
  visit: (cassette: Cassette, file: CassetteFile) => Promise<void>,
  onUnreadable: OnUnreadable = printError,
): Promise<Visited> {
  const visited: { files: number; exitCode: number } = { files: 0, exitCode: exitCodes.ok }
  const onFailed: OnUnreadable = (message, file, exitCode) => {
    visited.exitCode = Math.max(visited.exitCode, exitCode)
    return onUnreadable(message, file, exitCode)
  }
  for await (const { cassette, name, folder } of openEach(names, onFailed)) {
    visited.files += 1
    try {
      await visit(cassette, { name, folder })
    } catch (error) {
      if (error instanceof UsageError) throw error
      await onFailed(explain(error, name), name, exitCodes.failed)
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
  if (names.indexOf('-') !== names.lastIndexOf('-')) {
    throw new UsageError('standard input is one cassette: - stands for it once')
  }
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
          await onUnreadable(explain(error, file.name), file.name, exitCodeOf(error))
        }
      }
    } catch (error) {
      isFound = true
      await onUnreadable(explain(error, name), name, exitCodes.failed)
    }
    if (!isFound) await onUnreadable(`${name}: there is no cassette in this folder`, name, exitCodes.usage)
  }
}

/** What is there and cannot be read is a failure; what is not there should not have been named. */
function exitCodeOf(error: unknown): number {
  return error instanceof TapeError && error.code === 'absent' ? exitCodes.usage : exitCodes.failed
}

/** An argument that is one cassette, without which there is nothing to do: throws a UsageError that says why it is none. */
export async function openOne(name: string): Promise<Cassette> {
  if (name !== '-' && (await isFolder(name))) throw new UsageError(`${name}: it is a folder, not a cassette`)
  try {
    return await openNamed(name)
  } catch (error) {
    throw new UsageError(explain(error, name), { cause: error })
  }
}

async function openNamed(name: string): Promise<Cassette> {
  if (name === '-') return readCassette(await buffer(process.stdin), '-')
  const cassette = await openCassette(name)
  if (cassette === undefined) throw new TapeError('absent', 'there is no such file', { file: name })
  return cassette
}

async function* filesOf(name: string): AsyncGenerator<CassetteFile> {
  if (name === '-' || !(await isFolder(name))) yield { name, folder: null }
  else for await (const file of cassetteFilesIn(name)) yield { name: file, folder: name }
}

/** Where a cassette stands in its folder; what is given by itself, by its name alone. */
export function pathInFolder({ name, folder }: CassetteFile): string {
  if (name === '-') return 'cassette'
  return folder === null ? basename(name) : relative(folder, name)
}

/** In one line that begins with the file. What came by standard input stands in no file that anybody knows. */
export function explain(error: unknown, name: string): string {
  const message = messageOf(error).replaceAll(/\s*\n\s*/g, ' ')
  if (!(error instanceof TapeError)) return `${name}: ${message}`
  return name === '-' ? `-${message.slice(error.file.length)}` : message
}

/** For reports that name the file in a place of its own. */
export function withoutName(message: string, name: string): string {
  return message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message
}
