/** The store of several replicas: Postgres, 15 or newer. */
import { DatabaseError, Pool, type PoolClient } from 'pg'
import { namesOf } from './columns.ts'
import { type Command, type Connection, type Database, patience, type Row, type Value } from './database.ts'
import { migrate } from './migrations.ts'
import { StoreError } from './store.ts'

/**
 * Connects, and connects again when connections are lost. No statement outlives its deadline, here or there.
 * @throws StoreError where it does not answer.
 */
export async function openPostgres(url: string): Promise<Database> {
  const where = placeOf(url)
  const pool = poolOf(url, 8)
  // Reports may take long: they do not keep requests waiting.
  const reports = poolOf(url, 2)
  const transaction = transactions(pool, where)
  try {
    await transaction(async (connection) => {
      await connection.query(`select pg_advisory_xact_lock(${migrationLock})`)
      await migrate(connection, `The store ${where}`)
    }, 12 * patience)
  } catch (error) {
    await pool.end()
    throw error instanceof StoreError ? error : unreachable(error, where)
  }
  return {
    async query(text, values = [], milliseconds = patience) {
      const from = milliseconds > patience ? reports : pool
      try {
        return await whole(() => ask(from, numbered(text), values, milliseconds))
      } catch (error) {
        throw errorOf(error, where)
      }
    },
    transaction,
    atOnce: 4,
    locking: { wait: ' for update', skip: ' for update skip locked' },
    async close() {
      await Promise.all([pool.end(), reports.end()])
    },
  }
}

function poolOf(url: string, max: number): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: patience / 2,
    // The longest patience of all; transactions set their own.
    statement_timeout: 12 * patience,
    idle_in_transaction_session_timeout: 2 * patience,
    keepAlive: true,
    fallback_application_name: 'playhead',
    types: { getTypeParser: parserOf },
  })
  // Connections that break while nobody uses them; who uses one is told by its query.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** Any number that no other program that shares the database takes: the letters `playhead`. */
const migrationLock = 0x706c_6179

/** Tries again where Postgres found two transactions in each other's way. */
function transactions(pool: Pool, where: string): Database['transaction'] {
  return async (work, milliseconds = patience) => {
    for (let round = 1; ; round++) {
      try {
        return await transaction(pool, work, milliseconds)
      } catch (error) {
        if (!inTheWay.has(codeOf(error)) || round === 3) throw errorOf(error, where)
      }
    }
  }
}

const inTheWay: ReadonlySet<string> = new Set(['40001', '40P01'])

async function transaction<Result>(
  pool: Pool,
  work: (connection: Connection) => Promise<Result>,
  milliseconds: number,
): Promise<Result> {
  const client = await whole(() => begun(pool, milliseconds))
  // A connection that is given back with an error is closed, whatever it waits for.
  let isOver = false
  function giveBack(error?: Error): void {
    if (isOver) return
    isOver = true
    clearTimeout(deadline)
    client.release(error)
  }
  const deadline = setTimeout(() => {
    giveBack(new Error('deadline'))
  }, milliseconds)
  try {
    const result = await work(connectionOf(client))
    await client.query('commit')
    giveBack()
    return result
  } catch (error) {
    if (isOver) throw new Late()
    giveBack(await rolledBack(client))
    throw error
  }
}

async function begun(pool: Pool, milliseconds: number): Promise<PoolClient> {
  const client = await pool.connect()
  try {
    await ask(client, `begin; set local statement_timeout = ${milliseconds}`, [], patience / 2)
    return client
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** Tries what changes nothing again, on another connection: one that broke while nobody used it is no reason to fail. */
async function whole<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let round = 1; ; round++) {
    try {
      return await work()
    } catch (error) {
      if (!isBroken(error) || round === 3) throw error
    }
  }
}

function isBroken(error: unknown): boolean {
  return (
    /^(08|57P|ECONNRESET|EPIPE)/.test(codeOf(error)) ||
    (error instanceof Error && error.message.startsWith('Connection terminated'))
  )
}

/** Gives what went wrong: a connection that cannot even do this is of no more use. */
async function rolledBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** A transaction that took too long. */
class Late extends Error {
  override readonly name = 'Late'
}

function connectionOf(client: PoolClient): Connection {
  return {
    query: (text, values = []) => ask(client, numbered(text), values),
    async each(command, rows) {
      if (rows.length === 0) return []
      const text = texts.get(command) ?? textOf[command.type](command)
      texts.set(command, text)
      const parameters = command.type === 'lock' ? 1 : command.columns.length
      const lists = Array.from({ length: parameters }, (_, index) =>
        rows.map((row) => storable(row[index] ?? null)),
      )
      return ask(client, text, lists)
    },
  }
}

async function ask(
  client: PoolClient | Pool,
  text: string,
  values: readonly (Value | readonly Value[])[],
  milliseconds?: number,
): Promise<readonly Row[]> {
  const limit = milliseconds === undefined ? {} : { query_timeout: milliseconds }
  const result = await client.query<Row>({ text, values: values.map(sendable), ...limit })
  return result.rows
}

const texts = new WeakMap<Command, string>()

/** One list of values for each column, so that the text does not depend on how many rows there are. */
const textOf: Readonly<Record<Command['type'], (command: Command) => string>> = {
  insert: (command) =>
    `insert into ${command.table} (${namesOf(command.columns)}) select * from ${unnested(command)}`,
  update: (command) =>
    `update ${command.table} set ${command.columns
      .slice(0, -1)
      .map(({ name }) => `"${name}" = given."${name}"`)
      .join(
        ', ',
      )} from ${unnested(command)} as given (${namesOf(command.columns)}) where ${command.table}.id = given.id`,
  lock: ({ table, columns }) =>
    `select ${namesOf(columns)} from ${table} where id = any($1::text[]) order by id for update`,
}

function unnested({ columns }: Command): string {
  return `unnest(${columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})`
}

/** `?` is SQLite's way; none stands in our texts but for a parameter. */
function numbered(text: string): string {
  let count = 0
  return text.replaceAll('?', () => `$${++count}`)
}

function sendable(value: Value | readonly Value[]): unknown {
  return typeof value === 'object' ? value : storable(value)
}

/** Postgres has no text with a zero in it. */
function storable(value: Value): Value {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

/** Whole numbers as bigints, as SQLite gives them; by the types' numbers in Postgres's catalogue. */
const parsers: Readonly<Record<number, (text: string) => Value>> = {
  20: BigInt,
  21: BigInt,
  23: BigInt,
  701: Number,
  // Sums of bigints.
  1700: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : text),
}

function parserOf(type: number): (text: string) => Value {
  return parsers[type] ?? ((text) => text)
}

/** What is the matter, by the beginning of Postgres's codes. https://www.postgresql.org/docs/15/errcodes-appendix.html */
const troubles: readonly (readonly [code: string, trouble: string])[] = [
  ['08', 'the connection broke. It is tried again with the next request'],
  ['25006', 'it may only be read. Name the primary, not a copy of it'],
  ['25P03', 'a transaction stood still for too long. Look at its load'],
  ['28', 'it refuses the user or the password. Look at the URL'],
  ['3D', 'there is no such database. Create it, or look at the URL'],
  ['42501', 'the user may not do this. Give it the right to create tables and to write them'],
  ['53100', 'its disk is full. Make room'],
  ['53', 'it has no room for this. Look at its connections and its memory'],
  ['55P03', 'a lock was not to be had. Look at its load'],
  ['57014', 'a statement took too long. Look at its load'],
  ['57', 'it is starting or stopping. It is tried again with the next request'],
  ['58', 'its system has a fault. Look at its log'],
  ['XX', 'it has a fault. Look at its log'],
  ['40', 'transactions were in each other’s way, again and again. Look at its load'],
]

/** A trouble of the database as a StoreError; what is wrong with a row stays as it is. */
function errorOf(error: unknown, where: string): unknown {
  if (error instanceof Late) {
    return new StoreError(`The store ${where} did not answer in time. Look at its load and at the way there.`)
  }
  if (!(error instanceof Error) || error instanceof StoreError) return error
  const code = codeOf(error)
  const trouble = troubles.find(([start]) => code.startsWith(start))?.[1]
  if (trouble !== undefined) return new StoreError(`The store ${where}: ${trouble}.`, { cause: error })
  // Postgres's own answers have a severity: without one, none came.
  return error instanceof DatabaseError || !isConnectionError(error) ? error : unreachable(error, where)
}

/** Of the network (`ECONNREFUSED`), or one of `pg`'s own, which have no code. */
function isConnectionError(error: Error): boolean {
  return 'syscall' in error || /connect|terminat|timeout/i.test(error.message)
}

function unreachable(error: unknown, where: string): StoreError {
  const why = error instanceof Error ? error.message : String(error)
  return new StoreError(
    `The store ${where} cannot be reached: ${why}. Look at its URL and whether it runs.`,
    {
      cause: error,
    },
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** A database's place, without user and password. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return `postgres://${host}${pathname}`
  } catch {
    return 'at the Postgres URL'
  }
}
