/** The embedded store: one SQLite file, by Node's own module. */
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { namesOf } from './columns.ts'
import { type Command, type Connection, type Database, patience, type Row } from './database.ts'
import { migrate } from './migrations.ts'
import { StoreError } from './store.ts'

/**
 * Opens a file, or makes one that others cannot read. What is committed survives the death of the process at any
 * moment; a machine that loses power may lose the last commits (`synchronous=NORMAL`), never the file.
 * @throws StoreError for a file that cannot be used.
 */
export async function openSqlite(path: string): Promise<Database> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await (await open(path, 'a', 0o600)).close()
    return await opened(path)
  } catch (error) {
    throw errorOf(error, path, 'open')
  }
}

async function opened(path: string): Promise<Database> {
  // Two connections: what is read is never half of a transaction.
  const writer = new DatabaseSync(path, { timeout: busyTimeout })
  await unlocked(() => {
    writer.exec('pragma journal_mode = wal')
  }, patience)
  writer.exec('pragma synchronous = normal; pragma cache_size = -16000; pragma wal_autocheckpoint = 4000')
  const [writing, close] = connectionOf(writer)
  const transaction = transactions(writer, writing, path)
  await transaction((connection) => migrate(connection, `The store ${path}`))
  const reader = new DatabaseSync(path, { timeout: busyTimeout, readOnly: true })
  const [reading, closeReader] = connectionOf(reader)
  return {
    async query(text, values, patience) {
      try {
        return await unlocked(() => reading.query(text, values), patience)
      } catch (error) {
        throw errorOf(error, path, 'read')
      }
    },
    transaction,
    atOnce: 1,
    locking: { wait: '', skip: '' },
    close() {
      closeReader()
      close()
      return Promise.resolve()
    },
  }
}

/** Milliseconds that the process may stand still for another's lock; after that it waits without standing still. */
const busyTimeout = 5

/** Statements are prepared once and kept: by their text, or by the command that they are for. */
function connectionOf(database: DatabaseSync): [connection: Connection, close: () => void] {
  const texts = new Map<string, StatementSync>()
  const commands = new WeakMap<Command, StatementSync>()
  function prepare(text: string): StatementSync {
    const statement = database.prepare(text)
    statement.setReadBigInts(true)
    return statement
  }
  const connection: Connection = {
    async query(text, values = []) {
      const statement = texts.get(text) ?? prepare(text)
      texts.set(text, statement)
      return statement.all(...values) as Row[]
    },
    async each(command, rows) {
      if (rows.length === 0) return []
      const statement = commands.get(command) ?? prepare(textOf[command.type](command))
      commands.set(command, statement)
      if (command.type === 'lock') {
        return rows
          .map((values) => statement.get(...values) as Row | undefined)
          .filter((row) => row !== undefined)
      }
      for (const values of rows) statement.run(...values)
      return []
    },
  }
  return [
    connection,
    () => {
      texts.clear()
      database.close()
    },
  ]
}

const textOf: Readonly<Record<Command['type'], (command: Command) => string>> = {
  insert: ({ table, columns }) =>
    `insert into ${table} (${namesOf(columns)}) values (${columns.map(() => '?').join(', ')})`,
  update: ({ table, columns }) =>
    `update ${table} set ${columns
      .slice(0, -1)
      .map(({ name }) => `"${name}" = ?`)
      .join(', ')} where id = ?`,
  // A transaction that writes has the whole file to itself.
  lock: ({ table, columns }) => `select ${namesOf(columns)} from ${table} where id = ?`,
}

/** One after the other: a connection has one transaction at a time. */
function transactions(database: DatabaseSync, connection: Connection, path: string): Database['transaction'] {
  let last: Promise<unknown> = Promise.resolve()
  async function transaction<Result>(
    work: (connection: Connection) => Promise<Result>,
    patience?: number,
  ): Promise<Result> {
    try {
      await unlocked(() => {
        database.exec('begin immediate')
      }, patience)
      const result = await work(connection)
      database.exec('commit')
      return result
    } catch (error) {
      // A full disk has rolled it back already.
      if (database.isTransaction) database.exec('rollback')
      throw errorOf(error, path, 'write')
    }
  }
  return (work, patience) => {
    const next = last.then(() => transaction(work, patience))
    last = next.catch(() => undefined)
    return next
  }
}

/** Tries again while another process has the file locked. */
async function unlocked<Result>(work: () => Result, milliseconds = patience): Promise<Result> {
  const end = performance.now() + milliseconds
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (codeOf(error) !== 5 || performance.now() > end) throw error
    }
    await delay(1 + Math.random() * 10)
  }
}

/** What a file can suffer from, by SQLite's primary result codes. https://sqlite.org/rescode.html */
const troubles: Readonly<Record<number, string>> = {
  5: 'another process has it locked. Stop that process, or try again',
  6: 'it is locked. Try again',
  8: 'it may only be read. Give this user the right to write the file and its folder',
  10: 'the disk does not read or write. Look at the disk',
  11: 'it is damaged. Move it away and put a copy of it back, or start without',
  13: 'the disk is full. Make room',
  14: 'it cannot be opened. Look at the rights of the file and its folder',
  23: 'it may not be used. Look at the rights of the file and its folder',
  26: 'it is not a SQLite file. Move it away, or name another file',
}

/** A trouble of the file as a StoreError; what is wrong with a row stays as it is. */
function errorOf(error: unknown, path: string, doing: 'open' | 'read' | 'write'): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error
  const code = codeOf(error)
  const trouble = code === null ? undefined : troubles[code]
  if (trouble === undefined && doing !== 'open') return error
  const why = trouble ?? `${error.message}. Look at the file and its folder`
  return new StoreError(`Could not ${doing} the store ${path}: ${why}.`, { cause: error })
}

function codeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null
  return Number(error.errcode) & 0xff
}
