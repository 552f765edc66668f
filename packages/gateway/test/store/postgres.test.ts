/** What can befall a connection to Postgres. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { after, test, type TestContext } from 'node:test'
import { openStore } from '../../src/store/open.ts'
import { type Settlement, type Store, StoreError } from '../../src/store/store.ts'
import { ask, startPostgres } from '../postgres.ts'
import { aGeneration, aLimit, noon, settlementOf } from './records.ts'

const postgres = await startPostgres({ after })
const options = { skip: postgres === null ? 'there is no Postgres here' : false }
const limits = [aLimit('money', 'ever', 1000)]

/** A way to a database that can be cut in the middle of a word. */
interface Way {
  readonly url: string
  /**
   * Told what the client sends, before it goes `on`. Or the way is cut: before it arrives (`drop`), or when it has and
   * was answered (`cut`). Or nothing comes back any more (`silence`).
   */
  watch: (bytes: Buffer) => 'on' | 'drop' | 'cut' | 'silence'
}

async function wayTo(t: TestContext, url: string): Promise<Way> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let isSilent = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    upstream.on('data', (bytes) => {
      if (!isSilent) client.write(bytes)
    })
    client.on('data', (bytes) => {
      const next = way.watch(bytes)
      if (next !== 'on') isSilent = true
      if (next === 'drop') return void client.destroy()
      upstream.write(bytes)
      // Postgres does what it is told before it notices that nobody listens.
      if (next === 'cut') upstream.once('data', () => client.destroy())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const way: Way = { url: url.replace(target.host, `127.0.0.1:${address.port}`), watch: () => 'on' }
  return way
}

async function standing(store: Store): Promise<unknown> {
  const [standing] = await store.standings(limits, noon)
  return [standing?.spent, standing?.reserved]
}

test('a server that is not there is named, without its password', async () => {
  await assert.rejects(
    openStore({ type: 'postgres', url: 'postgres://me:canary-pass@127.0.0.1:1/x' }),
    (error) => {
      assert.ok(error instanceof StoreError)
      assert.match(
        error.message,
        /^The store postgres:\/\/127\.0\.0\.1:1\/x cannot be reached: .*ECONNREFUSED/,
      )
      assert.doesNotMatch(String(error.stack), /canary-pass/)
      return true
    },
  )
})

test('a store whose connections are cut goes on with others', options, async () => {
  const url = (await postgres?.createDatabase()) ?? ''
  const store = await openStore({ type: 'postgres', url })
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  for (let round = 0; round < 5; round++) {
    const working = Promise.allSettled(Array.from({ length: 50 }, () => store.open(aGeneration(), [])))
    await ask(url, cut)
    for (const result of await working) {
      assert.ok(result.status === 'fulfilled' || result.reason instanceof StoreError)
    }
  }
  // A connection that was cut while nobody used it is no reason to refuse anybody.
  assert.equal((await store.open(aGeneration(), [])).type, 'opened')
  await store.close()
})

test('a connection that breaks when it is next used is no reason to refuse anybody', options, async (t) => {
  const way = await wayTo(t, (await postgres?.createDatabase()) ?? '')
  const store = await openStore({ type: 'postgres', url: way.url })
  for (const [word, use] of [
    ['begin', () => store.open(aGeneration(), [])],
    ['select', () => store.findKey('nobody')],
  ] as const) {
    let drops = 0
    way.watch = (bytes) => (bytes.includes(word) && drops++ < 2 ? 'drop' : 'on')
    await use()
    assert.equal(drops, 3)
  }
  await store.close()
})

test(
  'an opening that was written but never confirmed is let go when the replica beats',
  options,
  async (t) => {
    const url = (await postgres?.createDatabase()) ?? ''
    const way = await wayTo(t, url)
    const store = await openStore({ type: 'postgres', url: way.url })
    await store.beat('one', noon)
    way.watch = (bytes) => (bytes.includes('commit') ? 'cut' : 'on')
    const generation = aGeneration()
    // The first use of a limit makes its counter, in a transaction of its own.
    const made = aGeneration()
    await assert.rejects(store.open(made, limits), StoreError)
    await assert.rejects(store.open(generation, limits), StoreError)
    way.watch = () => 'on'
    assert.deepEqual(await standing(store), [0n, 100n])
    assert.equal((await store.findGeneration(generation.id, null))?.outcome, 'open')
    await store.beat('one', noon + 1)
    assert.deepEqual(await standing(store), [0n, 0n])
    assert.equal((await store.findGeneration(generation.id, null))?.outcome, 'lost')
    await store.close()
  },
)

for (const [moment, next] of [
  ['written but never confirmed', 'cut'],
  ['never written', 'drop'],
] as const) {
  for (const [way, again] of [
    ['said again', (store, settlement) => store.settle(settlement)],
    ['made good by a beat', (store) => store.beat('one', noon)],
    ['made good at the end', (store) => store.close()],
  ] as const satisfies readonly (readonly [
    string,
    (store: Store, settlement: Settlement) => Promise<void>,
  ])[]) {
    test(`a settlement that was ${moment} is ${way}, once`, options, async (t) => {
      const url = (await postgres?.createDatabase()) ?? ''
      const proxy = await wayTo(t, url)
      const store = await openStore({ type: 'postgres', url: proxy.url })
      const generation = aGeneration()
      await store.open(generation, limits)
      const settlement = settlementOf(generation)
      proxy.watch = (bytes) => (bytes.includes('commit') ? next : 'on')
      await assert.rejects(store.settle(settlement), StoreError)
      proxy.watch = () => 'on'
      await again(store, settlement)
      if (way !== 'made good at the end') await store.close()
      const other = await openStore({ type: 'postgres', url })
      assert.deepEqual(await standing(other), [40n, 0n])
      await other.close()
    })
  }
}

test(
  'a server that falls silent is given up, and does not keep what it was told by halves',
  options,
  async (t) => {
    const url = (await postgres?.createDatabase()) ?? ''
    const way = await wayTo(t, url)
    const store = await openStore({ type: 'postgres', url: way.url })
    way.watch = (bytes) => (bytes.includes('insert into playhead_generation') ? 'silence' : 'on')
    const generation = aGeneration()
    await assert.rejects(store.open(generation, []), {
      name: 'StoreError',
      message: /did not answer in time/,
    })
    way.watch = () => 'on'
    assert.equal(await store.findGeneration(generation.id, null), null)
    assert.equal((await store.open(generation, [])).type, 'opened')
    await store.close()
  },
)
