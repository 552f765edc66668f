/**
 * Counters cache what the ledger says of an owner, measure and period. They may be deleted: they are rebuilt when next
 * needed.
 */
import { keyOfOwner, type Limit, type OwnedLimit } from '../limits.ts'
import { type Column, type Connection, type Database, patience, type Row } from './database.ts'
import { spanOf } from './periods.ts'
import type { Standing } from './store.ts'

/** Names one counter. */
export interface CounterId {
  /** `money 1764547200000 month key:abc`: unique, and in the same order on every replica. */
  readonly id: string
  readonly owner: string
  readonly of: Limit['of']
  readonly start: number
  readonly end: number | null
}

/** What a counter stands at; changed in place while it is locked. */
export interface Counter {
  readonly id: string
  spent: bigint
  reserved: bigint
  isChanged: boolean
}

/** What a generation takes, or may take. */
export type Amounts = Readonly<Record<Limit['of'], bigint>>

/** Thrown where counters are wanted that nobody has made yet: make them, and begin again. */
export class MissingCounters extends Error {
  override readonly name = 'MissingCounters'
  readonly ids: readonly CounterId[]

  constructor(ids: readonly CounterId[]) {
    super(`There is no counter ${ids.map(({ id }) => id).join(', ')} yet.`)
    this.ids = ids
  }
}

export function counterOf({ owner, limit }: OwnedLimit, at: number): CounterId {
  const { start, end } = spanOf(limit.per, at)
  // Neither database can keep half of a surrogate pair.
  return { id: `${limit.of} ${start} ${limit.per} ${owner.toWellFormed()}`, owner, of: limit.of, start, end }
}

/** The measure that a counter's id says it counts. */
export function measureOf(id: string): Limit['of'] {
  return id.slice(0, id.indexOf(' ')) as Limit['of']
}

const id: Column = { name: 'id', type: 'text' }
const amounts: readonly Column[] = [
  { name: 'spent', type: 'text' },
  { name: 'reserved', type: 'text' },
]
const lock = { type: 'lock', table: 'playhead_counter', columns: [id, ...amounts] } as const
const update = { type: 'update', table: 'playhead_counter', columns: [...amounts, id] } as const

/** Those that there are, by id. Nobody else changes them until the transaction ends. */
export async function lockCounters(
  connection: Connection,
  ids: ReadonlySet<string>,
): Promise<Map<string, Counter>> {
  const rows = await connection.each(
    lock,
    [...ids].map((id) => [id]),
  )
  return new Map(rows.map((row) => [String(row['id']), counterIn(row)]))
}

/** Writes the changed ones back. */
export async function writeCounters(connection: Connection, counters: Iterable<Counter>): Promise<void> {
  const changed = [...counters].filter(({ isChanged }) => isChanged)
  await connection.each(
    update,
    changed.map(({ id, spent, reserved }) => [String(spent), String(reserved), id]),
  )
}

/** Adds to a counter; one that is not there any more is counted from the ledger when it is next wanted. */
export function add(counter: Counter | undefined, spent: bigint, reserved: bigint): void {
  if (counter === undefined) return
  counter.spent += spent
  counter.reserved += reserved
  counter.isChanged = true
}

/**
 * Makes a counter from what the ledger holds. Generations whose account may still change (open or lost) are noted as held at
 * it, so that their settlement reaches it; they are locked until it is made.
 */
export async function makeCounter(database: Database, wanted: CounterId): Promise<void> {
  await database.transaction(async (connection) => {
    const live = await liveRows(connection, wanted, ` order by id${database.locking.wait}`)
    const { spent, reserved } = await count(connection, wanted, live)
    const made = await connection.query(
      `insert into playhead_counter (id, owner, ends_at, spent, reserved) values (?, ?, ?, ?, ?)
       on conflict (id) do nothing returning id`,
      [wanted.id, wanted.owner, wanted.end, String(spent), String(reserved)],
    )
    if (made.length === 0) return
    const unheld = live.filter((row) => !holdsOf(row).includes(wanted.id))
    await connection.each(
      hold,
      unheld.map((row) => [JSON.stringify([...holdsOf(row), wanted.id]), String(row['id'])]),
    )
  }, longPatience)
}

/** Reads what stands against limits, whether they have counters or not. */
export async function standingsOf(
  database: Database,
  limits: readonly OwnedLimit[],
  at: number,
): Promise<readonly Standing[]> {
  return Promise.all(
    limits.map(async (limit) => {
      const wanted = counterOf(limit, at)
      const text = 'select id, spent, reserved from playhead_counter where id = ?'
      const [row] = await database.query(text, [wanted.id])
      const { spent, reserved } =
        row === undefined
          ? await count(database, wanted, await liveRows(database, wanted, ''))
          : counterIn(row)
      return { ...limit, spent, reserved, resetsAt: wanted.end }
    }),
  )
}

/** Counters that a row of the ledger is reserved at. */
export function holdsOf(row: Row): readonly string[] {
  const text = String(row['holds'])
  return text === '[]' ? [] : (JSON.parse(text) as readonly string[])
}

/** What an open generation may take. */
export function boundOf(row: Row): Amounts {
  return { money: row['bound_money'] as bigint, tokens: row['bound_tokens'] as bigint, requests: 1n }
}

/** Deletes the counters of an owner: its limits have changed, and what was not counted before may count now. */
export async function deleteCounters(connection: Connection, owner: string, wait: string): Promise<void> {
  await connection.query(`select id from playhead_counter where owner = ? order by id${wait}`, [owner])
  await connection.query('delete from playhead_counter where owner = ?', [owner])
}

/** Deletes counters of periods that ended before a time. */
export async function deleteEnded(connection: Connection, before: number, skip: string): Promise<void> {
  await connection.query(
    `delete from playhead_counter where id in
     (select id from playhead_counter where ends_at < ? order by id limit 1000${skip})`,
    [before],
  )
}

/** A ledger of millions takes its time to be added up; it is done once for a limit and period. */
const longPatience = 12 * patience

const hold = {
  type: 'update',
  table: 'playhead_generation',
  columns: [{ name: 'holds', type: 'text' }, id],
} as const

function counterIn(row: Row): Counter {
  const [spent, reserved] = [BigInt(row['spent'] as string), BigInt(row['reserved'] as string)]
  return { id: String(row['id']), spent, reserved, isChanged: false }
}

type Reader = Pick<Connection, 'query'>

async function liveRows(reader: Reader, counter: CounterId, end: string): Promise<readonly Row[]> {
  const { text, values } = scopeOf(counter)
  return reader.query(
    `select id, outcome, holds, bound_money, bound_tokens from playhead_generation
     where outcome in ('open', 'lost') and ${text}${end}`,
    values,
  )
}

/** A lost generation counts as nothing, unless its settlement comes late. */
async function count(
  reader: Reader,
  counter: CounterId,
  live: readonly Row[],
): Promise<{ readonly spent: bigint; readonly reserved: bigint }> {
  const { text, values } = scopeOf(counter)
  const parts = measures[counter.of]
  const [row] = await reader.query(
    `select ${parts.map((part, index) => sumText(part, `part${index}`)).join(', ')} from playhead_generation
     where outcome not in ('open', 'lost') and ${text}`,
    values,
  )
  const open = live.filter((row) => row['outcome'] === 'open')
  return {
    spent: parts.reduce((sum, _, index) => sum + wholeSum(row, `part${index}`), 0n),
    reserved: open.reduce((sum, row) => sum + boundOf(row)[counter.of], 0n),
  }
}

/** SQLite's sums end at 2⁶³, $9.2 million: they are taken in two parts. */
export function sumText(expression: string, name: string): string {
  return `sum((${expression}) / 1000000000) as ${name}_high, sum((${expression}) % 1000000000) as ${name}_low`
}

/** The sum that `sumText` asked for. */
export function wholeSum(row: Row | undefined, name: string): bigint {
  const part = (end: string): bigint => BigInt(row?.[`${name}_${end}`] ?? 0)
  return part('high') * 1_000_000_000n + part('low')
}

/** What of holders' own keys counts against limits of money. */
export const countedByok = 'counts_byok * byok_cost'

/** What is summed up for each: by parts, of which no sum is too large for the database. */
const measures: Readonly<Record<Limit['of'], readonly string[]>> = {
  money: ['cost', countedByok],
  tokens: ['input_tokens + output_tokens'],
  requests: ['1'],
}

function scopeOf({ owner, start, end }: CounterId): {
  readonly text: string
  readonly values: readonly (string | number)[]
} {
  const parts: readonly (readonly [text: string, value: string | number | null])[] = [
    ['key_id = ?', keyOfOwner(owner)],
    ['at >= ?', start],
    ['at < ?', end],
  ]
  const used = parts.filter((part): part is readonly [string, string | number] => part[1] !== null)
  return { text: used.map(([text]) => text).join(' and '), values: used.map(([, value]) => value) }
}
