/** Keys, as a store keeps them. */
import assert from 'node:assert/strict'
import { StoreError } from '../../src/store/store.ts'
import { onEach } from './conformance.ts'
import { aKey, aLimit, noon } from './records.ts'

onEach('a key comes back as it was put in', async ({ open }) => {
  const store = await open()
  const full = aKey({
    expiresAt: noon + 1,
    isDisabled: true,
    isAdmin: true,
    limits: [aLimit('money', 'month', 2n ** 70n).limit, aLimit('requests', 'minute', 3).limit],
    models: ['a/*', 'b'],
    providers: [],
    record: 0.25,
    byok: { groq: 'v1.sealed', 'my-azure': 'v1.other' },
    countsByok: true,
  })
  await store.insertKey(full)
  assert.deepEqual(await store.findKey(full.id), full)
  assert.equal(await store.findKey('nobody'), null)
})

onEach('keys are listed newest first, changed, and deleted once', async ({ open }) => {
  const store = await open()
  const [older, newer] = [aKey({ createdAt: noon }), aKey({ createdAt: noon + 1 })]
  await store.insertKey(older)
  await store.insertKey(newer)
  assert.deepEqual(await store.listKeys(), [newer, older])
  const changed = await store.updateKey(older.id, { name: 'other', models: ['m'], updatedAt: noon + 5 })
  assert.deepEqual(changed, { ...older, name: 'other', models: ['m'], updatedAt: noon + 5 })
  assert.deepEqual(await store.findKey(older.id), changed)
  assert.equal(await store.updateKey('nobody', { name: 'x' }), null)
  assert.equal(await store.deleteKey(older.id), true)
  assert.equal(await store.deleteKey(older.id), false)
  assert.deepEqual(await store.listKeys(), [newer])
})

onEach('a first key is made once, however many try', async ({ open }) => {
  const stores = await Promise.all(Array.from({ length: 6 }, () => open()))
  const keys = stores.map(() => aKey())
  const made = await Promise.all(stores.map((store, index) => store.insertFirstKey(keys[index] ?? aKey())))
  assert.equal(made.filter(Boolean).length, 1)
  const [first] = stores
  assert.deepEqual(await first?.listKeys(), [keys[made.indexOf(true)]])
})

onEach('a second key with the same id is an error of its own', async ({ open }) => {
  const store = await open()
  const key = aKey()
  await store.insertKey(key)
  await assert.rejects(store.insertKey({ ...key, name: 'thief' }), StoreError)
  assert.deepEqual(await store.findKey(key.id), key)
})
