/** `playhead serve`: the gateway, until it is stopped. */
import { setFlagsFromString } from 'node:v8'
import { createGateway, type Gateway } from '@playhead/gateway'
import {
  type Configuration,
  ProxyError,
  readConfiguration,
  StoreError,
  watchConfiguration,
  type Watching,
} from '@playhead/gateway/admin'
import { exitCodes, messageOf, UsageError } from '../exit.ts'
import { print, printError, printJson } from '../print.ts'
import { type Stop, stopped, watchStops } from '../stop.ts'
import { bold, dim } from '../terminal.ts'
import { writeLog } from './log.ts'
import { asUsage, findInstallation, type Installation, type InstallationOptions } from './installation.ts'
import { firstQuestion } from './question.ts'
import { servedBy, servedText } from './served.ts'

export interface ServeCommandOptions extends InstallationOptions {
  readonly port?: number
  readonly host?: string
  readonly json?: true
}

/**
 * What a gateway makes lives short. Left alone, V8 lets what has died pile up to several times of what lives; this way
 * streams take less of memory, and requests a little more time (`npm run bench -- --only gateway` shows what both come to).
 * The rest is `--max-semi-space-size`, which only a start can set.
 */
const leanHeap = '--heap-growing-percent=75'

/** Serves until it is stopped. Gives the exit code. */
export async function serveCommand(options: ServeCommandOptions): Promise<number> {
  setFlagsFromString(leanHeap)
  const installation = findInstallation(options)
  const configuration = asUsage(() => read(installation, installation.text, options))
  const gateway = await start(configuration, installation)
  const unwatch = watchStops()
  try {
    const { url, adminUrl } = await listen(gateway, configuration)
    await greet({ gateway, configuration, installation, url, adminUrl }, options)
    const watching = watch(gateway, installation, options)
    await untilStopped()
    watching?.close()
  } finally {
    await gateway.close()
    unwatch()
  }
  const { exitCode, message } = stopped.reason as Stop
  if (exitCode === exitCodes.failed) printError(message)
  // Being stopped is how it ends, and it has let its streams finish.
  return exitCode === exitCodes.failed ? exitCode : exitCodes.ok
}

/** What stands on the command line comes before what stands in the file. */
function read(
  installation: Installation,
  text: string | null,
  { port, host }: ServeCommandOptions,
): Configuration {
  const configuration = readConfiguration(text, installation)
  return { ...configuration, ...(port !== undefined && { port }), ...(host !== undefined && { host }) }
}

async function start(configuration: Configuration, { home, environment }: Installation): Promise<Gateway> {
  try {
    return await createGateway({ configuration, home, environment, log: writeLog })
  } catch (error) {
    throw error instanceof StoreError || error instanceof ProxyError
      ? new UsageError(error.message, { cause: error })
      : error
  }
}

async function listen(
  gateway: Gateway,
  { host, port }: Configuration,
): Promise<{ readonly url: string; readonly adminUrl: string | null }> {
  try {
    return await gateway.listen()
  } catch (error) {
    // Node says which: the clients' port, or that of admins.
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error
    const advice = taken && error.port === port ? '--port 0 finds one that is free' : 'set another admin_port'
    const why = taken
      ? `port ${String(error.port)} is taken: ${advice}`
      : `it cannot listen on ${host}:${port}: ${messageOf(error)}`
    throw new UsageError(why, { cause: error })
  }
}

interface Started {
  readonly gateway: Gateway
  readonly configuration: Configuration
  readonly installation: Installation
  readonly url: string
  readonly adminUrl: string | null
}

async function greet(started: Started, { json }: ServeCommandOptions): Promise<void> {
  const { gateway, configuration, installation, url, adminUrl } = started
  const key = await gateway.createFirstKey()
  const served = servedBy(gateway, configuration)
  const { providers } = served
  const counts = { providers: providers.length, models: served.models.length, tapes: served.tapes.size }
  if (json === true) {
    await printJson({ url, adminUrl, key, ...counts, providers })
    return
  }
  const question = await firstQuestion(installation, served)
  const lines = [
    `${bold('Playhead')} serves at ${bold(url)} (${servedText(counts)})`,
    ...(adminUrl === null ? [] : [`admin calls at ${adminUrl}`]),
    ...(providers.length === 0
      ? [dim('No key of a provider is set, so only tapes answer: playhead providers')]
      : []),
    ...(key === null ? [] : ['', `A first key, shown this once:  ${bold(key)}`]),
    ...(question === null ? [] : ['', curl(url, key, question)]),
  ]
  await print(`${lines.join('\n')}\n\n`)
}

function curl(url: string, key: string | null, question: string): string {
  return [
    `curl ${url}/api/v1/chat/completions`,
    `-H 'Authorization: Bearer ${key ?? 'YOUR-KEY'}'`,
    `-H 'Content-Type: application/json'`,
    `-d '${question.replaceAll("'", String.raw`'\''`)}'`,
  ].join(' ')
}

/** Null where there is no file to watch. */
function watch(gateway: Gateway, installation: Installation, options: ServeCommandOptions): Watching | null {
  if (installation.text === null) return null
  const { file } = installation
  return watchConfiguration(
    file,
    async (text) => {
      await gateway.reconfigure(read(installation, text, options))
      writeLog({ level: 'info', event: 'configuration read', file })
    },
    (error) => writeLog({ level: 'error', event: 'configuration refused', file, error: messageOf(error) }),
    installation.text,
  )
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) resolve()
    else stopped.addEventListener('abort', () => resolve(), { once: true })
  })
}
