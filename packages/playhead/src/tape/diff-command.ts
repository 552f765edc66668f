/** `playhead tape diff`: how two cassettes differ, as conversations. */
import { exitCodes, UsageError } from '../exit.ts'
import { outputClosed, print, printable, printError, printJson } from '../print.ts'
import { openOne } from './cassettes.ts'
import { costDelta, diffSteps, type StepDiff, type TapeDiff } from './diff.ts'
import { renderMarkdown, renderText } from './render-diff.ts'
import { stepsOf } from './steps.ts'

export interface DiffCommandOptions {
  readonly format?: 'text' | 'markdown' | 'json'
  readonly json?: true
}

/** Gives the exit code: 0 when both say the same, 1 when they differ. */
export async function diffCommand(
  before: string,
  after: string,
  options: DiffCommandOptions,
): Promise<number> {
  const { format = 'text', json } = options
  if (before === '-' && after === '-') throw new UsageError('standard input is one cassette, not two')
  using left = await openOne(before)
  using right = await openOne(after)
  for (const cassette of [left, right])
    for (const warning of cassette.warnings) printError(`${cassette.file}: ${warning}`)
  const diff = diffSteps(stepsOf(left), stepsOf(right))
  const names = [before, after] as const
  if (json === true || format === 'json') await printDiff(diff, names)
  else {
    for (const piece of format === 'markdown' ? renderMarkdown(diff, names) : renderText(diff, names)) {
      if (outputClosed.aborted) break
      await print(format === 'markdown' ? printable(piece) : piece)
    }
  }
  return diff.isEqual ? exitCodes.ok : exitCodes.failed
}

/** Each step that differs, and then the totals. */
async function printDiff(diff: TapeDiff, [before, after]: readonly [string, string]): Promise<void> {
  for (const step of diff.steps) if (step.type !== 'same') await printJson(stepToJson(step))
  await printJson({
    type: 'totals',
    isEqual: diff.isEqual,
    steps: diff.steps.length,
    before: { file: before, ...diff.before },
    after: { file: after, ...diff.after },
    costDelta: costDelta(diff)?.replace('+', '') ?? null,
  })
}

function stepToJson({ type, before, after, changes }: StepDiff): object {
  return { type, before: before?.id ?? null, after: after?.id ?? null, changes }
}
