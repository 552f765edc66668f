/** What the store asks of a database, so that all of its thinking is written once, for SQLite and for Postgres. */

export type Value = string | number | bigint | null

/** By column. Whole numbers come as bigints, whatever their size. */
export type Row = Readonly<Record<string, Value>>

export interface Column {
  readonly name: string
  /** A type that both databases know by the same name. */
  readonly type: 'text' | 'bigint' | 'double precision'
}

/**
 * A statement for many rows of parameters at once, one for each column. Make it once and keep it: databases keep what
 * they prepared for it.
 * - `insert`: one row for each.
 * - `update`: sets all columns but the last, which is the id of the row that is changed.
 * - `lock`: its columns, of the rows with these ids (one parameter), kept from others until the transaction ends. Rows
 *   are locked in the order of their ids, so that two transactions cannot wait for each other.
 */
export interface Command {
  readonly type: 'insert' | 'update' | 'lock'
  readonly table: string
  readonly columns: readonly Column[]
}

export interface Connection {
  /** SQL that both databases run, with `?` for parameters. */
  query(text: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** Nothing is asked where there are no rows. */
  each(command: Command, rows: readonly (readonly Value[])[]): Promise<readonly Row[]>
}

export interface Database {
  /** Reads, outside of any transaction: what is committed. `patience` in milliseconds, default 5,000. */
  query(text: string, values?: readonly Value[], patience?: number): Promise<readonly Row[]>
  /**
   * All or nothing. What is wrong with the database, or that it took longer than `patience`, is a StoreError; what is
   * wrong with a row is another error.
   */
  transaction<Result>(work: (connection: Connection) => Promise<Result>, patience?: number): Promise<Result>
  /** How many transactions may be under way at once. */
  readonly atOnce: number
  /** What stands at the end of a `select` that locks its rows: waiting for those that others hold, or passing over them. */
  readonly locking: { readonly wait: string; readonly skip: string }
  close(): Promise<void>
}

/** Milliseconds that a store may take before whoever asks is refused: slow is worse than dead. */
export const patience = 5000
