/** The arguments of the gateway's commands: `playhead serve`, `keys`, `ledger`, `explain`, `doctor`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Period, SumBy } from '@playhead/gateway/admin'
import { collect, port, wholeNumber } from './arguments.ts'
import type { DoctorCommandOptions } from './gateway/doctor-command.ts'
import type { ExplainCommandOptions } from './gateway/explain-command.ts'
import type { CreateKeyOptions, ListKeysOptions } from './gateway/keys-command.ts'
import type { LedgerCommandOptions } from './gateway/ledger-command.ts'
import type { ServeCommandOptions } from './gateway/serve-command.ts'
import type { VerifyCommandOptions } from './gateway/verify-command.ts'

export function addGateway(playhead: Command): void {
  addServe(playhead)
  addKeys(playhead)
  addLedger(playhead)
  addExplain(playhead)
  addDoctor(playhead)
}

const json = 'one JSON object a line'
/** A generation’s id, and where a user finds it. */
export const generationId = 'gen-…, as the answer’s header x-generation-id and playhead ledger have it'

/** Each once, which their types see to: the gateway is not loaded for `--help`. */
const periods: Readonly<Record<Period, true>> = {
  minute: true,
  hour: true,
  day: true,
  week: true,
  month: true,
  ever: true,
}
const groups: Readonly<Record<SumBy, true>> = { key: true, model: true, provider: true, day: true }

function addServe(playhead: Command): void {
  withInstallation(
    playhead
      .command('serve')
      .description('Serve every model behind one endpoint, with keys, budgets, failover and a ledger.')
      .option('--port <number>', 'on which port; 0 for one that is free (default: 4000)', port)
      .option('--host <address>', 'where it listens (default: 127.0.0.1, this machine only)')
      .option('--json', 'what it says at its start as one JSON object'),
  ).action(async (options: ServeCommandOptions) => {
    const { serveCommand } = await import('./gateway/serve-command.ts')
    process.exitCode = await serveCommand(options)
  })
}

function addKeys(playhead: Command): void {
  const keys = playhead.command('keys').description('Create, list and revoke the gateway’s keys.')
  withInstallation(
    keys
      .command('create')
      .description('Create a key. It is shown once.')
      .option('--name <name>', 'for people, and for the ledger')
      .option('--limit <dollars>', 'the most that it may spend')
      .addOption(
        new Option('--per <period>', 'until it begins anew (default: ever)').choices(Object.keys(periods)),
      )
      .option(
        '--models <names>',
        'the only models that it may ask, by commas; a * at the end stands for any rest',
      )
      .option('--providers <names>', 'the only providers, by commas')
      .option(
        '--byok <provider=place>',
        'an upstream key of its own, by where it is kept: groq=env:GROQ_KEY, groq=file:/path; may be repeated',
        collect,
      )
      .option('--count-byok', 'what its upstream keys pay counts against --limit')
      .option('--expires <when>', 'a time from now, such as 30d or 12h, or a date')
      .option('--admin', 'it manages keys and sees all spending; it asks no models')
      .option('--json', json),
  ).action(async (options: CreateKeyOptions) => {
    const { createKeyCommand } = await import('./gateway/keys-command.ts')
    process.exitCode = await createKeyCommand(options)
  })
  withInstallation(
    keys
      .command('list')
      .description('List keys with what they have spent, newest first.')
      .option('--json', json),
  ).action(async (options: ListKeysOptions) => {
    const { listKeysCommand } = await import('./gateway/keys-command.ts')
    process.exitCode = await listKeysCommand(options)
  })
  withInstallation(
    keys
      .command('revoke')
      .description('Revoke keys for good. What they spent stays in the ledger.')
      .argument('<id...>', 'as playhead keys list shows it')
      .option('--json', json),
  ).action(async (ids: readonly string[], options: ListKeysOptions) => {
    const { revokeKeysCommand } = await import('./gateway/keys-command.ts')
    process.exitCode = await revokeKeysCommand(ids, options)
  })
}

function addLedger(playhead: Command): void {
  const ledger = withInstallation(
    playhead
      .command('ledger')
      .description('List what was asked and what it cost, newest first, or sum it up.')
      .option('--by <what>', 'sums by key, model, provider or day, or several with commas', groupsIn)
      .option('--from <when>', 'a date, 2026-11-22 or 2026-11-22T08:00, in UTC; or a time ago: 7d, 12h')
      .option('--to <when>', 'up to here, exclusive')
      .option('--key <id>', 'of one key')
      .option('--model <name>', 'of one model')
      .option('--provider <name>', 'of one provider')
      .option('--limit <count>', 'so many lines (default: 50; with --json and --csv all)', wholeNumber)
      .option('--csv', 'comma-separated, with a head line')
      .option('--json', json),
  ).action(async (options: LedgerCommandOptions) => {
    const { ledgerCommand } = await import('./gateway/ledger-command.ts')
    process.exitCode = await ledgerCommand(options)
  })
  addVerify(ledger)
}

function addVerify(ledger: Command): void {
  withInstallation(
    ledger
      .command('verify')
      .description('Derive the ledger again from its lines and from recorded traffic, and say what differs.')
      .option('--from <when>', 'a date, or a time ago: 7d, 12h')
      .option('--to <when>', 'up to here, exclusive')
      .option('--key <id>', 'of one key')
      .option('--json', json),
  ).action(async (options: VerifyCommandOptions) => {
    const { verifyCommand } = await import('./gateway/verify-command.ts')
    process.exitCode = await verifyCommand(options)
  })
}

function addExplain(playhead: Command): void {
  withInstallation(
    playhead
      .command('explain')
      .description('Tell a generation’s whole story: candidates, exclusions, attempts, times, money.')
      .argument('<id>', generationId)
      .option('--json', json),
  ).action(async (id: string, options: ExplainCommandOptions) => {
    const { explainCommand } = await import('./gateway/explain-command.ts')
    process.exitCode = await explainCommand(id, options)
  })
}

function addDoctor(playhead: Command): void {
  withInstallation(
    playhead
      .command('doctor')
      .description('Check a configuration and what it needs, and say what is wrong.')
      .option('--online', 'ask each provider for its models')
      .option('--json', json),
  ).action(async (options: DoctorCommandOptions) => {
    const { doctorCommand } = await import('./gateway/doctor-command.ts')
    process.exitCode = await doctorCommand(options)
  })
}

/** Adds where the configuration and the data are. */
export function withInstallation(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration (default: playhead.yaml, where there is one)')
    .option('--home <folder>', 'where data is (default: PLAYHEAD_HOME, or .playhead)')
}

function groupsIn(value: string): readonly string[] {
  const names = value.split(',').map((name) => name.trim())
  if (names.every((name) => Object.hasOwn(groups, name))) return names
  throw new InvalidArgumentError(
    `It must be one of ${Object.keys(groups).join(', ')}, or several with commas.`,
  )
}
