/** The tables, version by version, and how a store comes to the newest. What stands here is never changed, only added to. */
import type { Connection } from './database.ts'
import { StoreError } from './store.ts'

/** Each takes a store from the version that is its place in the list to the next. Both databases run them as they are. */
const migrations: readonly (readonly string[])[] = [
  [
    `create table playhead_key (
      id text not null primary key,
      hash text not null,
      name text not null,
      label text not null,
      created_at bigint not null,
      updated_at bigint not null,
      expires_at bigint,
      is_disabled bigint not null,
      is_admin bigint not null,
      limits text not null,
      models text,
      providers text,
      record double precision not null
    )`,
    // `holds`: the counters that it is reserved at, as a JSON list of their ids.
    `create table playhead_generation (
      id text not null primary key,
      key_id text not null,
      replica text not null,
      at bigint not null,
      request_id text not null,
      dialect text not null,
      model text not null,
      is_stream bigint not null,
      "user" text,
      session text,
      bound_money bigint not null,
      bound_tokens bigint not null,
      holds text not null,
      settled_at bigint,
      outcome text not null default 'open',
      status bigint not null default 0,
      endpoint text,
      provider text,
      upstream_id text,
      input_tokens bigint not null default 0,
      output_tokens bigint not null default 0,
      cached_input_tokens bigint not null default 0,
      cache_write_tokens bigint not null default 0,
      reasoning_tokens bigint not null default 0,
      cost bigint not null default 0,
      provider_cost bigint,
      catalogue_cost bigint,
      is_estimated bigint not null default 0,
      is_byok bigint not null default 0,
      finish_reason text,
      raw_finish_reason text,
      first_token_after double precision,
      duration double precision not null default 0,
      attempts text not null default '[]',
      story text not null default '',
      tape text
    )`,
    'create index playhead_generation_at on playhead_generation (at, id)',
    'create index playhead_generation_key on playhead_generation (key_id, at, id)',
    'create index playhead_generation_upstream on playhead_generation (upstream_id) where upstream_id is not null',
    // Those whose account may still change.
    `create index playhead_generation_open on playhead_generation (replica) where outcome in ('open', 'lost')`,
    // Amounts as text: they have no largest, and are only ever added up by us, under a lock.
    `create table playhead_counter (
      id text not null primary key,
      owner text not null,
      ends_at bigint,
      spent text not null,
      reserved text not null
    )`,
    'create index playhead_counter_owner on playhead_counter (owner)',
    'create index playhead_counter_end on playhead_counter (ends_at)',
    'create table playhead_replica (id text not null primary key, beat_at bigint not null)',
  ],
  [
    // `byok`: the holder's own keys at providers, sealed, as a JSON object by the provider's name.
    'alter table playhead_key add column byok text',
    'alter table playhead_key add column counts_byok bigint not null default 0',
    'alter table playhead_generation add column byok_cost bigint not null default 0',
    'alter table playhead_generation add column counts_byok bigint not null default 0',
  ],
]

/**
 * Brings the store up to date. To be called in a transaction that keeps all others out. `where` names the store.
 * @throws StoreError where a newer Playhead has been at work.
 */
export async function migrate(connection: Connection, where: string): Promise<void> {
  await connection.query('create table if not exists playhead_version (version bigint not null)')
  const [row] = await connection.query('select max(version) as version from playhead_version')
  const version = Number(row?.['version'] ?? 0)
  if (version > migrations.length) {
    throw new StoreError(
      `${where} was written by a newer Playhead: its tables are of version ${version}, this one knows ${migrations.length}. Update Playhead, or name another store.`,
    )
  }
  for (const statement of migrations.slice(version).flat()) await connection.query(statement)
  if (version === migrations.length) return
  await connection.query('delete from playhead_version')
  await connection.query('insert into playhead_version (version) values (?)', [migrations.length])
}
