/** The cassettes that a command's arguments name: files, folders, standard input. */
import { basename, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type Cassette, openCassette, readCassette, TapeError } from '@playhead/tape'
import { cassetteFilesIn, isFolder, isNobodys } from '@playhead/tape/serve'
import { exitCodeOf, exitCodes, messageOf, UsageError } from '../exit.ts'
import { outputClosed } from '../print.ts'

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

/** Told of what cannot be read, and of the argument or the file that it is. */
export type OnUnreadable = (error: unknown, name: string) => Promise<void> | void

/** Opens one cassette after the other; what goes wrong with one is told and does not keep the others from it. */
export async function eachCassette(
  names: readonly string[],
  visit: (cassette: Cassette, file: CassetteFile) => Promise<void>,
  onUnreadable: OnUnreadable,
): Promise<Visited> {
  const visited: { files: number; exitCode: number } = { files: 0, exitCode: exitCodes.ok }
  const onFailed: OnUnreadable = (error, name) => {
    visited.exitCode = Math.max(visited.exitCode, exitCodeOf(error))
    return onUnreadable(error, name)
  }
  for await (const { cassette, name, folder } of openEach(names, onFailed)) {
    visited.files += 1
    try {
      await visit(cassette, { name, folder })
    } catch (error) {
      if (error instanceof UsageError) throw error
      await onFailed(error, name)
    } finally {
      cassette[Symbol.dispose]()
    }
  }
  return visited
}

/** In a folder, files that are nobody's cassettes are passed over. */
export async function* openEach(
  names: readonly string[],
  onUnreadable: OnUnreadable,
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
          await onUnreadable(error, file.name)
        }
      }
    } catch (error) {
      isFound = true
      await onUnreadable(error, name)
    }
    if (!isFound) await onUnreadable(noneIn(name), name)
  }
}

function noneIn(folder: string): TapeError {
  const detail = 'there is no cassette in this folder: docs/recording.md lists what is read'
  return new TapeError('absent', detail, { file: folder })
}

/** Throws where a folder holds nobody's cassettes. */
export async function checkHoldsCassette(folder: string): Promise<void> {
  for await (const file of cassetteFilesIn(folder)) {
    try {
      using _ = await openNamed(file)
      return
    } catch (error) {
      if (!(await isNobodys(file, error))) return
    }
  }
  throw noneIn(folder)
}

/** An argument that is one cassette, without which there is nothing to do. */
export async function openOne(name: string): Promise<Cassette> {
  if (name !== '-' && (await isFolder(name))) throw new UsageError(`${name}: it is a folder, not a cassette`)
  return openNamed(name)
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

/** In one line that begins with the file. */
export function explain(error: unknown, name: string): string {
  const message = error instanceof TapeError ? error.message : `${name}: ${messageOf(error)}`
  return message.replaceAll(/\s*\n\s*/g, ' ')
}
