/** `playhead doctor`: checks a gateway's configuration and all that it needs. */
import { exitCodes } from '../exit.ts'
import { print, printJson } from '../print.ts'
import { useProxies } from '../proxy.ts'
import { count, excerpt, styled } from '../terminal.ts'
import type { Check } from './check.ts'
import { checkConfiguration } from './check-configuration.ts'
import { checkFiles } from './check-files.ts'
import { checkPorts } from './check-port.ts'
import { checkPrices } from './check-prices.ts'
import { checkProviders } from './check-providers.ts'
import { checkProxies } from './check-proxies.ts'
import { checkStore } from './check-store.ts'
import { findInstallation, type InstallationOptions } from './installation.ts'

export interface DoctorCommandOptions extends InstallationOptions {
  readonly online?: true
  readonly json?: true
}

/** Gives the exit code: 1 when something is wrong. */
export async function doctorCommand(options: DoctorCommandOptions): Promise<number> {
  const installation = findInstallation(options)
  const isOnline = options.online === true
  const now = Date.now()
  const { configuration, checks } = await checkConfiguration(installation, now)
  const all = [...checks, ...(await checkFiles(installation)), ...(await checkStore(installation))]
  const proxies = checkProxies(installation.environment)
  all.push(...proxies)
  if (configuration !== null) {
    if (isOnline && proxies.every(({ state }) => state === 'fine')) await useProxies(installation.environment)
    all.push(...(await checkProviders(configuration, { isOnline })))
    all.push(...(await checkPrices(configuration, now)))
    all.push(...(await checkPorts(configuration)))
  }
  if (options.json === true) for (const check of all) await printJson(check)
  else await print(textOf(all))
  return all.some(({ state }) => state === 'wrong') ? exitCodes.failed : exitCodes.ok
}

const marks: Readonly<Record<Check['state'], string>> = {
  fine: styled('green', '✓'),
  doubtful: styled('yellow', '!'),
  wrong: styled('red', '✗'),
}

function textOf(checks: readonly Check[]): string {
  const width = checks.reduce((most, { what }) => Math.max(most, what.length), 0)
  const lines = checks.map(
    ({ state, what, message }) => `${marks[state]} ${what.padEnd(width)}  ${excerpt(message, 1000)}\n`,
  )
  const wrong = checks.filter(({ state }) => state === 'wrong').length
  return `${lines.join('')}${wrong === 0 ? 'All is well.' : `${count(wrong, 'thing')} to mend (✗).`}\n`
}
