/** The ledger's writing side: generations are opened, settled, and closed for those who died. */
import { endFields, openFields, rowOf } from './columns.ts'
import {
  add,
  type Amounts,
  boundOf,
  type Counter,
  type CounterId,
  counterOf,
  deleteEnded,
  holdsOf,
  lockCounters,
  makeCounter,
  measureOf,
  MissingCounters,
  writeCounters,
} from './counters.ts'
import type { Column, Connection, Database, Row, Value } from './database.ts'
import { day } from './periods.ts'
import type { OwnedLimit } from '../limits.ts'
import { type Opened, type OpenGeneration, type Settlement, StoreError } from './store.ts'

/** A generation to be opened, with the one who waits for it. */
export interface Opening {
  readonly type: 'open'
  readonly generation: OpenGeneration
  readonly limits: readonly OwnedLimit[]
  resolve(opened: Opened): void
  reject(error: StoreError): void
}

/** A generation to be settled, with the one who waits for it. */
export interface Settling {
  readonly type: 'settle'
  readonly settlement: Settlement
  resolve(): void
  reject(error: StoreError): void
}

export type Operation = Opening | Settling

const table = 'playhead_generation'
const [id, holds, outcome, settledAt] = (['id', 'holds', 'outcome', 'settled_at'] as const).map(
  (name): Column => ({ name, type: name === 'settled_at' ? 'bigint' : 'text' }),
) as [Column, Column, Column, Column]
const bounds: readonly Column[] = [
  { name: 'bound_money', type: 'bigint' },
  { name: 'bound_tokens', type: 'bigint' },
]
const insert = { type: 'insert', table, columns: [...openFields, holds] } as const
const lock = { type: 'lock', table, columns: [id, outcome, holds, ...bounds] } as const
const settle = { type: 'update', table, columns: [...endFields, settledAt, id] } as const
const lose = { type: 'update', table, columns: [outcome, settledAt, id] } as const

/** Carries a group out in one transaction. Settlements come first: what they free can be reserved by those that open. */
export async function carryOut(
  database: Database,
  operations: readonly Operation[],
): Promise<readonly (() => void)[]> {
  for (let round = 1; ; round++) {
    try {
      return await database.transaction((connection) => write(connection, operations))
    } catch (error) {
      if (!(error instanceof MissingCounters) || round === 5) throw error
      for (const wanted of error.ids) await makeCounter(database, wanted)
    }
  }
}

/**
 * Closes as lost what dead replicas left open, and forgets replicas and counters of periods that are long gone. Gives how
 * many it closed. What others are closing at this moment is passed over: they count it.
 */
export async function closeDead(database: Database, before: number, at: number): Promise<number> {
  const { skip } = database.locking
  // In no order: for one by id SQLite would read all of the ledger. Nobody waits for a row here, so none is needed.
  for (let closed = 0; ;) {
    const count = await database.transaction(async (connection) => {
      const rows = await connection.query(
        `select id, outcome, holds, bound_money, bound_tokens from ${table}
         where outcome in ('open', 'lost') and outcome = 'open'
         and replica not in (select id from playhead_replica where beat_at >= ?)
         limit 500${skip}`,
        [before],
      )
      await closeAsLost(connection, rows, at)
      return rows.length
    })
    closed += count
    if (count > 0) continue
    await database.transaction(async (connection) => {
      await connection.query('delete from playhead_replica where beat_at < ?', [before - day])
      await deleteEnded(connection, at - 2 * day, skip)
    })
    return closed
  }
}

/** Closes as lost those of these generations that are open: nobody knows of them. */
export async function closeUnknown(database: Database, ids: readonly string[], at: number): Promise<void> {
  if (ids.length === 0) return
  await database.transaction(async (connection) => {
    const rows = await connection.each(
      lock,
      ids.map((id) => [id]),
    )
    await closeAsLost(
      connection,
      rows.filter((row) => row['outcome'] === 'open'),
      at,
    )
  })
}

async function closeAsLost(connection: Connection, rows: readonly Row[], at: number): Promise<void> {
  const counters = await lockCounters(connection, new Set(rows.flatMap(holdsOf)))
  for (const row of rows) move(counters, row, null)
  await writeCounters(connection, counters.values())
  await connection.each(
    lose,
    rows.map((row) => ['lost', at, String(row['id'])]),
  )
}

async function write(
  connection: Connection,
  operations: readonly Operation[],
): Promise<readonly (() => void)[]> {
  const openings = operations.filter((operation) => operation.type === 'open').map(withCounters)
  const settlings = operations.filter((operation) => operation.type === 'settle')
  const rows = await connection.each(
    lock,
    settlings.map(({ settlement }) => [settlement.id]),
  )
  const found = new Map(rows.map((row) => [String(row['id']), row]))
  const wanted = openings.flatMap(({ wanted }) => wanted)
  const ids = new Set([...rows.flatMap(holdsOf), ...wanted.map(({ id }) => id)])
  const counters = await lockCounters(connection, ids)
  if (wanted.some(({ id }) => !counters.has(id))) {
    const missing = wanted.filter(({ id }) => !counters.has(id))
    throw new MissingCounters([...new Map(missing.map((wanted) => [wanted.id, wanted])).values()])
  }
  const settled: Value[][] = []
  const opened: Value[][] = []
  const tell = [
    ...settlings.map((settling) => settleOne(settling, found, counters, settled)),
    ...openings.map((opening) => openOne(opening, counters, opened)),
  ]
  await connection.each(settle, settled)
  await writeCounters(connection, counters.values())
  await connection.each(insert, opened)
  return tell
}

interface CountedOpening {
  readonly opening: Opening
  /** In the order of its limits. */
  readonly wanted: readonly CounterId[]
}

function withCounters(opening: Opening): CountedOpening {
  const { generation, limits } = opening
  return { opening, wanted: limits.map((limit) => counterOf(limit, generation.at)) }
}

/** Settles an open generation, or, once, one that was closed as lost: a late account is better than none. */
function settleOne(
  settling: Settling,
  found: Map<string, Row>,
  counters: ReadonlyMap<string, Counter>,
  settled: Value[][],
): () => void {
  const { settlement } = settling
  const row = found.get(settlement.id)
  if (row === undefined) {
    return () => {
      settling.reject(new StoreError(`There is no generation ${settlement.id} in the ledger to settle.`))
    }
  }
  if (row['outcome'] === 'open' || row['outcome'] === 'lost') {
    move(counters, row, settlement)
    found.set(settlement.id, closed)
    settled.push([...rowOf(endFields, settlement), settlement.at, settlement.id])
  }
  return () => {
    settling.resolve()
  }
}

/** Stands in a group for the row of a generation that it has settled: a second account finds it closed. */
const closed: Row = { outcome: 'closed' }

/** Moves amounts from reserved to spent, at each counter that holds the generation. A lost one has nothing reserved. */
function move(counters: ReadonlyMap<string, Counter>, row: Row, settlement: Settlement | null): void {
  const names = holdsOf(row)
  if (names.length === 0) return
  const reserved = row['outcome'] === 'lost' ? nothing : boundOf(row)
  const spent = settlement === null || settlement.outcome === 'lost' ? nothing : takenBy(settlement)
  for (const name of names) {
    const of = measureOf(name)
    add(counters.get(name), spent[of], -reserved[of])
  }
}

function openOne(
  { opening, wanted }: CountedOpening,
  counters: ReadonlyMap<string, Counter>,
  opened: Value[][],
): () => void {
  const { generation, limits } = opening
  const bound: Amounts = {
    money: generation.boundMoney,
    tokens: BigInt(generation.boundTokens),
    requests: 1n,
  }
  for (const [index, { limit, owner }] of limits.entries()) {
    const counter = counters.get(wanted[index]?.id ?? '')
    if (counter === undefined || counter.spent + counter.reserved + bound[limit.of] <= limit.most) continue
    const { spent, reserved } = counter
    const resetsAt = wanted[index]?.end ?? null
    return () => {
      opening.resolve({ type: 'refused', owner, limit, spent, reserved, resetsAt })
    }
  }
  const names = new Set(wanted.map(({ id }) => id))
  for (const name of names) add(counters.get(name), 0n, bound[measureOf(name)])
  opened.push([...rowOf(openFields, generation), names.size === 0 ? '[]' : JSON.stringify([...names])])
  return () => {
    opening.resolve({ type: 'opened' })
  }
}

const nothing: Amounts = { money: 0n, tokens: 0n, requests: 0n }

function takenBy({ cost, byokCost, countsByok, inputTokens, outputTokens }: Settlement): Amounts {
  const money = countsByok ? cost + byokCost : cost
  return { money, tokens: BigInt(inputTokens + outputTokens), requests: 1n }
}
