/** A cap holds at any concurrency, and nobody is refused whose bound fits. */
import assert from 'node:assert/strict'
import type { OwnedLimit } from '../../src/limits.ts'
import type { Opened, OpenGeneration, Store } from '../../src/store/store.ts'
import { startChild } from './child.ts'
import { onEach, type Place } from './conformance.ts'
import { aGeneration, aLimit, noon, settlementOf } from './records.ts'

const cap = 12_345n
const bound = 100n
const limits = [aLimit('money', 'month', cap), aLimit('requests', 'day', 1000, 'all')]
const fitting = Number(cap / bound)

interface Try {
  readonly generation: OpenGeneration
  readonly opened: Opened
  readonly store: Store
}

/** Opens so many at once, spread over the stores. */
async function openAll(
  stores: readonly Store[],
  count: number,
  limits: readonly OwnedLimit[],
): Promise<Try[]> {
  const generations = Array.from({ length: count }, () => aGeneration({ boundMoney: bound }))
  return Promise.all(
    generations.map(async (generation, index) => {
      const store = stores[index % stores.length]
      assert.ok(store !== undefined)
      return { generation, store, opened: await store.open(generation, limits) }
    }),
  )
}

const taken = (tries: readonly Try[]): Try[] => tries.filter(({ opened }) => opened.type === 'opened')

async function spentOf(store: Store): Promise<readonly [spent: bigint, reserved: bigint]> {
  const [standing] = await store.standings(limits, noon)
  return [standing?.spent ?? -1n, standing?.reserved ?? -1n]
}

async function race({ open }: Place, count: number): Promise<void> {
  const stores = await Promise.all(Array.from({ length: count }, () => open()))
  const [store] = stores
  assert.ok(store !== undefined)
  const first = taken(await openAll(stores, 500, limits))
  assert.equal(first.length, fitting)
  assert.deepEqual(await spentOf(store), [0n, bound * BigInt(fitting)])
  // They cost less than their bound: what is left over fits others, exactly.
  const cost = 37n
  await Promise.all(first.map(({ generation, store }) => store.settle(settlementOf(generation, { cost }))))
  const spent = cost * BigInt(fitting)
  assert.deepEqual(await spentOf(store), [spent, 0n])
  const second = taken(await openAll(stores, 500, limits))
  assert.equal(second.length, Number((cap - spent) / bound))
  await Promise.all(
    second.map(({ generation, store }) => store.settle(settlementOf(generation, { cost: bound }))),
  )
  const [total, reserved] = await spentOf(store)
  assert.ok(total <= cap)
  assert.ok(cap - total < bound)
  assert.equal(reserved, 0n)
  const [sum] = await store.sumGenerations({}, [])
  assert.equal(sum?.cost, total)
}

onEach('of 500 at once on one key, exactly those open that fit', (place) => race(place, 1))
onEach('a cap holds for three that share a store', (place) => race(place, 3))

onEach('opening and settling at once on many keys and limits keeps every counter right', async ({ open }) => {
  const stores = await Promise.all([open(), open(), open()])
  const owners = ['key:a', 'key:b', 'key:c']
  const shared = [aLimit('tokens', 'minute', 10n ** 9n, 'all'), aLimit('money', 'ever', 10n ** 9n, 'all')]
  await Promise.all(
    Array.from({ length: 60 }, async (_, worker) => {
      for (let round = 0; round < 5; round++) {
        const owner = owners[(worker + round) % 3] ?? ''
        // In another order for each: locks are taken in one.
        const own = [aLimit('money', 'day', 10n ** 9n, owner), aLimit('requests', 'hour', 10n ** 9n, owner)]
        const limits = worker % 2 === 0 ? [...own, ...shared] : [...shared, ...own].toReversed()
        const generation = aGeneration({ keyId: owner.slice(4), at: noon + (round % 2) * 60_000 })
        const store = stores[(worker * 7 + round) % 3]
        assert.equal((await store?.open(generation, limits))?.type, 'opened')
        await stores[(worker + round) % 3]?.settle(settlementOf(generation))
      }
    }),
  )
  const standings = await stores[0].standings(
    [...shared, ...owners.map((owner) => aLimit('money', 'day', 1, owner))],
    noon,
  )
  assert.deepEqual(
    standings.map(({ spent }) => spent),
    [25n * 180n, 40n * 300n, 4000n, 4000n, 4000n],
  )
  assert.ok(standings.every(({ reserved }) => reserved === 0n))
})

onEach('a cap holds for three processes', async ({ open, configuration }, t) => {
  const children = ['x', 'y', 'z'].map((name) => startChild(t, configuration, name))
  await Promise.all(children.map((child) => child.ready))
  for (const child of children) child.say(`open ${String(fitting)} ${String(cap)} ${String(bound)}`)
  const counts = await Promise.all(children.map((child) => child.answer('opened')))
  assert.equal(
    counts.map(Number).reduce((a, b) => a + b),
    fitting,
  )
  assert.deepEqual(await spentOf(await open()), [0n, bound * BigInt(fitting)])
})
