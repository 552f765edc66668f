/** `playhead ledger`: lists generations and what they cost, or sums them up. */
import {
  dollars,
  type GenerationFilter,
  type GenerationRecord,
  type Store,
  type Sum,
  type SumBy,
} from '@playhead/gateway/admin'
import { exitCodes, UsageError } from '../exit.ts'
import { outputClosed, print, printError, printJson } from '../print.ts'
import { bold, columns, dim, excerpt, seconds } from '../terminal.ts'
import { csvLine } from './csv.ts'
import { findPlace, type PlaceOptions, withStore } from './place.ts'
import { readWhen } from './when.ts'

export interface LedgerCommandOptions extends PlaceOptions {
  readonly by?: readonly SumBy[]
  readonly from?: string
  readonly to?: string
  readonly key?: string
  readonly model?: string
  readonly provider?: string
  readonly limit?: number
  readonly csv?: true
  readonly json?: true
}

/** So many lines are read at once: a ledger of any length is listed in the same memory. */
const page = 500
/** On a terminal, where the rest would scroll by. */
const fewLines = 50

/** Gives the exit code. */
export async function ledgerCommand(options: LedgerCommandOptions): Promise<number> {
  const { by, csv, json, limit } = options
  if (csv === true && json === true) throw new UsageError('--csv and --json are two forms: name one')
  if (by !== undefined && limit !== undefined)
    throw new UsageError('--limit counts lines of the list, not of sums')
  const place = findPlace(options)
  const filter = filterOf(options, Date.now())
  return withStore(place, 'refuse', async (store) => {
    await (by === undefined ? list(store, filter, options) : sum(store, filter, by, options))
    return exitCodes.ok
  })
}

function filterOf({ from, to, key, model, provider }: LedgerCommandOptions, now: number): GenerationFilter {
  return {
    ...(from !== undefined && { from: readWhen(from, '--from', 'ago', now) }),
    ...(to !== undefined && { to: readWhen(to, '--to', 'ago', now) }),
    ...(key !== undefined && { keyId: key }),
    ...(model !== undefined && { model }),
    ...(provider !== undefined && { provider }),
  }
}

async function list(store: Store, filter: GenerationFilter, options: LedgerCommandOptions): Promise<void> {
  const form = formOf(options)
  const most = options.limit ?? (form === 'text' ? fewLines : Infinity)
  if (form === 'csv') await print(csvLine(Object.keys(columnsOfList)))
  let shown = 0
  let before: string | null = null
  let isMore = false
  while (shown < most && !outputClosed.aborted) {
    const wanted = Math.min(page, most - shown)
    // One more tells whether there are more.
    const read: readonly GenerationRecord[] = await store.listGenerations(filter, wanted + 1, before)
    const records = read.slice(0, wanted)
    await printRecords(records, form)
    shown += records.length
    before = records.at(-1)?.id ?? null
    isMore = read.length > wanted
    if (!isMore) break
  }
  if (form !== 'text') return
  if (shown === 0) printError('there is nothing in the ledger that fits')
  else if (isMore) printError(`these are the newest ${shown}: --limit, --from and --to show more`)
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
    const values = Object.entries(columnsOfList).map(([name, pick]) => [name, pick(record)] as const)
    if (form === 'csv') await print(csvLine(values.map(([, value]) => csvValue(value))))
    else await printJson(Object.fromEntries(values))
  }
}

/** What is written for each generation; amounts of dollars as exact decimals. */
const columnsOfList: Readonly<
  Record<string, (record: GenerationRecord) => string | number | boolean | null>
> = {
  id: ({ id }) => id,
  at: ({ at }) => new Date(at).toISOString(),
  key: ({ keyId }) => keyId,
  model: ({ model }) => model,
  provider: ({ provider }) => provider,
  endpoint: ({ endpoint }) => endpoint,
  outcome: ({ outcome }) => outcome,
  status: ({ status }) => status,
  stream: ({ isStream }) => isStream,
  inputTokens: ({ inputTokens }) => inputTokens,
  outputTokens: ({ outputTokens }) => outputTokens,
  cachedInputTokens: ({ cachedInputTokens }) => cachedInputTokens,
  reasoningTokens: ({ reasoningTokens }) => reasoningTokens,
  cost: ({ cost }) => dollars(cost),
  providerCost: ({ providerCost }) => (providerCost === null ? null : dollars(providerCost)),
  catalogueCost: ({ catalogueCost }) => (catalogueCost === null ? null : dollars(catalogueCost)),
  estimated: ({ isEstimated }) => isEstimated,
  finishReason: ({ finishReason }) => finishReason,
  firstTokenAfter: ({ firstTokenAfter }) => firstTokenAfter,
  duration: ({ duration }) => duration,
  attempts: ({ attempts }) => attempts.length,
  user: ({ user }) => user,
  session: ({ session }) => session,
  requestId: ({ requestId }) => requestId,
}

function csvValue(value: string | number | boolean | null): string | number | null {
  return typeof value === 'boolean' ? String(value) : value
}

function lineOf(record: GenerationRecord): readonly string[] {
  const { id, at, keyId, model, provider, outcome, inputTokens, outputTokens, cost, duration } = record
  return [
    dim(new Date(at).toISOString().slice(0, 19).replace('T', ' ')),
    id,
    dim(keyId),
    bold(excerpt(model, 40)),
    excerpt(provider ?? '', 20),
    outcome,
    dim(`${inputTokens} in, ${outputTokens} out`),
    outcome === 'open' ? '' : `$${dollars(cost)}`,
    outcome === 'open' ? '' : dim(seconds(duration)),
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

function amounts({ requests, inputTokens, outputTokens, cost, difference }: Sum): readonly string[] {
  const theirs =
    difference === 0n ? '' : `providers say $${dollars(difference)} ${difference > 0n ? 'more' : ''}`
  return [
    `${requests} ${requests === 1 ? 'request' : 'requests'}`,
    dim(`${inputTokens} in, ${outputTokens} out`),
    `$${dollars(cost)}`,
    dim(theirs.replace(/\$-(\S+) /, (_, amount: string) => `$${amount} less`)),
  ]
}
