/** What holders' own upstream keys paid, on every store. */
import assert from 'node:assert/strict'
import { onEach } from './conformance.ts'
import { aGeneration, aKey, aLimit, noon, settlementOf, standing } from './records.ts'

onEach(
  'what own upstream keys paid counts where it is to, before and after a counter is made anew',
  async ({ open }) => {
    const store = await open()
    const key = aKey()
    await store.insertKey(key)
    const limits = [aLimit('money', 'day', 1000, `key:${key.id}`), aLimit('money', 'ever', 5000, 'all')]
    const about: readonly { readonly byokCost: bigint; readonly countsByok: boolean }[] = [
      { byokCost: 300n, countsByok: false },
      { byokCost: 70n, countsByok: true },
      { byokCost: 0n, countsByok: true },
    ]
    for (const account of about) {
      const generation = aGeneration({ keyId: key.id })
      await store.open(generation, limits)
      await store.settle(settlementOf(generation, { cost: 1n, isByok: true, ...account }))
    }
    assert.deepEqual(await standing(store, limits), [
      [73n, 0n],
      [73n, 0n],
    ])
    await store.updateKey(key.id, { limits: [], updatedAt: noon })
    assert.deepEqual(await standing(store, limits), [
      [73n, 0n],
      [73n, 0n],
    ])
    const [sum] = await store.sumGenerations({ keyId: key.id }, [])
    assert.deepEqual([sum?.cost, sum?.byokCost, sum?.countedCost], [3n, 370n, 73n])
  },
)

onEach('sums of what they paid have no largest', async ({ open }) => {
  const store = await open()
  const most = 2n ** 63n - 1n
  for (let index = 0; index < 3; index++) {
    const generation = aGeneration()
    await store.open(generation, [])
    await store.settle(settlementOf(generation, { cost: most, byokCost: most, countsByok: true }))
  }
  assert.deepEqual(await standing(store, [aLimit('money', 'ever', 1)]), [[most * 6n, 0n]])
  const [sum] = await store.sumGenerations({}, [])
  assert.deepEqual([sum?.byokCost, sum?.countedCost], [most * 3n, most * 6n])
})
