/** Opens the store that a configuration names, its tables brought up to date. */
import type { StoreConfiguration } from '../config/configuration.ts'
import { standingsOf } from './counters.ts'
import { type Database, patience } from './database.ts'
import { carryOut, closeDead, closeUnknown, type Operation } from './generations.ts'
import { groupsOf } from './groups.ts'
import { deleteKey, findKey, insertFirstKey, insertKey, listKeys, updateKey } from './key-table.ts'
import { findGeneration, listGenerations, sumGenerations } from './ledger.ts'
import { type Settlement, type Store, StoreError } from './store.ts'

/** @throws StoreError where it cannot be reached, is damaged, or was written by a newer Playhead. */
export async function openStore(configuration: StoreConfiguration): Promise<Store> {
  return storeOn(await openDatabase(configuration))
}

async function openDatabase(configuration: StoreConfiguration): Promise<Database> {
  if (configuration.type === 'sqlite') {
    const { openSqlite } = await import('./sqlite.ts')
    return openSqlite(configuration.path)
  }
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(configuration.url)
}

function storeOn(database: Database): Store {
  const doubts: Doubts = { opened: new Set(), settlements: new Map() }
  const groups = groupsOf<Operation>({
    most: 256,
    atOnce: database.atOnce,
    patience,
    run: (operations) => carryOut(database, operations),
    doubt(operations) {
      for (const operation of operations) doubt(doubts, operation)
    },
  })
  const settle = (settlement: Settlement): Promise<void> =>
    new Promise((resolve, reject) => {
      groups.add({ type: 'settle', settlement, resolve, reject })
    })
  return {
    findKey: (id) => told(findKey(database, id)),
    listKeys: () => told(listKeys(database)),
    insertKey: (key) => told(insertKey(database, key)),
    insertFirstKey: (key) => told(insertFirstKey(database, key)),
    updateKey: (id, change) => told(updateKey(database, id, change)),
    deleteKey: (id) => told(deleteKey(database, id)),
    open: (generation, limits) =>
      new Promise((resolve, reject) => {
        groups.add({ type: 'open', generation, limits, resolve, reject })
      }),
    settle,
    standings: (limits, at) => told(standingsOf(database, limits, at)),
    beat: (replica, at) => told(beat(database, replica, at, () => makeGood(database, settle, doubts, at))),
    releaseDead: (before, at) => told(closeDead(database, before, at)),
    findGeneration: (id, keyId) => told(findGeneration(database, id, keyId)),
    listGenerations: (filter, limit, before) => told(listGenerations(database, filter, limit, before)),
    sumGenerations: (filter, by) => told(sumGenerations(database, filter, by)),
    async close() {
      await groups.idle()
      // What fails again now was reported when it failed first.
      await makeGood(database, settle, doubts, Date.now()).catch(() => undefined)
      await database.close()
    },
  }
}

/** What was refused because the store did not answer. */
interface Doubts {
  /** Generations that may have been opened all the same. */
  readonly opened: Set<string>
  /** By generation: what may not have been settled. */
  readonly settlements: Map<string, Settlement>
}

/** So that a store that is away for long does not fill the memory. */
const mostDoubts = 20_000

function doubt({ opened, settlements }: Doubts, operation: Operation): void {
  if (opened.size + settlements.size >= mostDoubts) return
  if (operation.type === 'open') opened.add(operation.generation.id)
  else settlements.set(operation.settlement.id, operation.settlement)
}

/** Closes generations whose opening was in doubt, and tries settlements again that the database did not take. */
async function makeGood(
  database: Database,
  settle: Store['settle'],
  { opened, settlements }: Doubts,
  at: number,
): Promise<void> {
  const ids = [...opened]
  await closeUnknown(database, ids, at)
  for (const id of ids) opened.delete(id)
  const late = [...settlements.values()]
  settlements.clear()
  await Promise.allSettled(late.map(settle))
}

/** A replica that lives makes good what it could not do. */
async function beat(
  database: Database,
  replica: string,
  at: number,
  makeGood: () => Promise<void>,
): Promise<void> {
  await database.transaction((connection) =>
    connection.query(
      `insert into playhead_replica (id, beat_at) values (?, ?)
       on conflict (id) do update set beat_at = excluded.beat_at`,
      [replica, at],
    ),
  )
  await makeGood()
}

/** Whatever goes wrong in a store is a StoreError. */
async function told<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (error instanceof StoreError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new StoreError(`The store cannot do this: ${message}`, { cause: error })
  }
}
