/** The ledger's reading side: one generation, pages of them, sums over them. */
import { foreignId, generationFields, namesOf, recordOf } from './columns.ts'
import { countedByok, sumText, wholeSum } from './counters.ts'
import { type Database, patience, type Row, type Value } from './database.ts'
import { day } from './periods.ts'
import type { GenerationFilter, GenerationRecord, Sum, SumBy } from './store.ts'

const select = `select ${namesOf(generationFields)} from playhead_generation`

/** By our id first: an upstream cannot hide a generation behind its own. */
export async function findGeneration(
  database: Database,
  id: string,
  keyId: string | null,
): Promise<GenerationRecord | null> {
  const filter = keyId === null ? {} : { keyId }
  for (const [column, value] of [
    ['id = ?', id],
    ['upstream_id = ?', foreignId(id)],
  ] as const) {
    const { text, values } = whereOf(filter, [[column, value]])
    const [row] = await database.query(`${select}${text} order by at desc, id desc limit 1`, values)
    if (row !== undefined) return recordOf<GenerationRecord>(generationFields, row)
  }
  return null
}

/** Newest first. */
export async function listGenerations(
  database: Database,
  filter: GenerationFilter,
  limit: number,
  before: string | null,
): Promise<readonly GenerationRecord[]> {
  const [last] =
    before === null
      ? [null]
      : await database.query('select at, id from playhead_generation where id = ?', [before])
  if (last === undefined) return []
  const { text, values } = whereOf(filter, last === null ? [] : [['(at, id) < (?, ?)', ...atAndId(last)]])
  const page = `${select}${text} order by at desc, id desc limit ?`
  const rows = await database.query(page, [...values, limit], reportPatience)
  return rows.map((row) => recordOf<GenerationRecord>(generationFields, row))
}

/** Exact sums of what is not open any more. */
export async function sumGenerations(
  database: Database,
  filter: GenerationFilter,
  by: readonly SumBy[],
): Promise<readonly Sum[]> {
  const groups = by.map((name) => `${expressions[name]} as by_${name}`)
  const { text, values } = whereOf(filter, [["outcome <> 'open'"]])
  const places = by.map((_, index) => index + 1).join(', ')
  const order = by.length === 0 ? '' : ` group by ${places} order by ${places}`
  const rows = await database.query(
    `select ${[...groups, ...sums].join(', ')} from playhead_generation${text}${order}`,
    values,
    reportPatience,
  )
  return rows.map((row) => sumIn(row, by)).filter(({ requests }) => requests > 0)
}

/** Milliseconds: a report over a year may take longer than a request can wait. */
const reportPatience = 12 * patience

type Condition = readonly [text: string, ...values: Value[]]

/** The conditions that a filter and others make, all of them. */
function whereOf(
  filter: GenerationFilter,
  others: readonly Condition[],
): { readonly text: string; readonly values: readonly Value[] } {
  const wanted: readonly (readonly [text: string, value: Value | undefined])[] = [
    ['key_id = ?', filter.keyId],
    ['model = ?', filter.model],
    ['provider = ?', filter.provider],
    ['outcome = ?', filter.outcome],
    ['at >= ?', filter.from],
    ['at < ?', filter.to],
  ]
  const used = wanted.filter((part): part is [string, Value] => part[1] !== undefined)
  const all: readonly Condition[] = [...used, ...others]
  return {
    text: all.length === 0 ? '' : ` where ${all.map(([text]) => text).join(' and ')}`,
    values: all.flatMap(([, ...values]) => values),
  }
}

function atAndId(row: Row): readonly [Value, Value] {
  return [row['at'] ?? null, row['id'] ?? null]
}

const expressions: Readonly<Record<SumBy, string>> = {
  key: 'key_id',
  model: 'model',
  provider: 'provider',
  // Whole days since 1970.
  day: `at / ${day}`,
}

const sums: readonly string[] = [
  'count(*) as requests',
  ...['input_tokens', 'output_tokens', 'cached_input_tokens', 'reasoning_tokens'].map(
    (name) => `sum(${name}) as ${name}`,
  ),
  sumText('cost', 'cost'),
  sumText('byok_cost', 'byok_cost'),
  sumText(countedByok, 'counted_byok'),
  sumText('provider_cost - catalogue_cost', 'difference'),
]

function sumIn(row: Row, by: readonly SumBy[]): Sum {
  const whole = (name: string): number => Number(row[name] ?? 0)
  return {
    group: Object.fromEntries(by.flatMap((name) => groupIn(row, name))),
    requests: whole('requests'),
    inputTokens: whole('input_tokens'),
    outputTokens: whole('output_tokens'),
    cachedInputTokens: whole('cached_input_tokens'),
    reasoningTokens: whole('reasoning_tokens'),
    cost: wholeSum(row, 'cost'),
    byokCost: wholeSum(row, 'byok_cost'),
    countedCost: wholeSum(row, 'cost') + wholeSum(row, 'counted_byok'),
    difference: wholeSum(row, 'difference'),
  }
}

/** A generation for which no provider was tried has none to be summed by. */
function groupIn(row: Row, name: SumBy): readonly (readonly [SumBy, string])[] {
  const value = row[`by_${name}`] ?? null
  if (value === null) return []
  return [[name, name === 'day' ? new Date(Number(value) * day).toISOString().slice(0, 10) : String(value)]]
}
