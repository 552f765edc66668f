/** Whatever is done to the ledger, in whatever order, it says what a list of plain objects says. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { openStore } from '../../src/store/open.ts'
import { spanOf } from '../../src/store/periods.ts'
import type { Limit, OwnedLimit } from '../../src/limits.ts'
import type { OpenGeneration, Outcome, Settlement, Store } from '../../src/store/store.ts'
import { temporaryFolder } from './folder.ts'
import { aGeneration, aKey, noon, settlementOf } from './records.ts'

const keys = ['alpha', 'beta'] as const
const replicas = ['one', 'two'] as const
const forAll: readonly OwnedLimit[] = [
  { owner: 'all', limit: { of: 'money', per: 'day', most: 2000n } },
  { owner: 'all', limit: { of: 'requests', per: 'minute', most: 9n } },
]

interface Opening {
  readonly type: 'open'
  readonly key: (typeof keys)[number]
  readonly replica: (typeof replicas)[number]
  readonly money: bigint
  readonly tokens: number
}
interface Settling {
  readonly type: 'settle'
  /** Which of those there are. */
  readonly index: number
  readonly outcome: Exclude<Outcome, 'lost'>
  readonly money: bigint
  readonly tokens: number
}
type Step =
  | { readonly type: 'together'; readonly operations: readonly (Opening | Settling)[] }
  | { readonly type: 'limits'; readonly key: (typeof keys)[number]; readonly limits: readonly Limit[] }
  | { readonly type: 'jump'; readonly milliseconds: number }
  | { readonly type: 'beat'; readonly replica: (typeof replicas)[number] }
  | { readonly type: 'release'; readonly age: number }
  | { readonly type: 'reopen' }

type Named<Type extends Step['type']> = Extract<Step, { readonly type: Type }>

const amounts = { money: fc.bigInt(0n, 700n), tokens: fc.nat(300) }
const operation = fc.oneof(
  fc.record<Opening>({
    type: fc.constant('open'),
    key: fc.constantFrom(...keys),
    replica: fc.constantFrom(...replicas),
    ...amounts,
  }),
  fc.record<Settling>({
    type: fc.constant('settle'),
    index: fc.nat(50),
    outcome: fc.constantFrom('answered', 'failed', 'cancelled'),
    ...amounts,
  }),
)
const limit = fc.record<Limit>({
  of: fc.constantFrom('money', 'requests', 'tokens'),
  per: fc.constantFrom('minute', 'hour', 'day', 'week', 'month', 'ever'),
  most: fc.bigInt(0n, 1500n),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record<Named<'together'>>({
      type: fc.constant('together'),
      operations: fc.array(operation, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record<Named<'limits'>>({
      type: fc.constant('limits'),
      key: fc.constantFrom(...keys),
      limits: fc.array(limit, { maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record<Named<'jump'>>({
      type: fc.constant('jump'),
      milliseconds: fc.oneof(fc.integer({ min: -90_000, max: 90_000 }), fc.nat(40 * 86_400_000)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record<Named<'beat'>>({ type: fc.constant('beat'), replica: fc.constantFrom(...replicas) }),
  },
  {
    weight: 1,
    arbitrary: fc.record<Named<'release'>>({ type: fc.constant('release'), age: fc.nat(200_000) }),
  },
  { weight: 1, arbitrary: fc.record<Named<'reopen'>>({ type: fc.constant('reopen') }) },
)

/** The ledger as it should be. */
class Model {
  readonly generations: {
    generation: OpenGeneration
    outcome: Outcome | 'open'
    money: bigint
    tokens: number
  }[] = []
  readonly limits = new Map<string, readonly Limit[]>(keys.map((key) => [key, []]))
  readonly beats = new Map<string, number>()
  now = noon

  limitsOf(key: string): readonly OwnedLimit[] {
    const own = this.limits.get(key) ?? []
    return [...own.map((limit) => ({ owner: `key:${key}`, limit })), ...forAll]
  }

  standing({ owner, limit }: OwnedLimit, at = this.now): readonly [spent: bigint, reserved: bigint] {
    const { start, end } = spanOf(limit.per, at)
    let [spent, reserved] = [0n, 0n]
    for (const { generation, outcome, money, tokens } of this.generations) {
      if (owner !== 'all' && owner !== `key:${generation.keyId}`) continue
      if (generation.at < start || (end !== null && generation.at >= end)) continue
      const { boundMoney, boundTokens } = generation
      const bound = { money: boundMoney, tokens: BigInt(boundTokens), requests: 1n }[limit.of]
      const actual = { money, tokens: BigInt(tokens), requests: 1n }[limit.of]
      if (outcome === 'open') reserved += bound
      else if (outcome !== 'lost') spent += actual
    }
    return [spent, reserved]
  }

  fits(generation: OpenGeneration): boolean {
    return this.limitsOf(generation.keyId).every((limit) => {
      const [spent, reserved] = this.standing(limit)
      const { boundMoney, boundTokens } = generation
      const bound = { money: boundMoney, tokens: BigInt(boundTokens), requests: 1n }[limit.limit.of]
      return spent + reserved + bound <= limit.limit.most
    })
  }
}

/** Those that settle are carried out first: what they let go may be taken at once. */
async function together(
  store: Store,
  model: Model,
  operations: readonly (Opening | Settling)[],
): Promise<void> {
  const known = [...model.generations]
  const settlings = operations
    .filter((one) => one.type === 'settle')
    .filter(({ index }) => index < known.length)
  const openings = operations
    .filter((one) => one.type === 'open')
    .map(({ key, replica, money, tokens }) =>
      aGeneration({ keyId: key, replica, at: model.now, boundMoney: money, boundTokens: tokens }),
    )
  const opened = openings.map((generation) => store.open(generation, model.limitsOf(generation.keyId)))
  const settled = settlings.map(({ index, outcome, money, tokens }) => {
    const entry = known[index]
    assert.ok(entry !== undefined)
    if (entry.outcome === 'open' || entry.outcome === 'lost') Object.assign(entry, { outcome, money, tokens })
    const about: Partial<Settlement> = {
      outcome,
      cost: money,
      inputTokens: tokens,
      outputTokens: 0,
      at: model.now,
    }
    return store.settle(settlementOf(entry.generation, about))
  })
  await Promise.all(settled)
  for (const [index, generation] of openings.entries()) {
    const fits = model.fits(generation)
    assert.equal((await opened[index])?.type, fits ? 'opened' : 'refused')
    if (fits) model.generations.push({ generation, outcome: 'open', money: 0n, tokens: 0 })
  }
}

async function take(store: Store, model: Model, step: Exclude<Step, { type: 'reopen' }>): Promise<void> {
  if (step.type === 'together') await together(store, model, step.operations)
  if (step.type === 'jump') model.now += step.milliseconds
  if (step.type === 'limits') {
    model.limits.set(step.key, step.limits)
    await store.updateKey(step.key, { limits: step.limits })
  }
  if (step.type === 'beat') {
    model.beats.set(step.replica, model.now)
    await store.beat(step.replica, model.now)
  }
  if (step.type === 'release') {
    const before = model.now - step.age
    const lives = (replica: string): boolean => (model.beats.get(replica) ?? -Infinity) >= before
    const dead = model.generations.filter((one) => one.outcome === 'open' && !lives(one.generation.replica))
    for (const entry of dead) entry.outcome = 'lost'
    assert.equal(await store.releaseDead(before, model.now), dead.length)
  }
}

test('the ledger and its counters follow the model through any history', async (t) => {
  const folder = await temporaryFolder(t)
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const configuration = { type: 'sqlite', path: join(folder, `${++runs}.db`) } as const
      const model = new Model()
      let store = await openStore(configuration)
      try {
        for (const id of keys) await store.insertKey(aKey({ id }))
        for (const step of steps) {
          if (step.type === 'reopen') {
            await store.close()
            store = await openStore(configuration)
          } else await take(store, model, step)
          for (const key of keys) {
            const limits = model.limitsOf(key)
            const standings = await store.standings(limits, model.now)
            assert.deepEqual(
              standings.map(({ spent, reserved }) => [spent, reserved]),
              limits.map((limit) => model.standing(limit)),
            )
          }
        }
        const ledger = await store.listGenerations({}, 1000, null)
        assert.deepEqual(
          new Map(ledger.map(({ id, outcome, cost }) => [id, [outcome, cost]])),
          new Map(
            model.generations.map(({ generation, outcome, money }) => [generation.id, [outcome, money]]),
          ),
        )
      } finally {
        await store.close()
      }
    }),
    { numRuns: Number(process.env['PLAYHEAD_RUNS'] ?? 60) },
  )
})
