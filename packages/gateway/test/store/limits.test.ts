/** What is reserved, spent and let go, on every store. */
import assert from 'node:assert/strict'
import { type Opened, StoreError } from '../../src/store/store.ts'
import { onEach } from './conformance.ts'
import { aGeneration, aKey, aLimit, noon, settlementOf, standing } from './records.ts'

const day = 86_400_000

onEach('a settlement that comes again changes nothing', async ({ open }) => {
  const store = await open()
  const limits = [aLimit('money', 'day', 1000)]
  const generation = aGeneration()
  await store.open(generation, limits)
  const twice = [settlementOf(generation), settlementOf(generation, { cost: 99n, outcome: 'failed' })]
  await Promise.all(twice.map((settlement) => store.settle(settlement)))
  await store.settle(settlementOf(generation, { cost: 7n }))
  assert.deepEqual(await standing(store, limits), [[40n, 0n]])
  assert.equal((await store.findGeneration(generation.id, null))?.cost, 40n)
})

onEach('a bad operation fails alone, whoever it comes with', async ({ open }) => {
  const store = await open()
  const limits = [aLimit('requests', 'ever', 100)]
  const taken = aGeneration()
  await store.open(taken, limits)
  const good = Array.from({ length: 5 }, () => aGeneration())
  const results = await Promise.allSettled([
    store.open(taken, limits),
    ...good.slice(0, 3).map((generation) => store.open(generation, limits)),
    store.open(aGeneration({ boundMoney: 2n ** 90n }), limits),
    store.settle(settlementOf(taken, { inputTokens: Number.NaN })),
    ...good.slice(3).map((generation) => store.open(generation, limits)),
  ])
  assert.deepEqual(
    results.map(({ status }) => status),
    [
      'rejected',
      ...Array.from({ length: 3 }, () => 'fulfilled'),
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ],
  )
  assert.ok(results.every((result) => result.status === 'fulfilled' || result.reason instanceof StoreError))
  assert.deepEqual(await standing(store, limits), [[0n, 6n]])
})

onEach('all limits must fit, or nothing is reserved', async ({ open }) => {
  const store = await open()
  const limits = [
    aLimit('money', 'month', 1000),
    aLimit('requests', 'minute', 100, 'all'),
    aLimit('tokens', 'hour', 120),
  ]
  const opened: Opened[] = []
  for (let index = 0; index < 3; index++) opened.push(await store.open(aGeneration(), limits))
  assert.deepEqual(
    opened.map(({ type }) => type),
    ['opened', 'opened', 'refused'],
  )
  assert.deepEqual(opened[2], {
    type: 'refused',
    ...limits[2],
    spent: 0n,
    reserved: 100n,
    resetsAt: noon + 3_600_000,
  })
  assert.deepEqual(await standing(store, limits), [
    [0n, 200n],
    [0n, 2n],
    [0n, 100n],
  ])
  assert.equal((await store.listGenerations({}, 10, null)).length, 2)
})

onEach('a settlement counts in the period in which its generation was opened, whole', async ({ open }) => {
  const store = await open()
  const limits = [aLimit('money', 'day', 100), aLimit('requests', 'day', 1)]
  const late = Date.UTC(2026, 9, 15, 23, 59, 59, 999)
  const generation = aGeneration({ at: late })
  await store.open(generation, limits)
  await store.settle(settlementOf(generation, { at: late + 5000, cost: 250n }))
  assert.deepEqual(await standing(store, limits, late), [
    [250n, 0n],
    [1n, 0n],
  ])
  assert.deepEqual(await standing(store, limits, late + 1), [
    [0n, 0n],
    [0n, 0n],
  ])
  assert.equal((await store.open(aGeneration({ at: late }), limits)).type, 'refused')
  assert.equal((await store.open(aGeneration({ at: late + 1 }), limits)).type, 'opened')
})

onEach('a limit that comes later counts what was before it', async ({ open }) => {
  const store = await open()
  const [settled, pending, lost, other, lastMonth] = [
    aGeneration(),
    aGeneration(),
    aGeneration({ replica: 'dead' }),
    aGeneration({ keyId: 'beta' }),
    aGeneration({ at: noon - 40 * day }),
  ]
  for (const generation of [settled, pending, lost, other, lastMonth]) await store.open(generation, [])
  for (const generation of [settled, other, lastMonth]) await store.settle(settlementOf(generation))
  await store.beat('one', noon)
  assert.equal(await store.releaseDead(noon, noon), 1)
  const limits = [aLimit('money', 'month', 1000), aLimit('requests', 'ever', 1000, 'all')]
  const before = [
    [40n, 100n],
    [3n, 1n],
  ]
  assert.deepEqual(await standing(store, limits), before)
  const generation = aGeneration()
  await store.open(generation, limits)
  assert.deepEqual(await standing(store, limits), [
    [40n, 200n],
    [3n, 2n],
  ])
  await store.settle(settlementOf(pending))
  await store.settle(settlementOf(lost))
  await store.settle(settlementOf(generation))
  assert.deepEqual(await standing(store, limits), [
    [160n, 0n],
    [6n, 0n],
  ])
})

onEach('a limit that was away counts what was spent meanwhile', async ({ open }) => {
  const store = await open()
  const key = aKey({ id: 'alpha', limits: [aLimit('money', 'month', 1000).limit] })
  await store.insertKey(key)
  const limits = [aLimit('money', 'month', 1000)]
  const [first, between] = [aGeneration(), aGeneration()]
  await store.open(first, limits)
  await store.updateKey('alpha', { limits: [] })
  await store.open(between, [])
  await store.settle(settlementOf(between))
  await store.updateKey('alpha', { limits: key.limits })
  await store.open(aGeneration(), limits)
  assert.deepEqual(await standing(store, limits), [[40n, 200n]])
  await store.settle(settlementOf(first))
  assert.deepEqual(await standing(store, limits), [[80n, 100n]])
})

onEach('what dead replicas left open is closed once, and what they reserved is free', async ({ open }) => {
  const [one, two] = [await open(), await open()]
  const limits = [aLimit('money', 'ever', 100_000)]
  for (const replica of ['alive', 'dead', 'silent']) {
    for (let index = 0; index < 20; index++) await one.open(aGeneration({ replica }), limits)
  }
  await one.beat('dead', noon)
  await one.beat('alive', noon)
  await one.beat('alive', noon + 60_000)
  const at = noon + 61_000
  const counts = await Promise.all([one, two, one].map((store) => store.releaseDead(noon + 30_000, at)))
  assert.equal(
    counts.reduce((a, b) => a + b),
    40,
  )
  assert.deepEqual(await standing(one, limits), [[0n, 2000n]])
  const lost = await one.listGenerations({ outcome: 'lost' }, 100, null)
  assert.equal(lost.length, 40)
  assert.ok(lost.every(({ settledAt, cost }) => settledAt === at && cost === 0n))
  await one.beat('dead', at)
  const back = aGeneration({ replica: 'dead' })
  await one.open(back, limits)
  assert.equal(await one.releaseDead(at, at), 20)
  assert.equal((await one.findGeneration(back.id, null))?.outcome, 'open')
})

onEach('a late settlement takes the place of a loss, once', async ({ open }) => {
  const store = await open()
  const limits = [aLimit('money', 'ever', 1000), aLimit('requests', 'day', 10)]
  const generation = aGeneration()
  await store.open(generation, limits)
  await store.releaseDead(noon, noon)
  assert.deepEqual(await standing(store, limits), [
    [0n, 0n],
    [0n, 0n],
  ])
  await Promise.all([1, 2].map(() => store.settle(settlementOf(generation))))
  await store.settle(settlementOf(generation, { cost: 5n }))
  assert.deepEqual(await standing(store, limits), [
    [40n, 0n],
    [1n, 0n],
  ])
  assert.equal((await store.findGeneration(generation.id, null))?.outcome, 'answered')
  assert.equal(await store.releaseDead(noon + 1, noon), 0)
})
