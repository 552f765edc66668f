/** In which order endpoints are tried: what the client lists or sorts by, the draw, health, fallback models, conversations. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '../../src/endpoint.ts'
import type { Preferences, Question } from '../../src/question.ts'
import { endpoint, fail, reasons, tags, three, two, world, type World } from './world.ts'

interface Case {
  readonly sentence: string
  readonly endpoints?: readonly Endpoint[]
  readonly wants?: Partial<Preferences>
  readonly change?: Partial<Question>
  /** Of the draw, 0 to 1. */
  readonly random?: number
  readonly before?: (world: World) => void
  readonly order: readonly string[]
  readonly strategy: string
}

const table: readonly Case[] = [
  {
    sentence: 'the draw takes the cheapest for most of its range',
    random: 0.7,
    order: ['vertex/us', 'groq', 'together'],
    strategy: 'weighted',
  },
  {
    sentence: 'another that is drawn comes first, the rest by price',
    random: 0.9,
    order: ['groq', 'vertex/us', 'together'],
    strategy: 'weighted',
  },
  {
    sentence: 'the dearest is drawn too',
    random: 0.999,
    order: ['together', 'vertex/us', 'groq'],
    strategy: 'weighted',
  },
  {
    sentence: 'order is kept, and the others follow by price',
    wants: { order: ['together'] },
    order: ['together', 'vertex/us', 'groq'],
    strategy: 'order',
  },
  {
    sentence: 'order by base slug means all regions',
    wants: { order: ['Together', 'VERTEX'] },
    order: ['together', 'vertex/us', 'groq'],
    strategy: 'order',
  },
  {
    sentence: 'an order of strangers is as none but for the draw',
    wants: { order: ['nobody'] },
    random: 0.999,
    order: ['vertex/us', 'groq', 'together'],
    strategy: 'order',
  },
  {
    sentence: 'an empty order is none',
    wants: { order: [] },
    order: ['vertex/us', 'groq', 'together'],
    strategy: 'weighted',
  },
  {
    sentence: 'an order holds for those who fail, too',
    wants: { order: ['together', 'groq'] },
    before: (world) => fail(world, 'together', 3),
    order: ['together', 'groq', 'vertex/us'],
    strategy: 'order',
  },
  {
    sentence: 'sorted by price nothing is drawn',
    wants: { sort: 'price' },
    random: 0.999,
    order: ['vertex/us', 'groq', 'together'],
    strategy: 'price',
  },
  {
    sentence: 'sorted by throughput the fastest comes first, the unknown last',
    wants: { sort: 'throughput' },
    before(world) {
      world.attempt('together:lab/model', { throughput: 200 })
      world.attempt('groq:lab/model', { throughput: 100 })
    },
    order: ['together', 'groq', 'vertex/us'],
    strategy: 'throughput',
  },
  {
    sentence: 'sorted by latency the quickest comes first, the unknown last',
    wants: { sort: 'latency' },
    before(world) {
      world.attempt('together:lab/model', { firstToken: 100 })
      world.attempt('groq:lab/model', { firstToken: 200 })
    },
    order: ['together', 'groq', 'vertex/us'],
    strategy: 'latency',
  },
  {
    sentence: 'who fails stands at the back',
    before: (world) => fail(world, 'vertex/us', 3),
    order: ['groq', 'together', 'vertex/us'],
    strategy: 'weighted',
  },
  {
    sentence: 'two failures are no outage',
    before: (world) => fail(world, 'vertex/us', 2),
    order: ['vertex/us', 'groq', 'together'],
    strategy: 'weighted',
  },
  {
    sentence: 'who fails stands at the back of a sort',
    wants: { sort: 'price' },
    before: (world) => fail(world, 'vertex/us', 4),
    order: ['groq', 'together', 'vertex/us'],
    strategy: 'price',
  },
  {
    sentence: 'after half a minute an outage is forgotten',
    before(world) {
      fail(world, 'vertex/us', 4)
      world.clock.now += 30_000
    },
    order: ['vertex/us', 'groq', 'together'],
    strategy: 'weighted',
  },
  {
    sentence: 'who is slower than is wanted stands behind, before those who fail, however cheap',
    wants: { minThroughput: { p50: 50 } },
    before(world) {
      fail(world, 'vertex/us', 3)
      world.attempt('groq:lab/model', { throughput: 49 })
      world.attempt('together:lab/model', { throughput: 50 })
    },
    order: ['together', 'groq', 'vertex/us'],
    strategy: 'weighted',
  },
  {
    sentence: 'latency is wanted in seconds',
    wants: { maxLatency: { p90: 0.5 } },
    before(world) {
      world.attempt('vertex/us:lab/model', { firstToken: 501 })
      world.attempt('groq:lab/model', { firstToken: 500 })
    },
    order: ['groq', 'together', 'vertex/us'],
    strategy: 'weighted',
  },
  {
    sentence: 'who is known not to support tools stands behind where tools are used',
    endpoints: [three[0] ?? endpoint('none'), endpoint('vertex/us', { supportedParameters: ['seed'] })],
    change: { parameters: ['tools'] },
    order: ['together', 'vertex/us'],
    strategy: 'weighted',
  },
  {
    sentence: 'other parameters are not preferred, only required where that is wanted',
    endpoints: [three[0] ?? endpoint('none'), endpoint('vertex/us', { supportedParameters: ['tools'] })],
    change: { parameters: ['seed'] },
    order: ['vertex/us', 'together'],
    strategy: 'weighted',
  },
  {
    sentence: 'fallback models follow, however cheap',
    endpoints: two,
    change: { models: ['lab/model', 'lab/other'] },
    order: ['groq', 'cerebras lab/other', 'groq lab/other'],
    strategy: 'weighted',
  },
  {
    sentence: 'a model that is named twice is tried once',
    endpoints: two,
    change: { models: ['lab/model', 'lab/model'] },
    order: ['groq'],
    strategy: 'weighted',
  },
  {
    sentence: 'sorted model by model, fallback models follow',
    endpoints: two,
    wants: { sort: 'price' },
    change: { models: ['lab/model', 'lab/other'] },
    order: ['groq', 'cerebras lab/other', 'groq lab/other'],
    strategy: 'price',
  },
  {
    sentence: 'sorted across models, the cheapest of any comes first',
    endpoints: two,
    wants: { sort: 'price', sortsAcrossModels: true },
    change: { models: ['lab/model', 'lab/other'] },
    order: ['cerebras lab/other', 'groq', 'groq lab/other'],
    strategy: 'price',
  },
  {
    sentence: 'without fallbacks each model keeps its first',
    endpoints: two,
    wants: { allowsFallbacks: false },
    change: { models: ['lab/model', 'lab/other'] },
    order: ['groq', 'cerebras lab/other'],
    strategy: 'weighted',
  },
]

for (const { sentence, endpoints = three, wants, change, random = 0, before, order, strategy } of table) {
  test(sentence, () => {
    const made = world(endpoints)
    made.dice.next = random
    before?.(made)
    const route = made.ask(wants, change)
    assert.deepEqual(tags(route), order)
    assert.equal(route.strategy, strategy)
  })
}

test('the shares of a draw are told, and why others stand behind', () => {
  const made = world([...three, endpoint('fireworks')])
  fail(made, 'fireworks', 3)
  const { candidates } = made.ask()
  const sum = 1 + 1 / 4 + 1 / 9
  assert.deepEqual(
    candidates.map(({ endpoint: { tag }, weight, note }) => [
      tag,
      weight === null ? null : Math.round(weight * sum * 36),
      note,
    ]),
    [
      ['vertex/us', 36, null],
      ['groq', 9, null],
      ['together', 4, null],
      ['fireworks', null, 'unhealthy'],
    ],
  )
})

test('fallback models are told', () => {
  const { candidates } = world(two).ask({}, { models: ['lab/model', 'lab/other'] })
  assert.deepEqual(
    candidates.map(({ note }) => note),
    [null, 'fallback model', 'fallback model'],
  )
})

test('who asked to be left alone is left alone for just so long', () => {
  const made = world(three)
  made.attempt('vertex/us:lab/model', { type: 'failure', retryAfter: 2500 })
  const route = made.ask()
  assert.deepEqual(tags(route), ['groq', 'together'])
  assert.deepEqual(reasons(route), [
    'cooling_down: vertex/us asked to be left alone until 2026-10-01T12:00:02.500Z, for 2.5 s',
  ])
  made.clock.now += 2499
  assert.deepEqual(tags(made.ask()), ['groq', 'together'])
  made.clock.now += 1
  assert.deepEqual(tags(made.ask()), ['vertex/us', 'groq', 'together'])
})

test('where all asked to be left alone, nobody is tried and the soonest is told', () => {
  const made = world([endpoint('groq'), endpoint('together')])
  made.attempt('groq:lab/model', { type: 'failure', retryAfter: 9000 })
  made.attempt('together:lab/model', { type: 'failure', retryAfter: 4000 })
  const { candidates, exclusions } = made.ask()
  assert.deepEqual(candidates, [])
  assert.deepEqual(
    exclusions.map(({ code, endpoint: id }) => [code, made.health.of(id ?? '').until]),
    [
      ['cooling_down', made.clock.now + 9000],
      ['cooling_down', made.clock.now + 4000],
    ],
  )
})

test('who failed too often is left alone while there is another, of a fallback model too', () => {
  const made = world(two)
  fail(made, 'groq', 5)
  const alone = made.ask()
  assert.deepEqual(tags(alone), ['groq'])
  const withOthers = made.ask({}, { models: ['lab/model', 'lab/other'] })
  assert.deepEqual(tags(withOthers), ['cerebras lab/other', 'groq lab/other'])
  assert.deepEqual(reasons(withOthers), [
    'cooling_down: groq failed too often and is left alone until 2026-10-01T12:00:01.000Z, for 1.0 s',
  ])
})
