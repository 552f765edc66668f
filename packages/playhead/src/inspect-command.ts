/** `playhead tape inspect`: shows what cassettes hold. */
import { readCassette, TapeError } from '@playhead/tape'
import { exitCodes, messageOf } from './exit.ts'
import { inspect, type Inspection, toJson } from './inspection.ts'
import { outputClosed, print, printError, printJson } from './print.ts'
import { renderInspection } from './render-inspection.ts'

export interface InspectCommandOptions {
  readonly json?: true
}

/** Gives the exit code: 1 when a file was unreadable, after the others are done. */
export async function inspectCommand(
  files: readonly string[],
  { json }: InspectCommandOptions,
): Promise<number> {
  const show = json === true ? showJson : showText
  let exitCode: number = exitCodes.ok
  for (const file of files) {
    if (outputClosed.aborted) break
    try {
      await inspectFile(file, show)
    } catch (error) {
      const message = error instanceof TapeError ? error.message : `${file}: ${messageOf(error)}`
      printError(message.replaceAll(/\s*\n\s*/g, ' '))
      exitCode = exitCodes.failed
    }
  }
  return exitCode
}

function showJson(inspection: Inspection): Promise<void> {
  return printJson(toJson(inspection))
}

function showText(inspection: Inspection): Promise<void> {
  return print(renderInspection(inspection))
}

async function inspectFile(file: string, show: (inspection: Inspection) => Promise<void>): Promise<void> {
  const cassette = await readCassette(file)
  if (cassette === undefined) throw new TapeError('absent', 'there is no such file', { file })
  for (const interaction of cassette.interactions) await show(inspect(file, interaction))
}
