/** What holds for every request, whatever it wants and however endpoints fare. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Endpoint } from '../../src/endpoint.ts'
import type { Preferences, Question } from '../../src/question.ts'
import type { AttemptResult, Route } from '../../src/route/route.ts'
import { draw, weightOf } from '../../src/route/weights.ts'
import { endpoint, priceOf, tags, world, type World } from './world.ts'

const tagNames = ['groq', 'together', 'vertex', 'vertex/us', 'vertex/eu', 'azure', 'Fireworks'] as const
const modelNames = ['lab/model', 'lab/other'] as const

const anyEndpoint: fc.Arbitrary<Endpoint> = fc
  .record({
    tag: fc.constantFrom(...tagNames),
    model: fc.constantFrom(...modelNames),
    input: fc.integer({ min: 0, max: 400 }),
    output: fc.integer({ min: 0, max: 400 }),
    isPriced: fc.boolean(),
    contextLength: fc.constantFrom(null, 4000, 128_000),
    maxOutputTokens: fc.constantFrom(null, 1000),
    supportedParameters: fc.constantFrom(null, ['tools'], ['tools', 'seed'], []),
    quantization: fc.constantFrom('fp8', 'unknown'),
    collectsData: fc.boolean(),
    isZdr: fc.boolean(),
  })
  .map(({ tag, model, input, output, isPriced, ...change }) =>
    endpoint(tag, { ...change, model, price: isPriced ? priceOf(input / 100, output / 100) : null }),
  )
const anyEndpoints = fc.uniqueArray(anyEndpoint, { selector: ({ id }) => id, maxLength: 8 })

const slugs = fc.array(
  fc.constantFrom('groq', 'GROQ', 'vertex', 'vertex/us', 'google-vertex', 'azure', 'x'),
  { maxLength: 3 },
)
const anyWants: fc.Arbitrary<Partial<Preferences>> = fc.record(
  {
    order: fc.option(slugs),
    only: fc.option(slugs),
    ignore: slugs,
    allowsFallbacks: fc.boolean(),
    requiresParameters: fc.boolean(),
    dataCollection: fc.constantFrom('allow', 'deny'),
    zdr: fc.boolean(),
    quantizations: fc.option(fc.constant(['fp8'])),
    sort: fc.constantFrom(null, 'price', 'throughput', 'latency'),
    sortsAcrossModels: fc.boolean(),
    maxPrice: fc.constantFrom({}, { prompt: '1' }, { completion: '2', request: '0' }),
    minThroughput: fc.constantFrom({}, { p50: 50 }),
    maxLatency: fc.constantFrom({}, { p90: 1 }),
  },
  { requiredKeys: [] },
)
const anyQuestion: fc.Arbitrary<Partial<Question>> = fc.record({
  models: fc.constantFrom(['lab/model'], ['lab/other', 'lab/model'], ['lab/model', 'none', 'lab/model']),
  parameters: fc.subarray(['tools', 'seed', 'response_format']),
  inputTokensBound: fc.constantFrom(null, 100, 100_000),
  maxOutputTokens: fc.constantFrom(null, 2000),
})
const anyPast = fc.array(
  fc.record({
    at: fc.nat(7),
    wait: fc.nat(20_000),
    result: fc.record({
      type: fc.constantFrom<AttemptResult['type'][]>('answer', 'neutral', 'failure', 'failure', 'failure'),
      retryAfter: fc.constantFrom(null, null, null, 5000),
      firstToken: fc.option(fc.integer({ min: 1, max: 3000 })),
      throughput: fc.option(fc.integer({ min: 1, max: 200 })),
    }),
  }),
  { maxLength: 30 },
)
const anyCase = fc.record({
  endpoints: anyEndpoints,
  wants: anyWants,
  change: anyQuestion,
  past: anyPast,
  random: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
  stuckTo: fc.option(fc.nat(7)),
})
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never

function worldOf({ endpoints, past, random, stuckTo }: Case): World {
  const made = world(endpoints)
  made.dice.next = random
  for (const { at, wait, result } of past) {
    made.clock.now += wait
    made.attempt(endpoints[at]?.id ?? 'other', result)
  }
  if (stuckTo !== null)
    made.router.remember({ text: 'conversation', isSession: true }, endpoints[stuckTo]?.id ?? 'gone')
  return made
}

function routeOf(one: Case, wants: Partial<Preferences> = one.wants): Route {
  return worldOf(one).ask(wants, one.change, {}, { text: 'conversation', isSession: true })
}

test('every endpoint of the models asked for is tried or excluded, once', () => {
  fc.assert(
    fc.property(anyCase, (one) => {
      const { candidates, exclusions } = routeOf(one)
      const seen = [
        ...candidates.map(({ endpoint }) => endpoint.id),
        ...exclusions.flatMap(({ endpoint: id }) => id ?? []),
      ]
      const asked = one.endpoints.filter(({ model }) => one.change.models?.includes(model))
      assert.deepEqual(seen.toSorted(), asked.map(({ id }) => id).toSorted())
      for (const { reason } of exclusions) assert.match(reason, /^\S*[^:\s] .{10,}$/)
    }),
    { numRuns: 1000 },
  )
})

test('a wish more never lets an endpoint in, and leaves the others in their order', () => {
  const additions = fc.constantFrom<Partial<Preferences>[]>(
    { ignore: ['groq', 'vertex', 'azure'] },
    { zdr: true },
    { dataCollection: 'deny' },
    { requiresParameters: true },
    { quantizations: ['fp8'] },
    { maxPrice: { prompt: '0.5', completion: '1', request: '0' } },
  )
  fc.assert(
    fc.property(anyCase, additions, (one, addition) => {
      // Nothing is drawn, nobody waits: what is left stands as it stood.
      const plain = {
        ...one,
        past: [],
        stuckTo: null,
        wants: { ...one.wants, sort: 'price' as const, allowsFallbacks: true },
      }
      const before = routeOf(plain)
      const ignore = [...(plain.wants.ignore ?? []), ...(addition.ignore ?? [])]
      const maxPrice = addition.maxPrice ?? plain.wants.maxPrice ?? {}
      if (addition.maxPrice !== undefined && Object.keys(plain.wants.maxPrice ?? {}).length > 0) return
      const after = routeOf(plain, { ...plain.wants, ...addition, ignore, maxPrice })
      const left = new Set(after.candidates.map(({ endpoint: { id } }) => id))
      assert.deepEqual(
        after.candidates.map(({ endpoint: { id } }) => id),
        before.candidates.map(({ endpoint: { id } }) => id).filter((id) => left.has(id)),
      )
    }),
    { numRuns: 1000 },
  )
})

test('what is listed in order stands before what is not, model by model', () => {
  fc.assert(
    fc.property(anyCase, (one) => {
      const order = ['vertex/us', 'groq']
      const { candidates } = routeOf(one, { ...one.wants, order })
      const models = [...new Set(candidates.map(({ endpoint: { model } }) => model))]
      for (const name of models) {
        const ranks = candidates
          .filter(({ endpoint: { model } }) => model === name)
          .map(({ endpoint: { tag } }) => (order.includes(tag) ? order.indexOf(tag) : order.length))
        assert.deepEqual(
          ranks,
          ranks.toSorted((a, b) => a - b),
        )
      }
      const places = candidates.map(({ endpoint: { model } }) => models.indexOf(model))
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
        'a model begins when the one before has ended',
      )
    }),
    { numRuns: 1000 },
  )
})

function cost({ price }: Endpoint): bigint {
  return price === null ? 0n : price.input + price.output
}

test('sorted by price, no candidate is cheaper than the one before that stands as well', () => {
  fc.assert(
    fc.property(anyCase, (one) => {
      const { candidates } = routeOf({ ...one, stuckTo: null }, { ...one.wants, sort: 'price', order: null })
      for (const [index, { endpoint: next, note }] of candidates.entries()) {
        const before = candidates[index - 1]
        if (before === undefined || before.endpoint.model !== next.model || before.note !== note) continue
        assert.ok(cost(before.endpoint) <= cost(next))
      }
    }),
    { numRuns: 1000 },
  )
})

test('shares of a draw add up to one, and only the best take part', () => {
  fc.assert(
    fc.property(anyCase, (one) => {
      const { candidates } = routeOf(one, { ...one.wants, sort: null, order: null, allowsFallbacks: true })
      for (const name of modelNames) {
        const shares = candidates
          .filter(({ endpoint }) => endpoint.model === name)
          .flatMap(({ weight }) => weight ?? [])
        if (candidates.some(({ endpoint }) => endpoint.model === name))
          assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-9)
      }
    }),
    { numRuns: 1000 },
  )
})

test('the same question at the same time with the same dice goes the same way', () => {
  fc.assert(fc.property(anyCase, (one) => assert.deepEqual(tags(routeOf(one)), tags(routeOf(one)))))
})

/** A generator of known quality, with a fixed seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

for (const seed of [1, 20, 300]) {
  test(`over many draws each is first by the inverse square of its price, seed ${String(seed)}`, () => {
    const prices = [1, 2, 3, 5]
    const made = world(
      ['groq', 'together', 'azure', 'vertex'].map((tag, index) =>
        endpoint(tag, { price: priceOf(prices[index] ?? 1, (prices[index] ?? 1) * 3) }),
      ),
      { random: seeded(seed) },
    )
    const draws = 20_000
    const firsts = new Map<string, number>()
    for (let count = 0; count < draws; count++) {
      const [first = ''] = tags(made.ask())
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    const sum = prices.reduce((total, price) => total + 1 / price ** 2, 0)
    const chiSquare = prices.reduce((total, price, index) => {
      const expected = (draws * (1 / price ** 2)) / sum
      const drawn = firsts.get(['groq', 'together', 'azure', 'vertex'][index] ?? '') ?? 0
      return total + (drawn - expected) ** 2 / expected
    }, 0)
    // Three degrees of freedom: 16.27 is passed by chance once in a thousand times.
    assert.ok(chiSquare < 16.27, String(chiSquare))
  })
}

test('$1 is nine times as likely as $3, and a free endpoint not endlessly', () => {
  assert.ok(Math.abs(weightOf(priceOf(1, 1)) / weightOf(priceOf(3, 3)) - 9) < 1e-9)
  assert.equal(weightOf(priceOf(0, 0)), weightOf(null))
  assert.equal(weightOf(priceOf(0, 0)), weightOf(priceOf(0.01, 0.01)))
  assert.ok(weightOf(priceOf(0, 0)) / weightOf(priceOf(1, 1)) <= 10_001)
})

test('a draw is within its weights for any dice', () => {
  const weights = fc.array(fc.double({ min: 1e-12, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, random) => {
      const index = draw(list, random)
      assert.ok(index >= 0 && index < list.length)
    }),
  )
})
