/** The arguments of `playhead tape`. */
import { type Command, Option } from 'commander'
import type { WritableFormat } from '@playhead/tape'
import { collect, wholeNumber } from './arguments.ts'
import { generationId, withInstallation } from './gateway-commands.ts'
import type { CheckCommandOptions } from './tape/check-command.ts'
import type { ConvertCommandOptions } from './tape/convert-command.ts'
import type { CutCommandOptions } from './tape/cut-command.ts'
import type { DiffCommandOptions } from './tape/diff-command.ts'
import type { FromCommandOptions } from './tape/from-command.ts'
import type { InspectCommandOptions } from './tape/inspect-command.ts'
import type { MergeCommandOptions } from './tape/merge-command.ts'
import type { ScrubCommandOptions } from './tape/scrub-command.ts'

export function addTape(playhead: Command): void {
  const tape = playhead.command('tape').description('Look into cassettes, check, change and compare them.')
  addInspect(tape)
  addCheck(tape)
  addConvert(tape)
  addDiff(tape)
  addScrub(tape)
  addCut(tape)
  addMerge(tape)
  addFrom(tape)
}

const cassettes = 'cassettes of any format, folders of them, or - for standard input'
const force = 'write over a file that is there'
const json = 'one JSON object a line'

function addInspect(tape: Command): void {
  tape
    .command('inspect')
    .description('Show each interaction: what was asked, what came back, what it used and cost.')
    .argument('<file...>', cassettes)
    .option('--json', json)
    .option('--html', 'one page that holds all it needs')
    .option('--out <file>', 'where the page goes (default: standard output)')
    .option('--force', force)
    .action(async (files: readonly string[], options: InspectCommandOptions) => {
      const { inspectCommand } = await import('./tape/inspect-command.ts')
      process.exitCode = await inspectCommand(files, options)
    })
}

function addCheck(tape: Command): void {
  tape
    .command('check')
    .description('Read, decode and verify every interaction; find secrets and duplicates.')
    .argument('<file...>', cassettes)
    .option('--allow <kind>', 'secrets of this kind are none here: openai-key; repeatable', collect)
    .option('--name <field>', 'another name of what carries secrets; repeatable', collect)
    .option('--json', json)
    .action(async (files: readonly string[], options: CheckCommandOptions) => {
      const { checkCommand } = await import('./tape/check-command.ts')
      process.exitCode = await checkCommand(files, options)
    })
}

/** Each once, which its type sees to: what writes them is not loaded for `--help`. */
const formats: Readonly<Record<WritableFormat, true>> = { tape: true, 'go-vcr': true, har: true }

/** What is written, where commands convert. */
function formatOption(): Option {
  return new Option('--format <format>', 'where the name does not say it').choices(Object.keys(formats))
}

function addConvert(tape: Command): void {
  tape
    .command('convert')
    .description('Write a cassette, or a folder of them, in another format.')
    .argument('<in>', 'a cassette, a folder, or - for standard input')
    .argument('<out>', 'a file (*.tape.jsonl, *.yaml, *.har), a folder, or - for standard output')
    .addOption(formatOption())
    .option('--force', force)
    .option('--json', json)
    .action(async (from: string, out: string, options: ConvertCommandOptions) => {
      const { convertCommand } = await import('./tape/convert-command.ts')
      process.exitCode = await convertCommand(from, out, options)
    })
}

function addDiff(tape: Command): void {
  tape
    .command('diff')
    .description('Compare two cassettes: questions, answers, tool calls, tokens, money.')
    .argument('<before>', 'a cassette, or - for standard input')
    .argument('<after>', 'another one')
    .addOption(
      new Option('--format <format>', 'markdown is for a pull request (default: text)').choices([
        'text',
        'markdown',
        'json',
      ]),
    )
    .option('--json', json)
    .action(async (before: string, after: string, options: DiffCommandOptions) => {
      const { diffCommand } = await import('./tape/diff-command.ts')
      process.exitCode = await diffCommand(before, after, options)
    })
}

function addScrub(tape: Command): void {
  tape
    .command('scrub')
    .description('Take secrets out of cassettes; without --out and --in-place, only say which there are.')
    .argument('<file...>', cassettes)
    .option('--out <path>', 'a file, or a folder for several')
    .option('--in-place', 'write over the cassettes themselves')
    .option('--allow <kind>', 'secrets of this kind are none here: openai-key; repeatable', collect)
    .option('--name <field>', 'another name of what carries secrets; repeatable', collect)
    .option('--force', force)
    .option('--json', json)
    .action(async (files: readonly string[], options: ScrubCommandOptions) => {
      const { scrubCommand } = await import('./tape/scrub-command.ts')
      process.exitCode = await scrubCommand(files, options)
    })
}

function addCut(tape: Command): void {
  tape
    .command('cut')
    .description('Make a tape of a cassette’s first interactions, to go on from.')
    .argument('<file>', 'a cassette')
    .requiredOption('--at <count>', 'how many interactions stay', wholeNumber)
    .option('--out <file>', 'the new tape (default: FILE.cut-COUNT.tape.jsonl beside it)')
    .option('--force', force)
    .option('--json', json)
    .action(async (file: string, options: CutCommandOptions) => {
      const { cutCommand } = await import('./tape/cut-command.ts')
      process.exitCode = await cutCommand(file, options)
    })
}

function addMerge(tape: Command): void {
  tape
    .command('merge')
    .description('Make one cassette of several; what stands on several of them, once.')
    .argument('<file...>', cassettes)
    .requiredOption('--out <file>', 'the new cassette (*.tape.jsonl, *.yaml, *.har)')
    .option('--force', force)
    .option('--json', json)
    .action(async (files: readonly string[], options: MergeCommandOptions) => {
      const { mergeCommand } = await import('./tape/merge-command.ts')
      process.exitCode = await mergeCommand(files, options)
    })
}

function addFrom(tape: Command): void {
  withInstallation(
    tape
      .command('from')
      .description('Copy what the gateway recorded of a generation, as a cassette of its own.')
      .argument('<id>', generationId)
      .argument('[out]', 'the new cassette, *.tape.jsonl, *.yaml or *.har (default: ID.tape.jsonl)')
      .addOption(formatOption())
      .option('--force', force)
      .option('--json', json),
  ).action(async (id: string, out: string | undefined, options: FromCommandOptions) => {
    const { fromCommand } = await import('./tape/from-command.ts')
    process.exitCode = await fromCommand(id, out, options)
  })
}
