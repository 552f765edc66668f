/** What the ledger gives back, on every store. */
import assert from 'node:assert/strict'
import type { AttemptRecord, GenerationRecord } from '../../src/store/store.ts'
import { onEach } from './conformance.ts'
import { aGeneration, aKey, aLimit, noon, settlementOf, standing } from './records.ts'

const day = 86_400_000

/** Larger than a double can tell from its neighbours. */
const large = 2n ** 53n + 1n

const nasty = [
  `'; drop table playhead_generation; --`,
  `" or 1 = 1 --`,
  '$1 ? :id @id {} [] \\ %_',
  'key:alpha money 0 ever',
  'ключ 🔑 \u2028 \ud800 end',
]

onEach('a generation is in the ledger when it is opened, and whole when it is settled', async ({ open }) => {
  const store = await open()
  const generation = aGeneration({
    isStream: true,
    user: 'u',
    session: 's',
    boundMoney: large,
    boundTokens: 7,
  })
  assert.deepEqual(await store.open(generation, []), { type: 'opened' })
  const opened = await store.findGeneration(generation.id, null)
  assert.equal(opened?.outcome, 'open')
  assert.equal(opened.settledAt, null)
  assert.equal(opened.boundMoney, large)
  const attempt: AttemptRecord = {
    endpoint: 'some/model',
    provider: 'some',
    startedAfter: 1.5,
    duration: 20,
    firstTokenAfter: null,
    status: null,
    outcome: 'network',
    message: 'it broke',
    inputTokens: 1,
    outputTokens: 2,
    cost: large,
  }
  const settlement = settlementOf(generation, {
    upstreamId: 'chatcmpl-1',
    cost: large,
    providerCost: large + 1n,
    catalogueCost: 0n,
    isEstimated: true,
    isByok: true,
    attempts: [attempt],
    story: '{"a":"ü"}',
    tape: 'x.tape.jsonl#3',
  })
  await store.settle(settlement)
  const { at, ...rest } = settlement
  const expected: GenerationRecord = { ...generation, ...rest, settledAt: at }
  assert.deepEqual(await store.findGeneration(generation.id, null), expected)
})

onEach('a generation is found by the upstream’s id too, by its key alone, ours first', async ({ open }) => {
  const store = await open()
  const [first, second, sly] = [aGeneration(), aGeneration({ at: noon + 1 }), aGeneration({ keyId: 'beta' })]
  const ids = [
    [first, 'up'],
    [second, 'up'],
    [sly, first.id],
  ] as const
  for (const [generation, upstreamId] of ids) {
    await store.open(generation, [])
    await store.settle(settlementOf(generation, { upstreamId }))
  }
  assert.equal((await store.findGeneration('up', null))?.id, second.id)
  assert.equal((await store.findGeneration(first.id, null))?.id, first.id)
  assert.equal((await store.findGeneration(first.id, 'beta'))?.id, sly.id)
  assert.equal(await store.findGeneration('up', 'beta'), null)
})

onEach('an upstream’s id may be of any length', async ({ open }) => {
  const store = await open()
  const generation = aGeneration()
  await store.open(generation, [])
  // Noise, so that no index can pack it.
  const upstreamId = Array.from({ length: 3000 }, (_, index) => ((index * 7919) % 104_729).toString(36)).join(
    '',
  )
  await store.settle(settlementOf(generation, { upstreamId }))
  assert.equal((await store.findGeneration(upstreamId, null))?.id, generation.id)
})

onEach('a generation that nobody opened cannot be settled', async ({ open }) => {
  const store = await open()
  await assert.rejects(store.settle(settlementOf(aGeneration())), /There is no generation/)
})

onEach(
  'pages of the ledger hold every generation once, newest first, also those of one moment',
  async ({ open }) => {
    const store = await open()
    for (let index = 0; index < 25; index++) {
      const at = noon + Math.floor(index / 5)
      await store.open(aGeneration({ at, keyId: index % 2 === 0 ? 'alpha' : 'beta' }), [])
    }
    for (const filter of [{}, { keyId: 'alpha' }, { from: noon + 1, to: noon + 4 }]) {
      const whole = await store.listGenerations(filter, 100, null)
      const paged: GenerationRecord[] = []
      for (;;) {
        const page = await store.listGenerations(filter, 4, paged.at(-1)?.id ?? null)
        if (page.length === 0) break
        paged.push(...page)
      }
      assert.deepEqual(paged, whole)
      assert.deepEqual(
        whole.map(({ at }) => at),
        whole.map(({ at }) => at).toSorted((a, b) => b - a),
      )
      assert.equal(new Set(whole.map(({ id }) => id)).size, whole.length)
    }
    assert.equal((await store.listGenerations({}, 100, null)).length, 25)
    assert.equal((await store.listGenerations({ keyId: 'alpha' }, 100, null)).length, 13)
    assert.equal((await store.listGenerations({ from: noon + 1, to: noon + 4 }, 100, null)).length, 15)
    assert.deepEqual(await store.listGenerations({}, 100, 'nobody'), [])
  },
)

const sum = (group: object, requests: number, cost: bigint, difference: bigint): object => ({
  group,
  requests,
  inputTokens: 10 * requests,
  outputTokens: 4 * requests,
  cachedInputTokens: 3 * requests,
  reasoningTokens: 2 * requests,
  cost,
  byokCost: 0n,
  countedCost: cost,
  difference,
})

onEach('sums are exact, beyond what a double and what a 64-bit number can hold', async ({ open }) => {
  const store = await open()
  const huge = 2n ** 63n - 1n
  for (const [at, provider, cost, difference] of [
    [noon, 'x', huge, 3n],
    [noon + day, 'x', huge, -5n],
    [noon + day, 'x', huge, null],
    [noon + day, 'y', 1n, 0n],
  ] as const) {
    const generation = aGeneration({ at })
    await store.open(generation, [])
    const catalogueCost = difference === null ? null : 10n
    const providerCost = difference === null ? cost : 10n + difference
    const tokens = { inputTokens: 10, outputTokens: 4, cachedInputTokens: 3, reasoningTokens: 2 }
    await store.settle(settlementOf(generation, { provider, cost, providerCost, catalogueCost, ...tokens }))
  }
  await store.open(aGeneration(), [])
  assert.deepEqual(await store.sumGenerations({}, []), [sum({}, 4, 3n * huge + 1n, -2n)])
  assert.deepEqual(await store.sumGenerations({}, ['provider', 'day']), [
    sum({ provider: 'x', day: '2026-10-15' }, 1, huge, 3n),
    sum({ provider: 'x', day: '2026-10-16' }, 2, 2n * huge, -5n),
    sum({ provider: 'y', day: '2026-10-16' }, 1, 1n, 0n),
  ])
  assert.deepEqual(await store.sumGenerations({ keyId: 'nobody' }, []), [])
  const limits = [aLimit('money', 'ever', 2n ** 80n)]
  await store.open(aGeneration(), limits)
  assert.deepEqual(await standing(store, limits), [[3n * huge + 1n, 200n]])
})

onEach('names that are SQL are names', async ({ open }) => {
  const store = await open()
  for (const [index, name] of nasty.entries()) {
    const id = `${name}${index}`
    await store.insertKey(aKey({ id, name, models: [name] }))
    const limits = [aLimit('money', 'ever', 100, `key:${id}`), aLimit('money', 'ever', 10n ** 9n, name)]
    const about = { keyId: id, model: name, user: name, session: name, requestId: name, replica: name }
    const generation = aGeneration({ ...about, id: `gen-${id.toWellFormed()}` })
    assert.equal((await store.open(generation, limits)).type, 'opened')
    assert.equal((await store.open({ ...generation, id: `gen2-${index}` }, limits)).type, 'refused')
    await store.settle(settlementOf(generation, { provider: name, upstreamId: `up-${id}`, story: name }))
    const found = await store.findGeneration(`up-${id}`, id)
    assert.equal(found?.model, Buffer.from(name).toString())
    assert.equal((await store.listGenerations({ keyId: id, model: name, provider: name }, 5, null)).length, 1)
    assert.deepEqual(await standing(store, limits.slice(0, 1)), [[40n, 0n]])
    await store.beat(name, noon)
  }
  assert.equal((await store.listKeys()).length, nasty.length)
})

onEach('a zero in a text is no reason to lose a generation', async ({ open }) => {
  const store = await open()
  const generation = aGeneration({ user: 'a\0b' })
  await Promise.all([store.open(generation, []), store.open(aGeneration(), [])])
  await store.settle(settlementOf(generation, { upstreamId: 'x\0y', story: '{"\0":1}' }))
  assert.equal((await store.findGeneration(generation.id, null))?.outcome, 'answered')
  assert.equal((await store.findGeneration('x\0y', null))?.id, generation.id)
})
