/** Keys, as the store keeps them. */
import { ownerOf } from '../limits.ts'
import { keyFields, namesOf, recordOf, rowOf } from './columns.ts'
import { deleteCounters } from './counters.ts'
import type { Database } from './database.ts'
import type { KeyChange, KeyRecord } from './store.ts'

const table = 'playhead_key'
const select = `select ${namesOf(keyFields)} from ${table}`
const insert = { type: 'insert', table, columns: keyFields } as const
const lock = { type: 'lock', table, columns: keyFields } as const
const update = { type: 'update', table, columns: keyFields } as const

export async function findKey(database: Database, id: string): Promise<KeyRecord | null> {
  const [row] = await database.query(`${select} where id = ?`, [id])
  return row === undefined ? null : recordOf<KeyRecord>(keyFields, row)
}

/** Newest first. */
export async function listKeys(database: Database): Promise<readonly KeyRecord[]> {
  const rows = await database.query(`${select} order by created_at desc, id desc`)
  return rows.map((row) => recordOf<KeyRecord>(keyFields, row))
}

export async function insertKey(database: Database, key: KeyRecord): Promise<void> {
  await database.transaction((connection) => connection.each(insert, [rowOf(keyFields, key)]))
}

/** Keys that do not exist cannot be locked, so the one row of the version is: only who holds it may make the first key. */
export async function insertFirstKey(database: Database, key: KeyRecord): Promise<boolean> {
  return database.transaction(async (connection) => {
    await connection.query(`select version from playhead_version${database.locking.wait}`)
    const keys = await connection.query(`select id from ${table} limit 1`)
    if (keys.length > 0) return false
    await connection.each(insert, [rowOf(keyFields, key)])
    return true
  })
}

/** New limits are counted from the ledger anew: what was not counted while they were not there counts now. */
export async function updateKey(
  database: Database,
  id: string,
  change: KeyChange,
): Promise<KeyRecord | null> {
  return database.transaction(async (connection) => {
    const [row] = await connection.each(lock, [[id]])
    if (row === undefined) return null
    const key: KeyRecord = { ...recordOf<KeyRecord>(keyFields, row), ...change }
    await connection.each(update, [rowOf(keyFields, key)])
    if (change.limits !== undefined) await deleteCounters(connection, ownerOf(id), database.locking.wait)
    return key
  })
}

/** What it spent stays in the ledger. */
export async function deleteKey(database: Database, id: string): Promise<boolean> {
  return database.transaction(async (connection) => {
    await deleteCounters(connection, ownerOf(id), database.locking.wait)
    const rows = await connection.query(`delete from ${table} where id = ? returning id`, [id])
    return rows.length > 0
  })
}
