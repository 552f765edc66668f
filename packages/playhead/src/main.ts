/** The command `playhead`. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { modes } from '@playhead/tape'
import type { DialectName } from '@playhead/wire'
import { exitCodeOf, exitCodes, messageOf } from './exit.ts'
import { factor } from './factor.ts'
import { flushOutput, outputClosed, printError, watchOutput } from './print.ts'
import type { ModelsCommandOptions } from './models-command.ts'
import type { ProvidersCommandOptions } from './providers-command.ts'
import type { RunCommandOptions } from './run-command.ts'
import { addGateway } from './gateway-commands.ts'
import { useProxies } from './proxy.ts'
import { addRecord, addReplay } from './server-commands.ts'
import { standstill, stopAtStandstill } from './stop.ts'
import { addTape } from './tape-commands.ts'

/** Runs the command that the arguments name and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  watchOutput()
  process.once('beforeExit', endStandstill)
  try {
    await program().parseAsync([...argv])
  } catch (error) {
    reportError(error)
  }
  await flushOutput()
  if (outputClosed.aborted) reportClosedOutput(outputClosed.reason as NodeJS.ErrnoException)
  // What the agent's file keeps open, or a tool that ignores its signal, would keep the process.
  process.exit()
}

/** A run saves its tape and reports; should that stand still too, or should there be none, it is said here. */
function endStandstill(): void {
  if (stopAtStandstill()) {
    process.once('beforeExit', endStandstill)
    return
  }
  printError(standstill)
  process.exitCode = exitCodes.failed
}

function reportError(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    return
  }
  printError(messageOf(error))
  process.exitCode = exitCodeOf(error)
}

/** A reader that has seen enough (`| head`) is no failure, and what was found stays found; a full disk is one. */
function reportClosedOutput(reason: NodeJS.ErrnoException): void {
  if (reason.code === 'EPIPE') return
  printError(`standard output cannot be written: ${reason.message}`)
  process.exitCode = exitCodes.failed
}

/** Whether a command may ask others; a replay never does. `doctor` says itself what is wrong with proxies. */
function isOnline(command: Command): boolean {
  const { tape, mode = 'replay' } = command.opts<RunCommandOptions>()
  return online.has(command.name()) && (tape === undefined || mode !== 'replay')
}

const online: ReadonlySet<string> = new Set(['run', 'record', 'models', 'serve'])

function program(): Command {
  const playhead = new Command('playhead')
  const outputError = (text: string): void =>
    printError(withTape(text.replace(/^error: /, '').trimEnd(), playhead))
  playhead
    .description('Run, record, replay and inspect LLM agents.')
    .version(version())
    .exitOverride()
    // An option is that of the command it stands behind.
    .enablePositionalOptions()
    .configureOutput({ outputError })
    .addHelpText('afterAll', exitHelp)
    .hook('preAction', async (_, command) => {
      if (isOnline(command)) await useProxies(process.env)
    })
  addRun(playhead)
  addRecord(playhead)
  addReplay(playhead)
  addTape(playhead)
  addProviders(playhead)
  addModels(playhead)
  addGateway(playhead)
  hintAtHelp(playhead, playhead.name())
  return playhead
}

/** Who names a command of `playhead tape` without that is told. */
function withTape(message: string, playhead: Command): string {
  const [, wanted = ''] = /^unknown command '(\w+)'$/.exec(message) ?? []
  const tape = playhead.commands.find((one) => one.name() === 'tape')
  const isItsOwn = tape?.commands.some((one) => one.name() === wanted) === true
  return isItsOwn ? `${message}\n(Did you mean tape ${wanted}?)` : message
}

/** After an error each command says where its own help is. */
function hintAtHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(${path} --help says more)`)
  for (const child of command.commands) hintAtHelp(child, `${path} ${child.name()}`)
}

function addRun(playhead: Command): void {
  playhead
    .command('run')
    .description('Run the agent that a file exports, live or on tape.')
    .argument('<file>', 'a module that exports an agent')
    .argument('[prompt]', 'what to ask; - reads it from standard input (default: the export `prompt`)')
    .option('--tape <file>', 'a cassette to replay or to record (*.tape.jsonl, *.yaml)')
    .addOption(new Option('--mode <mode>', 'when to record (default: replay)').choices(modes))
    .option('--speed <factor>', 'how fast a replay answers: 0 at once, 1 as recorded (default: 0)', factor)
    .option('--model <provider/name>', 'another model than the agent’s own')
    .addOption(
      new Option('--dialect <name>', 'what it is spoken to in (default: its provider’s own)').choices(
        Object.keys(dialectNames),
      ),
    )
    .option('--base-url <url>', 'where the model is spoken to')
    .option('--api-key <key>', 'its key (default: the provider’s variable, such as OPENROUTER_API_KEY)')
    .option('--json', 'one event a line on standard output, nothing else')
    .addHelpText('after', runExitHelp)
    .action(async (file: string, prompt: string | undefined, options: RunCommandOptions) => {
      const { runCommand } = await import('./run-command.ts')
      process.exitCode = await runCommand(file, prompt, options)
    })
}

function addProviders(playhead: Command): void {
  playhead
    .command('providers')
    .description('List who serves models, the variables that each wants, and whether they are set.')
    .option('--json', 'one JSON object a line')
    .action(async (options: ProvidersCommandOptions) => {
      const { providersCommand } = await import('./providers-command.ts')
      process.exitCode = await providersCommand(options)
    })
}

function addModels(playhead: Command): void {
  playhead
    .command('models')
    .description('Ask providers which models they serve, and what those cost.')
    .argument('[provider]', 'one of those that playhead providers lists (default: all whose key is set)')
    .option('--base-url <url>', 'where it is spoken to')
    .option('--api-key <key>', 'its key (default: the provider’s variable)')
    .option('--prices', 'what the catalogue knows, without a network and without keys')
    .option('--json', 'one JSON object a line')
    .action(async (provider: string | undefined, options: ModelsCommandOptions) => {
      const { modelsCommand } = await import('./models-command.ts')
      process.exitCode = await modelsCommand(provider, options)
    })
}

/** Each once, which its type sees to: the dialects themselves are not loaded for `--help`. */
const dialectNames: Readonly<Record<DialectName, true>> = {
  'openai-chat': true,
  'openai-responses': true,
  'anthropic-messages': true,
  gemini: true,
  'bedrock-converse': true,
  cohere: true,
  ollama: true,
}

const exitHelp = `
Exit codes: 0 fine; 1 it failed, or found a difference, a secret, a mistake,
a cassette that cannot be read; 2 it was asked wrongly: an option, or a file
or an id that is not there.`

const runExitHelp = `
A run that ends at a limit, without an answer, ends with exit code 3;
after Ctrl-C it is 130, after SIGTERM 143.`

function version(): string {
  const file = new URL(import.meta.resolve('#package'))
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}
