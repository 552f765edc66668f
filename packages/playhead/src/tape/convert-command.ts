/** `playhead tape convert`: writes cassettes in another format. */
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Cassette, convert, type WritableFormat } from '@playhead/tape'
import { isFolder } from '@playhead/tape/serve'
import { UsageError } from '../exit.ts'
import { outputClosed, print, printError, printJson } from '../print.ts'
import { count } from '../terminal.ts'
import { type CassetteFile, eachCassette, pathInFolder } from './cassettes.ts'
import { formatOf, named } from './formats.ts'
import { checkFree } from './out-file.ts'
import { Progress } from './progress.ts'

export interface ConvertCommandOptions {
  readonly format?: WritableFormat
  readonly force?: true
  readonly json?: true
}

/** Gives the exit code: 1 when a cassette of a folder could not be converted, after the others are done. */
export async function convertCommand(
  from: string,
  to: string,
  options: ConvertCommandOptions,
): Promise<number> {
  const place = await placeOf(from, to, options)
  const written = new Set<string>()
  const progress = new Progress()
  const visit = async (cassette: Cassette, file: CassetteFile): Promise<void> => {
    const out = place.file(file)
    if (written.has(resolve(out))) {
      throw new UsageError(`${file.name}: another cassette of the folder became ${out}; convert it by itself`)
    }
    if (out !== '-') checkFree(out, options.force)
    for (const warning of cassette.warnings) progress.error(`${file.name}: ${warning}`)
    const lost =
      out === '-' ? await convertToOutput(cassette, place.format) : await convert(cassette, place.format, out)
    written.add(resolve(out))
    progress.clear()
    await report(file.name, out, { cassette, format: place.format, lost, json: options.json })
    progress.file()
  }
  const { exitCode } = await eachCassette([from], visit, progress.unreadable)
  progress.clear()
  return exitCode
}

/** Where each cassette goes, and in which format. */
interface Place {
  readonly format: WritableFormat
  readonly file: (from: CassetteFile) => string
}

async function placeOf(from: string, to: string, options: ConvertCommandOptions): Promise<Place> {
  if (to === '-' && (await isFolder(from))) {
    throw new UsageError('a folder is converted into a folder: standard output takes one cassette')
  }
  if (to === '-' && options.json === true) throw new UsageError('--json has standard output for itself')
  const isInto = to !== '-' && ((await isFolder(from)) || (await isFolder(to)))
  if (isInto) {
    const format = options.format ?? 'tape'
    return { format, file: (file) => join(to, named(pathInFolder(file), format)) }
  }
  const format = options.format ?? (to === '-' ? 'tape' : formatOf(to))
  if (format === undefined) {
    throw new UsageError(`${to}: its name says no format: .tape.jsonl, .yaml or .har; or say it by --format`)
  }
  const said = formatOf(to)
  if (said !== undefined && said !== format) {
    throw new UsageError(`${to}: its name says ${said}, --format says ${format}`)
  }
  return { format, file: () => to }
}

/** By a file of its own, since a cassette is written whole or not at all. */
async function convertToOutput(cassette: Cassette, format: WritableFormat): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-'))
  try {
    const file = join(folder, 'cassette')
    const lost = await convert(cassette, format, file)
    for await (const piece of createReadStream(file, 'utf8')) {
      await print(piece as string)
      if (outputClosed.aborted) break
    }
    return lost
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Converted {
  readonly cassette: Cassette
  readonly format: WritableFormat
  readonly lost: readonly string[]
  readonly json: true | undefined
}

async function report(from: string, to: string, { cassette, format, lost, json }: Converted): Promise<void> {
  const { length } = cassette
  if (json === true) {
    await printJson({ from, to, fromFormat: cassette.format, toFormat: format, interactions: length, lost })
    return
  }
  for (const what of lost) printError(`${from}: ${what}`)
  if (to !== '-') await print(`${from} → ${to} (${count(length, 'interaction')})\n`)
}
