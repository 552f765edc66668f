import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyCache } from '../../src/api/key-cache.ts'
import { createKey } from '../../src/keys.ts'
import { type KeyRecord, StoreError } from '../../src/store/store.ts'

/** A store whose answers the test gives when it likes. */
class Lookups {
  readonly asked: { readonly id: string; answer(record: KeyRecord | null): void; fail(): void }[] = []

  findKey(id: string): Promise<KeyRecord | null> {
    return new Promise((resolve, reject) => {
      this.asked.push({ id, answer: resolve, fail: () => reject(new StoreError('it is away')) })
    })
  }
}

function setUp(): { cache: KeyCache; lookups: Lookups; clock: { now: number }; record: KeyRecord } {
  const [lookups, clock] = [new Lookups(), { now: 1_000_000 }]
  const { record } = createKey('pepper', { name: 'a', createdAt: 0 })
  return { cache: new KeyCache(lookups, () => clock.now), lookups, clock, record }
}

test('requests that come together ask the store once', async () => {
  const { cache, lookups, record } = setUp()
  const both = [cache.find(record.id), cache.find(record.id)]
  assert.equal(lookups.asked.length, 1)
  lookups.asked[0]?.answer(record)
  assert.deepEqual(await Promise.all(both.map(async (each) => each)), [record, record])
  assert.equal(cache.find(record.id), record)
})

test('after five seconds a key is read again while it still serves, after fifteen it is waited for', async () => {
  const { cache, lookups, clock, record } = setUp()
  cache.changed(record.id, record)
  clock.now += 4999
  assert.equal(cache.find(record.id), record)
  assert.equal(lookups.asked.length, 0)
  clock.now += 1
  assert.equal(cache.find(record.id), record)
  assert.equal(lookups.asked.length, 1)
  lookups.asked[0]?.fail()
  clock.now += 10_000
  // The failure is told to nobody, the next one is.
  await new Promise(setImmediate)
  const waited = cache.find(record.id)
  lookups.asked[1]?.fail()
  await assert.rejects(async () => waited, StoreError)
})

test('a change counts although an older answer comes after it', async () => {
  const { cache, lookups, record } = setUp()
  const read = cache.find(record.id)
  cache.changed(record.id, null)
  lookups.asked[0]?.answer(record)
  await read
  assert.equal(cache.find(record.id), null)
})

test('a clock that is put back makes no key last longer', () => {
  const { cache, clock, record } = setUp()
  cache.changed(record.id, record)
  clock.now -= 3_600_000
  assert.ok(cache.find(record.id) instanceof Promise)
})

test('ids that nobody knows do not push out keys, and are bounded', () => {
  const { cache, lookups, record } = setUp()
  cache.changed(record.id, record)
  for (let at = 0; at < 50_000; at += 1) cache.changed(`unknown-${at}`, null)
  assert.equal(cache.find(record.id), record)
  assert.equal(cache.find('unknown-49999'), null)
  assert.equal(lookups.asked.length, 0)
  // The first of them are forgotten.
  assert.ok(cache.find('unknown-0') instanceof Promise)
})
