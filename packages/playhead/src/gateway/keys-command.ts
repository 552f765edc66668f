/** `playhead keys`: creates, lists and revokes the gateway's keys, in its store. */
import {
  createKey,
  dollars,
  type KeyRecord,
  type Limit,
  limitsOwnedBy,
  loadSecret,
  type Money,
  type Period,
  readConfiguration,
  readMoney,
  readUpstreamKeys,
  sealedAfter,
  type Standing,
  type Store,
  type UpstreamKeys,
} from '@playhead/gateway/admin'
import { exitCodes, UsageError } from '../exit.ts'
import { print, printError, printJson } from '../print.ts'
import { bold, columns, dim, excerpt } from '../terminal.ts'
import { amount } from './amounts.ts'
import { timeOf } from './generation-fields.ts'
import {
  asUsage,
  findInstallation,
  type Installation,
  type InstallationOptions,
  withStore,
} from './installation.ts'
import { readWhen } from './when.ts'

export interface CreateKeyOptions extends InstallationOptions {
  readonly name?: string
  readonly limit?: string
  readonly per?: Period
  readonly models?: string
  readonly providers?: string
  readonly byok?: readonly string[]
  readonly countByok?: true
  readonly expires?: string
  readonly admin?: true
  readonly json?: true
}

export interface ListKeysOptions extends InstallationOptions {
  readonly json?: true
}

/** Gives the exit code. The key goes to standard output, what is said of it to standard error: `KEY=$(playhead keys create)`. */
export async function createKeyCommand(options: CreateKeyOptions): Promise<number> {
  const installation = findInstallation(options)
  const now = Date.now()
  const wanted = {
    name: options.name ?? 'unnamed',
    createdAt: now,
    isAdmin: options.admin === true,
    limits: limitsOf(options),
    models: namesOf(options.models),
    providers: namesOf(options.providers),
    expiresAt: expiryOf(options, now),
    countsByok: options.countByok === true,
  }
  const upstreamKeys = upstreamKeysOf(options, installation)
  const secret = await loadSecret(installation.home, process.env)
  const { key, record: bare } = createKey(secret, wanted)
  const record = { ...bare, byok: sealedAfter(bare, upstreamKeys, secret) }
  await withStore(installation, 'make', (store) => store.insertKey(record))
  if (options.json === true) {
    await printJson({ key, ...shown({ record, standings: [], spent: 0n }) })
    return exitCodes.ok
  }
  await print(`${key}\n`)
  printError(`key ${record.id} (${record.name}) is made; it is shown this once`)
  return exitCodes.ok
}

/** Gives the exit code. */
export async function listKeysCommand(options: ListKeysOptions): Promise<number> {
  const keys = await withStore(findInstallation(options), 'refuse', async (store) => {
    const [records, sums] = await Promise.all([store.listKeys(), store.sumGenerations({}, ['key'])])
    const spent = new Map(sums.map(({ group, cost }) => [group.key, cost]))
    return Promise.all(
      records.map(async (record) => ({
        record,
        standings: await standingsOf(store, record),
        spent: spent.get(record.id) ?? 0n,
      })),
    )
  })
  if (options.json === true) for (const key of keys) await printJson(shown(key))
  else if (keys.length === 0) printError('there are no keys: playhead keys create makes one')
  else await print(columns(keys.map(line)))
  return exitCodes.ok
}

/** Gives the exit code: 2 when one of them is not there. */
export async function revokeKeysCommand(ids: readonly string[], options: ListKeysOptions): Promise<number> {
  return withStore(findInstallation(options), 'refuse', async (store) => {
    let exitCode: number = exitCodes.ok
    for (const id of ids) {
      const isRevoked = await store.deleteKey(id)
      if (options.json === true) await printJson({ id, isRevoked })
      else if (isRevoked) await print(`key ${id} is revoked\n`)
      if (isRevoked) continue
      printError(`there is no key ${excerpt(id, 60)}: playhead keys list shows them`)
      exitCode = exitCodes.usage
    }
    return exitCode
  })
}

function limitsOf({ limit, per }: CreateKeyOptions): readonly Limit[] {
  if (limit === undefined) {
    if (per !== undefined) throw new UsageError('--per says how long a --limit holds: name both')
    return []
  }
  const most = readMoney(limit)
  if (most === null || most < 0n)
    throw new UsageError(`--limit ${limit}: it must be dollars, such as 10 or 0.5`)
  return [{ of: 'money', per: per ?? 'ever', most }]
}

function namesOf(said: string | undefined): readonly string[] | null {
  if (said === undefined) return null
  const names = said
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.length === 0)
    throw new UsageError('--models and --providers take names, with commas between them')
  return names
}

function upstreamKeysOf({ byok = [] }: CreateKeyOptions, installation: Installation): UpstreamKeys {
  const keys = readUpstreamKeys(byok, {
    environment: process.env,
    folder: process.cwd(),
    providers: () => asUsage(() => readConfiguration(installation.text, installation)).providers,
  })
  if (typeof keys === 'string') throw new UsageError(`--byok ${keys}`)
  return keys
}

function expiryOf({ expires }: CreateKeyOptions, now: number): number | null {
  if (expires === undefined) return null
  const at = readWhen(expires, '--expires', 'ahead', now)
  if (at <= now) throw new UsageError(`--expires ${expires}: that is over already`)
  return at
}

function standingsOf(store: Store, record: KeyRecord): Promise<readonly Standing[]> {
  const owned = limitsOwnedBy(record)
  return owned.length === 0 ? Promise.resolve([]) : store.standings(owned, Date.now())
}

/** A key, and what of its limits is taken. */
interface ListedKey {
  readonly record: KeyRecord
  /** In the order of its limits; empty of one that is new. */
  readonly standings: readonly Standing[]
  /** What it was charged in all. */
  readonly spent: Money
}

/** Whatever is not here is no one's business but the store's. */
function shown({ record, standings, spent }: ListedKey): object {
  const { limits, expiresAt } = record
  return {
    id: record.id,
    name: record.name,
    label: record.label,
    createdAt: timeOf(record.createdAt),
    updatedAt: timeOf(record.updatedAt),
    expiresAt: expiresAt === null ? null : timeOf(expiresAt),
    isDisabled: record.isDisabled,
    isAdmin: record.isAdmin,
    spent: dollars(spent),
    limits: limits.map(({ of, per, most }, index) => ({
      of,
      per,
      most: amountOf(of, most),
      spent: amountOf(of, standings[index]?.spent ?? 0n),
      reserved: amountOf(of, standings[index]?.reserved ?? 0n),
    })),
    models: record.models,
    providers: record.providers,
    record: record.record,
    byok: Object.keys(record.byok ?? {}),
    countsByok: record.countsByok,
  }
}

function line({ record, standings, spent: inAll }: ListedKey): readonly string[] {
  const { id, name, label, limits, models, expiresAt, byok } = record
  const caps = limits.map(({ of, per, most }, index) => {
    const spent = amountOf(of, standings[index]?.spent ?? 0n)
    const unit = of === 'money' ? '$' : ''
    return `${unit}${spent} of ${unit}${amountOf(of, most)}${of === 'money' ? '' : ` ${of}`} per ${per}`
  })
  return [
    bold(id),
    excerpt(name, 40),
    dim(label),
    stateOf(record),
    `${amount(inAll)} in all`,
    caps.join(', ').replaceAll(' per ever', '') || dim('no limit'),
    models === null ? '' : dim(excerpt(models.join(' '), 60)),
    byok === null ? '' : dim(excerpt(`own ${Object.keys(byok).join(' ')}`, 60)),
    expiresAt === null ? '' : dim(`until ${timeOf(expiresAt).slice(0, 16)}`),
  ]
}

function stateOf({ isDisabled, isAdmin, expiresAt }: KeyRecord): string {
  if (isDisabled) return 'disabled'
  if (expiresAt !== null && expiresAt <= Date.now()) return 'expired'
  return isAdmin ? 'admin' : ''
}

function amountOf(of: Limit['of'], value: bigint): string {
  return of === 'money' ? dollars(value) : String(value)
}
