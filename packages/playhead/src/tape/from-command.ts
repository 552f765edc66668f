/** `playhead tape from`: copies the recorded exchange of one of the gateway's generations, as a cassette of its own. */
import { resolve } from 'node:path'
import { findTape, type GenerationRecord } from '@playhead/gateway/admin'
import { convert, type WritableFormat } from '@playhead/tape'
import { exitCodes, UsageError } from '../exit.ts'
import {
  findInstallation,
  type Installation,
  type InstallationOptions,
  withStore,
} from '../gateway/installation.ts'
import { configurationAt, recordingFolder } from '../gateway/recordings.ts'
import { print, printError, printJson } from '../print.ts'
import { count, excerpt } from '../terminal.ts'
import { openOne } from './cassettes.ts'
import { formatOf, named } from './formats.ts'
import { checkFree } from './out-file.ts'

export interface FromCommandOptions extends InstallationOptions {
  readonly format?: WritableFormat
  readonly force?: true
  readonly json?: true
}

/** Gives the exit code. */
export async function fromCommand(
  id: string,
  given: string | undefined,
  options: FromCommandOptions,
): Promise<number> {
  const installation = findInstallation(options)
  const record = await withStore(installation, 'refuse', (store) => store.findGeneration(id, null))
  if (record === null)
    throw new UsageError(
      `there is no generation ${excerpt(id, 80)} in this ledger: playhead ledger lists them`,
    )
  const file = tapeOf(record, installation)
  const { out, format } = outOf(record, given, options)
  if (resolve(out) === resolve(file)) throw new UsageError(`${out}: it is this very recording`)
  checkFree(out, options.force)
  using cassette = await openOne(file)
  const lost = await convert(cassette, format, out)
  const { length } = cassette
  if (options.json === true) {
    await printJson({ generation: record.id, from: file, file: out, format, interactions: length, lost })
    return exitCodes.ok
  }
  for (const warning of cassette.warnings) printError(`${file}: ${warning}`)
  for (const what of lost) printError(`${out}: ${what}`)
  await print(toldOf(record, out, length))
  return exitCodes.ok
}

/** Throws a UsageError that says how it would have been recorded. */
function tapeOf(record: GenerationRecord, installation: Installation): string {
  const { id, keyId, outcome, tape } = record
  if (outcome === 'open') throw new UsageError(`${id} is still open: its tape is there when it is over`)
  if (tape === null)
    throw new UsageError(
      `${id} was not recorded: record: { share: 1 } in playhead.yaml records everything, a record of 1 at its key ${keyId} what that key asks`,
    )
  const file = findTape(record, recordingFolder(installation, configurationAt(installation)))
  if (file !== null) return file
  throw new UsageError(`${id} was recorded, but its tape is not here: it was ${tape}`)
}

function outOf(
  { id }: GenerationRecord,
  given: string | undefined,
  { format: wanted }: FromCommandOptions,
): { readonly out: string; readonly format: WritableFormat } {
  if (given === undefined) {
    const format = wanted ?? 'tape'
    return { out: named(`${id}.tape.jsonl`, format), format }
  }
  if (given === '-') throw new UsageError('OUT is a file; playhead tape convert writes to standard output')
  const said = formatOf(given)
  const format = wanted ?? said
  if (format === undefined)
    throw new UsageError(
      `${given}: its name says no format: .tape.jsonl, .yaml or .har; or say it by --format`,
    )
  if (said !== undefined && said !== format)
    throw new UsageError(`${given}: its name says ${said}, --format says ${format}`)
  return { out: given, format }
}

function toldOf({ id, outcome }: GenerationRecord, out: string, length: number): string {
  return `${out}: ${count(length, 'interaction')} of ${id}, which ${outcome === 'failed' ? outcome : `was ${outcome}`}
Look into it:         playhead tape inspect ${out}
Answer from it:       playhead replay ${out}
Serve it as a model:  tapes: { failure: ${out} } in playhead.yaml, asked for as tape/failure
`
}
