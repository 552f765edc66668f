/** `playhead record` and `playhead replay`: servers for programs in any language. */
import { existsSync } from 'node:fs'
import { type Fault, faultsFileOf, type Mode, readFaults } from '@playhead/tape'
import {
  cassetteFilesIn,
  isFolder,
  parseUpstream,
  recordingShelves,
  replayingShelves,
  type ServedExchange,
  type Shelves,
  startServer,
  type Upstream,
} from '@playhead/tape/serve'
import { conversation } from '@playhead/wire'
import { exitCodes, messageOf, UsageError } from './exit.ts'
import { print, printable, printError, printJson } from './print.ts'
import { type Stop, stopped, watchStops } from './stop.ts'
import { checkHoldsCassette } from './tape/cassettes.ts'

interface ServerCommandOptions {
  readonly host?: string
  readonly port?: number
  readonly json?: true
}

export interface RecordCommandOptions extends ServerCommandOptions {
  readonly upstream: readonly string[]
  readonly to: string
  readonly mode?: Mode
}

export interface ReplayCommandOptions extends ServerCommandOptions {
  readonly speed?: number
  readonly faults?: string
}

/** Records until it is stopped. Gives the exit code. */
export async function recordCommand(options: RecordCommandOptions): Promise<number> {
  const { upstream, to, mode = 'new' } = options
  const upstreams = upstream.map(upstreamOf)
  const shelves = recordingShelves(upstreams, to, { mode, meaning: conversation })
  const where = upstreams.map(({ prefix, url }) => (prefix === '/' ? url : `${prefix} → ${url}`)).join(', ')
  return serve(shelves, options, (url) => `recording ${where} to ${to}\n${url}\n`)
}

/** Replays until it is stopped. Gives the exit code. */
export async function replayCommand(from: string, options: ReplayCommandOptions): Promise<number> {
  const cassettes = await cassettesAt(from)
  const { speed = 0, faults: file } = options
  const faults = file === undefined ? undefined : await faultsIn(file)
  const laid = faults === undefined ? await faultsBeside(cassettes) : faults
  if (speed === 0 && laid.some(({ type }) => type === 'stall' || type === 'delay'))
    printError('a stall or a delay takes no time at --speed 0')
  const shelves = replayingShelves(from, {
    speed,
    meaning: conversation,
    repeat: true,
    ...(faults !== undefined && { faults }),
  })
  return serve(shelves, options, (url) => `replaying ${from}\n${url}\n`)
}

/** What may be a cassette there, where anything is. */
async function cassettesAt(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such file`)
  if (!(await isFolder(path))) return [path]
  await checkHoldsCassette(path)
  const files: string[] = []
  for await (const file of cassetteFilesIn(path)) files.push(file)
  return files
}

async function faultsIn(file: string): Promise<readonly Fault[]> {
  const faults = await readFaults(file)
  if (faults === undefined) throw new UsageError(`${file}: there is no such file`)
  return faults
}

/** What a replay takes without being told, which is said. */
async function faultsBeside(cassettes: readonly string[]): Promise<readonly Fault[]> {
  const faults: Fault[] = []
  for (const file of cassettes.map(faultsFileOf).filter((file) => existsSync(file))) {
    faults.push(...(await faultsIn(file)))
    printError(`${file}: its faults lie over the cassette`)
  }
  return faults
}

function upstreamOf(text: string): Upstream {
  try {
    return parseUpstream(text)
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error })
  }
}

async function serve(
  shelves: Shelves,
  { host, port, json }: ServerCommandOptions,
  greet: (url: string) => string,
): Promise<number> {
  const show = json === true ? printJson : (exchange: ServedExchange) => print(line(exchange))
  await shelves.open()
  const server = await listen(shelves, host, port, (exchange) => void show(exchange))
  const unwatch = watchStops()
  if (json === true) await printJson({ url: server.url })
  else await print(greet(server.url))
  await new Promise<void>((resolve) => {
    if (stopped.aborted) resolve()
    else stopped.addEventListener('abort', () => resolve(), { once: true })
  })
  try {
    await server.close()
  } catch (error) {
    printError(messageOf(error))
    return exitCodes.failed
  } finally {
    unwatch()
  }
  const { exitCode, message } = stopped.reason as Stop
  if (exitCode === exitCodes.failed) printError(message)
  // Ctrl-C is how it ends: that is no failure.
  return exitCode === exitCodes.interrupted ? exitCodes.ok : exitCode
}

async function listen(
  shelves: Shelves,
  host = '127.0.0.1',
  port = 4010,
  onExchange: (exchange: ServedExchange) => void,
): ReturnType<typeof startServer> {
  try {
    return await startServer(shelves, { host, port, onExchange })
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    const why = isTaken
      ? `port ${port} is taken: --port 0 finds one that is free`
      : `it cannot listen on ${host}: ${messageOf(error)}`
    throw new UsageError(why, { cause: error })
  }
}

function line({ method, path, status, problem }: ServedExchange): string {
  const outcome = status === null ? 'broken off' : String(status)
  const why = problem === undefined ? '' : `\n  ${problem.replaceAll('\n', '\n  ')}`
  return printable(`${method} ${path} ${outcome}${why}\n`)
}
