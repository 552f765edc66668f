/** `playhead run`: runs the agent that a file exports, live or on tape. */
import { Console } from 'node:console'
import { text } from 'node:stream/consumers'
import { AgentError, isKeyMissing, missingKey, type Model, model, redirect, type RunResult } from '@playhead/agent'
import { type Mode, record, type Recorder, TapeError } from '@playhead/tape'
import { WireError } from '@playhead/wire'
import { exitCodes, messageOf, UsageError } from './exit.ts'
import { loadAgent, type LoadedAgent } from './load-agent.ts'
import { print } from './print.ts'
import { RunRenderer } from './render-run.ts'

export interface RunCommandOptions {
  readonly tape?: string
  readonly mode?: Mode
  readonly speed?: number
  readonly model?: string
  readonly baseUrl?: string
  readonly apiKey?: string
  readonly json?: true
}

/** Gives the exit code. Throws a UsageError when the run cannot begin. */
export async function runCommand(file: string, prompt: string | undefined, options: RunCommandOptions): Promise<number> {
  if (options.tape === undefined && (options.mode ?? options.speed) !== undefined) {
    throw new UsageError('--mode and --speed go with --tape FILE')
  }
  if (options.json === true) globalThis.console = new Console(process.stderr)
  const loaded = await loadAgent(file)
  const wanted = wantedModel(loaded, options)
  const question = await wantedPrompt(prompt, loaded, file)
  const recorder = await openTape(options)
  if (recorder?.isReplaying !== true && isKeyMissing(wanted)) {
    throw new UsageError(`${missingKey(wanted).message}, or replay a cassette with --tape FILE`)
  }
  return perform(loaded, question, wanted, recorder, options)
}

function wantedModel({ agent }: LoadedAgent, options: RunCommandOptions): Model {
  try {
    return redirect(options.model === undefined ? agent.model : model(options.model), options)
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error })
  }
}

/** The argument, `-` for standard input, or what the file exports. */
async function wantedPrompt(argument: string | undefined, loaded: LoadedAgent, file: string): Promise<string> {
  const prompt = argument === '-' ? await text(process.stdin) : (argument ?? loaded.prompt)
  if (prompt !== undefined && prompt.trim() !== '') return prompt
  throw new UsageError(`There is nothing to ask: playhead run ${file} PROMPT, or export const prompt = '…' there`)
}

async function openTape({ tape, mode = 'replay', speed = 0 }: RunCommandOptions): Promise<Recorder | undefined> {
  if (tape === undefined) return undefined
  try {
    return await record(tape, { mode, speed })
  } catch (error) {
    throw error instanceof TapeError ? new UsageError(forCommandLine(error), { cause: error }) : error
  }
}

/** Runs the agent, shows it, and saves the tape however it ends. */
async function perform(
  { agent }: LoadedAgent,
  prompt: string,
  wanted: Model,
  recorder: Recorder | undefined,
  { json }: RunCommandOptions,
): Promise<number> {
  const controller = new AbortController()
  const interrupt = (): void => controller.abort()
  process.once('SIGINT', interrupt)
  const run = agent.run(prompt, {
    model: wanted,
    signal: controller.signal,
    ...(recorder !== undefined && { fetch: recorder.fetch, clock: recorder.clock }),
  })
  const renderer = new RunRenderer()
  try {
    for await (const event of run) {
      await print(json === true ? `${JSON.stringify(event)}\n` : renderer.render(event))
    }
    return exitCodeOf(await run.result)
  } catch (error) {
    if (!isExpected(error)) throw error
    await reportFailure(error, json === true)
    return controller.signal.aborted ? exitCodes.interrupted : exitCodes.failed
  } finally {
    process.off('SIGINT', interrupt)
    await recorder?.stop()
  }
}

function exitCodeOf({ ending }: RunResult): number {
  return ending === 'answer' ? exitCodes.ok : exitCodes.incomplete
}

type ExpectedError = AgentError | TapeError | WireError

function isExpected(error: unknown): error is ExpectedError {
  return error instanceof AgentError || error instanceof TapeError || error instanceof WireError
}

async function reportFailure(error: ExpectedError, isJson: boolean): Promise<void> {
  const message = error instanceof TapeError ? forCommandLine(error) : error.message
  if (isJson) await print(`${JSON.stringify({ type: 'error', code: error.code, message })}\n`)
  else await print('\n')
  process.stderr.write(`playhead: ${message}\n`)
}

/** The same in the command's own words: a mode is a flag. */
function forCommandLine({ message }: TapeError): string {
  return message.replace(/mode "(\w+)" records it/, '--mode $1 records it')
}
