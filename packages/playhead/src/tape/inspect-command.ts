/** `playhead tape inspect`: shows what cassettes hold. */
import { type Cassette, createRedaction, scrub } from '@playhead/tape'
import { exitCodeOf, exitCodes, UsageError } from '../exit.ts'
import { inspect, type Inspection, toJson } from '../inspection.ts'
import { outputClosed, print, printable, printError, printJson } from '../print.ts'
import { renderInspection } from '../render-inspection.ts'
import { eachCassette, explain, openEach, type OnUnreadable, type OpenFile } from './cassettes.ts'
import { checkFree, writeTextFile } from './out-file.ts'
import { Progress } from './progress.ts'

export interface InspectCommandOptions {
  readonly json?: true
  readonly html?: true
  readonly out?: string
  readonly force?: true
}

/** Gives the exit code: what is unreadable or not there is told after the others are done. */
export async function inspectCommand(
  files: readonly string[],
  options: InspectCommandOptions,
): Promise<number> {
  if (options.html === true && options.json === true) throw new UsageError('--html and --json are two forms')
  if (options.html === true) return inspectHtml(files, options)
  if (options.out !== undefined) throw new UsageError('--out goes with --html')
  const show = options.json === true ? showJson : showText
  const progress = new Progress({ scrolls: true })
  let exitCode: number = exitCodes.ok
  const visited = await eachCassette(
    files,
    async (cassette, { name }) => {
      warn(cassette, name)
      if (cassette.length === 0 && options.json !== true) await print(`${printable(name)}: no interactions\n`)
      for (let place = 0; place < cassette.length && !outputClosed.aborted; place += 1) {
        try {
          await show(inspect(name, cassette.at(place)))
        } catch (error) {
          progress.unreadable(error, name)
          exitCode = exitCodes.failed
        }
        await progress.interaction()
      }
      progress.file()
    },
    progress.unreadable,
  )
  progress.clear()
  return Math.max(exitCode, visited.exitCode)
}

function warn({ warnings }: Cassette, name: string): void {
  for (const warning of warnings) printError(`${name}: ${warning}`)
}

function showJson(inspection: Inspection): Promise<void> {
  return printJson(toJson(inspection))
}

function showText(inspection: Inspection): Promise<void> {
  return print(renderInspection(inspection))
}

/** One page with the interactions of all files. It is made to be passed on: secrets of old cassettes stay behind. */
async function inspectHtml(files: readonly string[], options: InspectCommandOptions): Promise<number> {
  const { force } = options
  const out = options.out === '-' ? undefined : options.out
  if (out !== undefined) checkFree(out, force)
  const { renderPage } = await import('../html/page.ts')
  let worst: number = exitCodes.ok
  const onBroken: OnUnreadable = (error, name) => {
    printError(explain(error, name))
    worst = Math.max(worst, exitCodeOf(error))
  }
  // They stay open until the page is written: an interaction is read when its turn comes.
  using kept = new DisposableStack()
  const opened: OpenFile[] = []
  for await (const file of openEach(files, onBroken)) {
    warn(kept.use(file.cassette), file.name)
    opened.push(file)
  }
  const inspections = function* (): Generator<Inspection> {
    for (const { cassette, name } of opened) {
      const redaction = createRedaction()
      for (let place = 0; place < cassette.length; place += 1) {
        try {
          yield inspect(name, scrub(cassette.at(place), redaction).interaction)
        } catch (error) {
          void onBroken(error, name)
        }
      }
    }
  }
  const page = renderPage(inspections(), titleOf(opened.map(({ name }) => name)))
  if (out === undefined) {
    for (const piece of page) {
      await print(piece)
      if (outputClosed.aborted) break
    }
  } else await writeTextFile(out, page)
  return worst
}

function titleOf(names: readonly string[]): string {
  const [first = 'Tapes', ...others] = names
  return others.length === 0 ? first : `${first} and ${others.length} more`
}
