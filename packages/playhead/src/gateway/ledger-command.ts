/** `playhead ledger`: lists generations and what they cost, or sums them up. */
import {
  dollars,
  eachGeneration,
  type GenerationFilter,
  type GenerationRecord,
  type Store,
  type Sum,
  type SumBy,
} from '@playhead/gateway/admin'
import { exitCodes, UsageError } from '../exit.ts'
import { outputClosed, print, printError, printJson } from '../print.ts'
import { bold, columns, count, dim, excerpt, seconds, tokens } from '../terminal.ts'
import { amount, moreOrLess } from './amounts.ts'
import { csvLine } from './csv.ts'
import { fieldNames, fieldsOf, type Value } from './generation-fields.ts'
import { filterOf, type FilterOptions, refuseUnknownKey } from './generation-filter.ts'
import { findInstallation, type InstallationOptions, withStore } from './installation.ts'

export interface LedgerCommandOptions extends InstallationOptions, FilterOptions {
  readonly by?: readonly SumBy[]
  readonly limit?: number
  readonly csv?: true
  readonly json?: true
}

/** So many lines are printed at once: what is wide in one makes its column wide in all of them. */
const batch = 500
/** On a terminal, where the rest would scroll by. */
const fewLines = 50

/** Gives the exit code. */
export async function ledgerCommand(options: LedgerCommandOptions): Promise<number> {
  const { by, csv, json, limit } = options
  if (csv === true && json === true) throw new UsageError('--csv and --json are two forms: name one')
  if (by !== undefined && limit !== undefined)
    throw new UsageError('--limit counts lines of the list, not of sums')
  const installation = findInstallation(options)
  const filter = filterOf(options, Date.now())
  return withStore(installation, 'refuse', async (store) => {
    await refuseUnknownKey(store, filter)
    await (by === undefined ? list(store, filter, options) : sum(store, filter, by, options))
    return exitCodes.ok
  })
}

async function list(store: Store, filter: GenerationFilter, options: LedgerCommandOptions): Promise<void> {
  const form = formOf(options)
  const most = options.limit ?? (form === 'text' ? fewLines : Infinity)
  if (form === 'csv') await print(csvLine(fieldNames))
  const waiting: GenerationRecord[] = []
  let shown = 0
  let isMore = false
  for await (const record of eachGeneration(store, filter)) {
    isMore = shown === most
    if (isMore || outputClosed.aborted) break
    waiting.push(record)
    shown += 1
    if (waiting.length === batch) await printRecords(waiting.splice(0), form)
  }
  await printRecords(waiting, form)
  if (form !== 'text') return
  if (isMore) printError(`these are the newest ${shown}: --limit, --from and --to show more`)
  else if (shown === 0) printError('there is nothing in the ledger that fits')
}

type Form = 'text' | 'csv' | 'json'

function formOf({ csv, json }: LedgerCommandOptions): Form {
  if (csv === true) return 'csv'
  return json === true ? 'json' : 'text'
}

async function printRecords(records: readonly GenerationRecord[], form: Form): Promise<void> {
  if (form === 'text') {
    await print(columns(records.map(lineOf)))
    return
  }
  for (const record of records) {
    const fields = fieldsOf(record)
    await (form === 'csv' ? print(csvLine(Object.values(fields).map(csvValue))) : printJson(fields))
  }
}

function csvValue(value: Value): string | number | null {
  return typeof value === 'boolean' ? String(value) : value
}

function lineOf(record: GenerationRecord): readonly string[] {
  const { id, at, keyId, model, provider, outcome, cost, duration } = record
  const isOpen = outcome === 'open'
  return [
    dim(new Date(at).toISOString().slice(0, 19).replace('T', ' ')),
    id,
    dim(keyId),
    bold(excerpt(model, 40)),
    excerpt(provider ?? '', 20),
    outcome,
    isOpen ? '' : dim(tokens(record)),
    isOpen ? '' : amount(cost),
    isOpen ? '' : dim(seconds(duration)),
  ]
}

async function sum(
  store: Store,
  filter: GenerationFilter,
  by: readonly SumBy[],
  options: LedgerCommandOptions,
): Promise<void> {
  const form = formOf(options)
  const sums = await store.sumGenerations(filter, by)
  if (form === 'json') {
    for (const one of sums) await printJson(Object.fromEntries(valuesOf(one, by)))
    return
  }
  if (form === 'csv') {
    const names = [...by, ...Object.keys(columnsOfSum)]
    await print(
      [csvLine(names), ...sums.map((one) => csvLine(valuesOf(one, by).map(([, value]) => value)))].join(''),
    )
    return
  }
  if (sums.length === 0) {
    printError('there is nothing in the ledger that fits')
    return
  }
  const names = by.includes('key')
    ? new Map((await store.listKeys()).map(({ id, name }) => [id, name]))
    : new Map<string, string>()
  const [all] = await store.sumGenerations(filter, [])
  const rows = [
    ...sums.map((one) => sumLine(one, by, names)),
    ...(all === undefined ? [] : [totalLine(all, by)]),
  ]
  await print(columns(rows))
}

const columnsOfSum: Readonly<Record<string, (sum: Sum) => string | number>> = {
  requests: ({ requests }) => requests,
  inputTokens: ({ inputTokens }) => inputTokens,
  outputTokens: ({ outputTokens }) => outputTokens,
  cachedInputTokens: ({ cachedInputTokens }) => cachedInputTokens,
  reasoningTokens: ({ reasoningTokens }) => reasoningTokens,
  cost: ({ cost }) => dollars(cost),
  difference: ({ difference }) => dollars(difference),
}

function valuesOf(one: Sum, by: readonly SumBy[]): readonly (readonly [string, string | number])[] {
  return [
    ...by.map((name) => [name, one.group[name] ?? ''] as const),
    ...Object.entries(columnsOfSum).map(([name, pick]) => [name, pick(one)] as const),
  ]
}

function sumLine(one: Sum, by: readonly SumBy[], names: ReadonlyMap<string, string>): readonly string[] {
  const groups = by.map((name) => {
    const value = one.group[name] ?? ''
    const known = name === 'key' ? names.get(value) : undefined
    return bold(excerpt(known === undefined ? value || '–' : `${value} ${known}`, 50))
  })
  return [...groups, ...amounts(one)]
}

function totalLine(all: Sum, by: readonly SumBy[]): readonly string[] {
  return [...by.map((_, index) => (index === 0 ? 'all' : '')), ...amounts(all)]
}

function amounts(sum: Sum): readonly string[] {
  const { requests, cost, difference } = sum
  return [
    count(requests, 'request'),
    dim(tokens(sum)),
    amount(cost),
    difference === 0n ? '' : dim(`providers say ${moreOrLess(difference)}`),
  ]
}
