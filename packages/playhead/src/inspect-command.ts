/** `playhead tape inspect`: shows what cassettes hold. */
import { readCassette, TapeError } from '@playhead/tape'
import { exitCodes } from './exit.ts'
import { inspect, toJson } from './inspection.ts'
import { print } from './print.ts'
import { renderInspection } from './render-inspection.ts'

export interface InspectCommandOptions {
  readonly json?: true
}

/** Gives the exit code: 1 when a file was unreadable, after the others are done. */
export async function inspectCommand(files: readonly string[], { json }: InspectCommandOptions): Promise<number> {
  let exitCode: number = exitCodes.ok
  for (const file of files) {
    try {
      await inspectFile(file, json === true ? (inspection) => `${JSON.stringify(toJson(inspection))}\n` : renderInspection)
    } catch (error) {
      if (!(error instanceof TapeError)) throw error
      process.stderr.write(`playhead: ${error.message.replaceAll('\n', ' ')}\n`)
      exitCode = exitCodes.failed
    }
  }
  return exitCode
}

async function inspectFile(file: string, render: (inspection: ReturnType<typeof inspect>) => string): Promise<void> {
  const cassette = await readCassette(file)
  if (cassette === undefined) throw new TapeError('absent', 'there is no such file', { file })
  for (const interaction of cassette.interactions) await print(render(inspect(file, interaction)))
}
