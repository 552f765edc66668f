/** Stores that are opened: new, again, by several at once, of other versions. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import type { StoreConfiguration } from '../../src/config/configuration.ts'
import { openStore } from '../../src/store/open.ts'
import { ask } from '../postgres.ts'
import { onEach } from './conformance.ts'
import { aGeneration, aKey, aLimit, standing } from './records.ts'

async function run(configuration: StoreConfiguration, text: string): Promise<void> {
  if (configuration.type === 'postgres') {
    await ask(configuration.url, text)
    return
  }
  const database = new DatabaseSync(configuration.path)
  database.exec(text)
  database.close()
}

onEach(
  'a store that a newer Playhead has written is refused, and left as it is',
  async ({ configuration }) => {
    await (await openStore(configuration)).close()
    await run(configuration, 'update playhead_version set version = 99')
    const refused = {
      name: 'StoreError',
      message: /was written by a newer Playhead: its tables are of version 99/,
    }
    await assert.rejects(openStore(configuration), refused)
    await assert.rejects(openStore(configuration), refused)
  },
)

onEach('a store whose tables cannot be made stays empty', async ({ configuration }) => {
  await run(configuration, 'create table playhead_replica (other bigint)')
  await assert.rejects(openStore(configuration), { name: 'StoreError' })
  await run(configuration, 'drop table playhead_replica')
  const store = await openStore(configuration)
  assert.deepEqual(await store.listKeys(), [])
  await store.close()
})

onEach('what was kept is there when the store is opened again', async ({ open, configuration }) => {
  const first = await openStore(configuration)
  const limits = [aLimit('money', 'month', 1000)]
  const generation = aGeneration()
  void first.open(generation, limits)
  await first.close()
  const store = await open()
  assert.deepEqual(await standing(store, limits), [[0n, 100n]])
  assert.equal((await store.findGeneration(generation.id, null))?.outcome, 'open')
})

onEach('several that open a new store at once all find it whole', async ({ open }) => {
  const stores = await Promise.all(Array.from({ length: 5 }, () => open()))
  await Promise.all(stores.map((store) => store.insertKey(aKey())))
  for (const store of stores) assert.equal((await store.listKeys()).length, 5)
})
