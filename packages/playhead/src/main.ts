/** The command `playhead`. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { modes } from '@playhead/tape'
import { exitCodes, messageOf, UsageError } from './exit.ts'
import type { InspectCommandOptions } from './inspect-command.ts'
import { outputClosed, printError, watchOutput } from './print.ts'
import type { RunCommandOptions } from './run-command.ts'
import { stopped } from './stop.ts'

/** Runs the command that the arguments name and sets the process's exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  watchOutput()
  process.once('beforeExit', reportStall)
  try {
    await program().parseAsync([...argv])
  } catch (error) {
    reportError(error)
  }
  process.off('beforeExit', reportStall)
  if (outputClosed.aborted) endWithoutOutput(outputClosed.reason as NodeJS.ErrnoException)
  // A tool that ignores its signal would keep an aborted run alive.
  if (stopped.aborted) process.exit()
}

/** Node ends a program that waits for what nothing can bring any more, and calls that a success. */
function reportStall(): void {
  printError('the work is not done, but nothing goes on: is there a promise that never settles?')
  process.exitCode = exitCodes.failed
}

function reportError(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    return
  }
  printError(messageOf(error))
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed
}

/** A reader that has seen enough (`| head`) is no failure; a full disk is one. */
function endWithoutOutput(reason: NodeJS.ErrnoException): void {
  if (reason.code === 'EPIPE') process.exit(exitCodes.ok)
  printError(`standard output cannot be written: ${reason.message}`)
  process.exit(exitCodes.failed)
}

function program(): Command {
  const playhead = new Command('playhead')
    .description('Run, record, replay and inspect LLM agents.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(playhead --help says more)')
  addRun(playhead)
  addTape(playhead)
  return playhead
}

function addRun(playhead: Command): void {
  playhead
    .command('run')
    .description('Run the agent that a file exports, live or on tape.')
    .argument('<file>', 'a module that exports an agent')
    .argument('[prompt]', 'what to ask; - reads it from standard input (default: the export `prompt`)')
    .option('--tape <file>', 'a cassette to replay or to record (go-vcr 2, *.yaml)')
    .addOption(new Option('--mode <mode>', 'when to record (default: replay)').choices(modes))
    .option('--speed <factor>', 'how fast a replay answers: 0 at once, 1 as recorded (default: 0)', factor)
    .option('--model <provider/name>', 'another model than the agent’s own')
    .option('--base-url <url>', 'where the model is spoken to')
    .option('--api-key <key>', 'its key (default: the provider’s variable, such as OPENROUTER_API_KEY)')
    .option('--json', 'one event a line on standard output, nothing else')
    .addHelpText('after', exitHelp)
    .action(async (file: string, prompt: string | undefined, options: RunCommandOptions) => {
      const { runCommand } = await import('./run-command.ts')
      process.exitCode = await runCommand(file, prompt, options)
    })
}

function addTape(playhead: Command): void {
  playhead
    .command('tape')
    .description('Look into cassettes.')
    .command('inspect')
    .description('Show each interaction: what was asked, what came back, what it used and cost.')
    .argument('<file...>', 'cassettes')
    .option('--json', 'one JSON object a line')
    .action(async (files: readonly string[], options: InspectCommandOptions) => {
      const { inspectCommand } = await import('./inspect-command.ts')
      process.exitCode = await inspectCommand(files, options)
    })
}

const exitHelp = `
Exit codes: 0 an answer; 1 the run failed; 2 it could not begin;
3 it ended at a limit, without an answer; 130 Ctrl-C; 143 SIGTERM.`

function factor(value: string): number {
  const number = Number(value)
  if (value.trim() !== '' && number >= 0 && Number.isFinite(number)) return number
  throw new InvalidArgumentError('It must be a number of at least 0.')
}

function version(): string {
  const file = new URL(import.meta.resolve('#package'))
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}
