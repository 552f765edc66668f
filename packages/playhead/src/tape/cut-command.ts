/** `playhead tape cut`: the first interactions of a cassette become a tape of their own, to go on from. */
import { dirname, relative, resolve, sep } from 'node:path'
import { writeNativeTape } from '@playhead/tape'
import { cassetteStem } from '@playhead/tape/serve'
import { exitCodes, UsageError } from '../exit.ts'
import { print, printError, printJson } from '../print.ts'
import { count } from '../terminal.ts'
import { openOne } from './cassettes.ts'
import { formatOf } from './formats.ts'
import { checkFree } from './out-file.ts'

export interface CutCommandOptions {
  readonly at: number
  readonly out?: string
  readonly force?: true
  readonly json?: true
}

/** Gives the exit code. */
export async function cutCommand(file: string, options: CutCommandOptions): Promise<number> {
  const { at, json, force } = options
  if (file === '-' && options.out === undefined) throw new UsageError('--out says where the cut goes')
  const out = options.out ?? `${cassetteStem(file)}.cut-${at}.tape.jsonl`
  if (![undefined, 'tape'].includes(formatOf(out))) {
    throw new UsageError(`${out}: a cut is a native tape, which names the one that it is from: .tape.jsonl`)
  }
  if (resolve(out) === resolve(file)) throw new UsageError(`${out}: a cut does not replace what it is from`)
  checkFree(out, force)
  using cassette = await openOne(file)
  const { length } = cassette
  if (at > length) {
    throw new UsageError(`${file}: it cannot be cut at ${at}: it has ${count(length, 'interaction')}`)
  }
  for (const warning of cassette.warnings) printError(`${file}: ${warning}`)
  const parent = { file: relative(dirname(out), file).replaceAll(sep, '/'), at }
  const about = file === '-' ? { parent: null } : { parent }
  await writeNativeTape(out, cassette, { places: Array.from({ length: at }).keys(), about })
  if (json === true) {
    await printJson({ file: out, parent: about.parent, interactions: at, of: length })
    return exitCodes.ok
  }
  await print(`${out}: the first ${at} of ${count(length, 'interaction')} of ${file}
Go on from there: playhead run AGENT.ts --tape ${out} --mode new\n`)
  return exitCodes.ok
}
