/** What can befall a file: it is said in a sentence, and the process lives on. */
import assert from 'node:assert/strict'
import { open, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { Database } from '../../src/store/database.ts'
import { closeDead } from '../../src/store/generations.ts'
import { openStore } from '../../src/store/open.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { StoreError } from '../../src/store/store.ts'
import { startChild } from './child.ts'
import { temporaryFolder } from './folder.ts'
import { aGeneration, aLimit, noon } from './records.ts'

test('a file and its folder are made, for nobody else to read', async (t) => {
  const path = join(await temporaryFolder(t), 'a', 'b', 'store.db')
  const store = await openStore({ type: 'sqlite', path })
  await store.beat('one', noon)
  for (const end of ['', '-wal', '-shm']) assert.equal((await stat(`${path}${end}`)).mode & 0o077, 0, end)
  await store.close()
})

test('while another has the file locked, operations wait and the process goes on', async (t) => {
  const path = join(await temporaryFolder(t), 'store.db')
  const store = await openStore({ type: 'sqlite', path })
  const other = new DatabaseSync(path)
  other.exec('begin immediate')
  const opened = store.open(aGeneration(), [aLimit('money', 'ever', 100)])
  // This very process lets go of the lock: if it stood still, nobody would.
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.equal((await store.listGenerations({}, 5, null)).length, 0)
  other.exec('commit')
  other.close()
  assert.equal((await opened).type, 'opened')
  await store.close()
})

test('a file that is no database is refused', async (t) => {
  const path = join(await temporaryFolder(t), 'store.db')
  await writeFile(path, 'Dear diary, '.repeat(1000))
  await assert.rejects(openStore({ type: 'sqlite', path }), (error) => {
    assert.ok(error instanceof StoreError)
    assert.equal(
      error.message,
      `Could not open the store ${path}: it is not a SQLite file. Move it away, or name another file.`,
    )
    return true
  })
})

test('a folder that cannot be made is named', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  const path = join(folder, 'file', 'store.db')
  await assert.rejects(openStore({ type: 'sqlite', path }), (error) => {
    assert.ok(error instanceof StoreError)
    assert.ok(error.message.startsWith(`Could not open the store ${path}: `), error.message)
    return true
  })
})

test('a damaged file is an error of what reads it, not the end', async (t) => {
  const path = join(await temporaryFolder(t), 'store.db')
  const configuration = { type: 'sqlite', path } as const
  const whole = await openStore(configuration)
  for (let index = 0; index < 300; index++) await whole.open(aGeneration({ user: 'x'.repeat(500) }), [])
  await whole.close()
  const file = await open(path, 'r+')
  const { size } = await file.stat()
  // All but what the tables are.
  await file.write(Buffer.alloc(size - 65_536, 0xa5), 0, size - 65_536, 65_536)
  await file.close()
  const store = await openStore(configuration)
  await assert.rejects(store.listGenerations({}, 1000, null), {
    name: 'StoreError',
    message: `Could not read the store ${path}: it is damaged. Move it away and put a copy of it back, or start without.`,
  })
  assert.deepEqual(await store.listKeys(), [])
  await store.close()
})

test('a file that cannot grow refuses what is new, and can still be read', async (t) => {
  const path = join(await temporaryFolder(t), 'store.db')
  const child = startChild(t, { type: 'sqlite', path }, 'full', "trap '' XFSZ; ulimit -f 3000")
  await child.ready
  child.say('fill')
  const failed = await child.answer('failed')
  assert.ok(failed.startsWith(`StoreError Could not write the store ${path}: `), failed)
  assert.equal(await child.answer('read'), '1')
})

test('what the dead left open is found without reading the ledger', async (t) => {
  const path = join(await temporaryFolder(t), 'store.db')
  const database = await openSqlite(path)
  const asked: string[] = []
  const overheard: Database = {
    ...database,
    transaction: (work, patience) =>
      database.transaction(
        (connection) =>
          work({
            ...connection,
            query(text, values) {
              asked.push(text)
              return connection.query(text, values)
            },
          }),
        patience,
      ),
  }
  await closeDead(overheard, noon, noon)
  await database.close()
  const file = new DatabaseSync(path)
  const looks = asked.filter((text) => text.includes('from playhead_generation'))
  assert.equal(looks.length, 1)
  for (const text of looks) {
    const plan = file.prepare(`explain query plan ${text}`).all(noon)
    const reading = plan
      .map(({ detail }) => String(detail))
      .find((step) => step.includes('playhead_generation'))
    assert.equal(reading, 'SCAN playhead_generation USING INDEX playhead_generation_open')
  }
  file.close()
})
