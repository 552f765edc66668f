/** `playhead run`: runs the agent that a file exports, live or on tape. */
import { existsSync, statSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import {
  isKeyMissing,
  missingKey,
  type Model,
  model,
  placeOf,
  type Progress,
  redirect,
  type RunEvent,
  type RunResult,
} from '@playhead/agent'
import { authorize, isReady, missingCredentials } from '@playhead/auth'
import { faultsFileOf, type Mode, record, type Recorder } from '@playhead/tape'
import { baseUrlOf, conversation, type DialectName } from '@playhead/wire'
import { exitCodes, messageOf, UsageError, usageErrorOf } from './exit.ts'
import { loadAgent, type LoadedAgent } from './load-agent.ts'
import { keepOutput, outputClosed, print, printError, printJson } from './print.ts'
import { type Books, type RunErrorEvent, RunRenderer } from './render-run.ts'
import { type Stop, stopped, watchStops } from './stop.ts'

export interface RunCommandOptions {
  readonly tape?: string
  readonly mode?: Mode
  readonly speed?: number
  readonly model?: string
  readonly dialect?: DialectName
  readonly baseUrl?: string
  readonly apiKey?: string
  readonly json?: true
}

/** Gives the exit code. Throws a UsageError when the run cannot begin. */
export async function runCommand(
  file: string,
  prompt: string | undefined,
  options: RunCommandOptions,
): Promise<number> {
  if (options.tape === undefined && (options.mode ?? options.speed) !== undefined) {
    throw new UsageError('--mode and --speed go with --tape FILE')
  }
  if (options.dialect !== undefined && options.model === undefined) {
    throw new UsageError('--dialect goes with --model PROVIDER/NAME')
  }
  if (options.json === true) keepOutput()
  const loaded = await loadAgent(file)
  const wanted = wantedModel(loaded, options)
  const question = await wantedPrompt(prompt, loaded, file)
  const recorder = await openTape(options)
  if (recorder?.isReplaying === true) return perform(loaded, question, wanted, recorder, options)
  checkKey(wanted, options)
  return perform(loaded, question, authorized(wanted), recorder, options)
}

function wantedModel({ agent }: LoadedAgent, options: RunCommandOptions): Model {
  const { dialect } = options
  try {
    const named = options.model === undefined ? agent.model : model(options.model, dialect && { dialect })
    return redirect(named, options)
  } catch (error) {
    throw usageErrorOf(error)
  }
}

/** The argument, `-` for standard input, or what the file exports. */
async function wantedPrompt(
  argument: string | undefined,
  loaded: LoadedAgent,
  file: string,
): Promise<string> {
  // A shell ends what it pipes with a line break that nobody meant.
  const piped = argument === '-' ? (await text(process.stdin)).replace(/\r?\n$/, '') : undefined
  const prompt = piped ?? argument ?? loaded.prompt
  if (prompt !== undefined && prompt.trim() !== '') return prompt
  throw new UsageError(
    `there is nothing to ask: playhead run ${file} PROMPT, or export const prompt = '…' there`,
  )
}

async function openTape({
  tape,
  mode = 'replay',
  speed = 0,
}: RunCommandOptions): Promise<Recorder | undefined> {
  if (tape === undefined) return undefined
  if (statSync(tape, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UsageError(`${tape}: it is a folder, not a cassette`)
  const recorder = await record(tape, { mode, speed, meaning: conversation })
  const faults = faultsFileOf(tape)
  if (recorder.isReplaying && existsSync(faults)) printError(`${faults}: its faults lie over the cassette`)
  return recorder
}

/** Throws a UsageError when the key is missing or cannot be one, or a variable of the URL is not set. */
function checkKey(wanted: Model, { tape, mode }: RunCommandOptions): void {
  let isMissing: boolean
  try {
    placeOf(wanted)
    isMissing = isKeyMissing(wanted)
  } catch (error) {
    throw usageErrorOf(error)
  }
  if (!isMissing || (isSigned(wanted) && isReady(wanted.provider, process.env))) return
  const missing = isSigned(wanted) ? missingCredentials(wanted.provider) : missingKey(wanted)
  const otherwise =
    tape === undefined
      ? ', or replay a cassette with --tape FILE'
      : `; --mode ${mode} asks the model for what is not on tape`
  throw new UsageError(usageErrorOf(missing).message + otherwise)
}

function isSigned({ provider: { auth } }: Model): boolean {
  return auth === 'aws-sigv4' || auth === 'google-oauth'
}

/** The model with what signs its requests, where its provider wants that. Elsewhere it is for who has credentials. */
function authorized(wanted: Model): Model {
  const { provider, dialect, baseUrl } = wanted
  const isElsewhere = baseUrl !== baseUrlOf(provider, dialect.name)
  if (!isSigned(wanted) || wanted.authorize !== undefined) return wanted
  if (isElsewhere && !isReady(provider, process.env)) return wanted
  return { ...wanted, authorize: authorize(provider, { dialect: dialect.name }) }
}

/** Runs the agent, shows it, and saves the tape however it ends. */
async function perform(
  { agent }: LoadedAgent,
  prompt: string,
  wanted: Model,
  recorder: Recorder | undefined,
  { json }: RunCommandOptions,
): Promise<number> {
  const unwatch = watchStops()
  const show: Show = json === true ? printJson : showText()
  const run = agent.run(prompt, {
    model: wanted,
    signal: AbortSignal.any([stopped, outputClosed]),
    ...(recorder !== undefined && {
      fetch: recorder.fetch,
      clock: recorder.clock,
      random: recorder.random,
    }),
  })
  let exitCode: number = exitCodes.failed
  try {
    for await (const event of run) await show(event)
    exitCode = exitCodeOf(await run.result)
  } catch (error) {
    const stop = stopped.aborted ? (stopped.reason as Stop) : undefined
    // When nobody reads any more, the run is over: that is no failure.
    exitCode = stop?.exitCode ?? (outputClosed.aborted ? exitCodes.ok : exitCodes.failed)
    await reportFailure(error, stop?.message ?? messageOf(error), show)
  }
  try {
    await recorder?.stop()
  } catch (error) {
    exitCode = exitCodes.failed
    await reportFailure(error, messageOf(error), show)
  }
  unwatch()
  return exitCode
}

type Show = (event: RunEvent | RunErrorEvent) => Promise<void>

function showText(): Show {
  const renderer = new RunRenderer()
  return (event) => print(renderer.render(event))
}

function exitCodeOf({ ending }: RunResult): number {
  return ending === 'answer' ? exitCodes.ok : exitCodes.incomplete
}

/** When nobody reads any more, there is nobody to tell. */
async function reportFailure(error: unknown, message: string, show: Show): Promise<void> {
  if (outputClosed.aborted) return
  await show({ type: 'error', code: codeOf(error), message, ...booksOf(error) })
  printError(message)
}

/** By shape: the agent's file may have an installation of its own, and errors of that. */
function codeOf(error: unknown): string {
  const isCoded =
    typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
  return isCoded ? (error as { readonly code: string }).code : 'unknown'
}

/** By its name, for the same reason. */
function booksOf(error: unknown): Books | undefined {
  if (!(error instanceof Error) || error.name !== 'AgentError' || !('progress' in error)) return undefined
  const progress = error.progress as Progress | undefined
  return progress && { steps: progress.steps, usage: progress.usage, cost: progress.cost }
}
