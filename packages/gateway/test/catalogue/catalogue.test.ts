/** The catalogue against the package that it is made from: exact, dated, tiered, and under the right provider. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  calcPrice,
  type ModelInfo,
  type ModelPrice,
  type Provider,
  waitForUpdate,
} from '@pydantic/genai-prices'
import { providers as wireProviders, resolveBaseUrl } from '@playhead/wire'
import * as fc from 'fast-check'
import { catalogueIds, createCatalogue, loadCatalogue } from '../../src/catalogue/catalogue.ts'
import { lintPrices } from '../../src/catalogue/lint.ts'
import { priceAt, priceOf } from '../../src/catalogue/rates.ts'
import { dollars } from '../../src/money.ts'
import { costOf, type Price } from '../../src/price.ts'

const catalogue = await loadCatalogue()
const providers = (await waitForUpdate()) ?? []
const now = Date.parse('2026-10-01T12:00:00Z')

/** Every price of every model, whenever it holds. */
const all: readonly (readonly [name: string, id: string, said: ModelPrice])[] = providers.flatMap(
  ({ id, models }) =>
    models.flatMap((model) => {
      const dated = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }]
      return dated.map(
        ({ prices }, index) => [`${id}:${model.id}:${String(index)}`, model.id, prices] as const,
      )
    }),
)

const variables = {
  AZURE_RESOURCE_NAME: 'name',
  GOOGLE_CLOUD_LOCATION: 'europe-west1',
  GOOGLE_CLOUD_PROJECT: 'project',
  AWS_REGION: 'eu-west-1',
}

for (const [kind, id] of Object.entries(catalogueIds)) {
  test(`${kind} is the catalogue's ${id}: its address is known to belong to it`, () => {
    const provider = wireProviders.get(kind)
    assert.ok(provider)
    const pattern = providers.find((candidate) => candidate.id === id)?.api_pattern
    assert.ok(pattern !== undefined)
    const [dialect = ''] = provider.dialects
    assert.match(resolveBaseUrl(provider, dialect, variables), new RegExp(`^(?:${pattern})`))
    assert.notDeepEqual(catalogue.names(kind), [])
  })
}

test('each price is the exact amount that its decimal text says', () => {
  for (const [name, id, said] of all) {
    const price = priceOf(id, said)
    for (const [key, pick] of [
      ['input_mtok', ({ input }: Price) => input],
      ['output_mtok', ({ output }: Price) => output],
      ['cache_read_mtok', ({ cachedInput }: Price) => cachedInput],
      ['cache_write_mtok', ({ cacheWrite }: Price) => cacheWrite],
    ] as const) {
      const value = said[key]
      if (value === undefined) continue
      assert.ok(price !== null, name)
      const float = typeof value === 'number' ? value : value.base
      // A thousandth of a billionth of a dollar for one token, from dollars for a million: six places are kept.
      const [whole = '', fraction = ''] = float.toFixed(9).split('.')
      const text = BigInt(whole + fraction.slice(0, 6)) + (/[1-9]/.test(fraction.slice(6)) ? 1n : 0n)
      assert.equal(pick(price), text, `${name} ${key} ${String(float)}`)
    }
  }
})

/** What the package counts too, and we as one with the rest. */
const others =
  /^(output_reasoning|output_citation|requests_kcount|(in|out)put_(audio|image|video)|cache_write_1h)/

test('an answer costs what the package says, to the rounding of its floats', () => {
  const plain = all.filter(
    ([, id, said]) => priceOf(id, said) !== null && !Object.keys(said).some((key) => others.test(key)),
  )
  assert.ok(plain.length > 1200, String(plain.length))
  const tokens = fc.oneof(
    fc.nat(1000),
    fc.nat(2_000_000),
    fc.constantFrom(128_000, 128_001, 200_000, 200_001),
  )
  fc.assert(
    fc.property(fc.constantFrom(...plain), tokens, fc.nat(100), fc.nat(100), fc.nat(100_000), (...args) => {
      const [[name, id, said], inputTokens, cachedShare, writtenShare, outputTokens] = args
      const cached = Math.floor((inputTokens * cachedShare) / 100)
      const written = Math.floor(((inputTokens - cached) * writtenShare) / 100)
      const usage = {
        inputTokens,
        outputTokens,
        cachedInputTokens: cached,
        cacheWriteTokens: written,
        reasoningTokens: 0,
      }
      const price = priceOf(id, said)
      assert.ok(price !== null)
      const ours = Number(dollars(costOf(price, usage)))
      const theirs = theirCost(said, inputTokens, cached, written, outputTokens)
      // Rounding up to whole pico-dollars for each token is all that may differ.
      const rounding = (inputTokens + outputTokens) * 1e-12 + theirs * 1e-9
      assert.ok(Math.abs(ours - theirs) <= rounding, `${name}: ${String(ours)} for ${String(theirs)}`)
    }),
    { numRuns: 3000 },
  )
})

/** By the package's own arithmetic, over a provider that has this price alone. */
function theirCost(
  prices: ModelPrice,
  input: number,
  cached: number,
  written: number,
  output: number,
): number {
  const provider = { ...nobody, models: [{ id: 'model', match: { equals: 'model' }, prices }] }
  const usage = {
    input_tokens: input,
    output_tokens: output,
    cache_read_tokens: cached,
    cache_write_tokens: written,
  }
  return calcPrice(usage, 'model', { provider })?.total_price ?? Number.NaN
}

const nobody: Provider = { id: 'nobody', name: 'Nobody', api_pattern: 'nobody', models: [] }

function theirs(model: ModelInfo, at: number): Price | null {
  const provider = { ...nobody, models: [{ ...model, match: { equals: 'model' } }] }
  const found = calcPrice({}, 'model', { provider, timestamp: new Date(at) })
  assert.ok(found)
  return priceOf(model.id, found.model_price)
}

test('at any time the price is the one that the package would take, and holds until it says', () => {
  const dated = providers.flatMap(({ id, models }) =>
    models.filter(({ prices }) => Array.isArray(prices)).map((model) => ({ provider: id, model })),
  )
  assert.ok(dated.length >= 20)
  const times = fc.date({ min: new Date('2024-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(
      fc.constantFrom(...dated),
      times,
      fc.double({ min: 0, max: 1, noNaN: true }),
      ({ model }, date, share) => {
        const at = date.getTime()
        const { price, until } = priceAt(model, at)
        assert.deepEqual(price, theirs(model, at))
        if (until === null) return
        assert.ok(until > at)
        const later = Math.floor(at + share * (until - 1 - at))
        assert.deepEqual(theirs(model, later), price, 'it changed before it said')
      },
    ),
    { numRuns: 2000 },
  )
})

test('hours may go over midnight, in any zone', () => {
  const constraint = {
    type: 'time_of_date',
    start_time: '22:00:00+02:00',
    end_time: '06:30:00+02:00',
  } as const
  const model: ModelInfo = {
    id: 'm',
    match: { equals: 'm' },
    prices: [{ prices: { input_mtok: 2 } }, { constraint, prices: { input_mtok: 1 } }],
  }
  for (const [time, dollars, until] of [
    ['19:59:59', 2, '2026-10-01T20:00:00Z'],
    ['20:00:00', 1, '2026-10-02T04:30:00Z'],
    ['04:29:59', 1, '2026-10-01T04:30:00Z'],
    ['04:30:00', 2, '2026-10-01T20:00:00Z'],
  ] as const) {
    const at = Date.parse(`2026-10-01T${time}Z`)
    const { price, until: ends } = priceAt(model, at)
    assert.equal(price?.input, BigInt(dollars) * 1_000_000n)
    assert.deepEqual(price, theirs(model, at))
    assert.equal(ends, Date.parse(until))
  }
})

test('a price of night hours ends when the hour does', () => {
  const evening = catalogue.find('deepseek', 'deepseek-chat', Date.parse('2026-10-01T16:29:59Z'))
  const night = catalogue.find('deepseek', 'deepseek-chat', Date.parse('2026-10-01T16:30:00Z'))
  assert.equal(evening?.until, Date.parse('2026-10-01T16:30:00Z'))
  assert.equal(night?.until, Date.parse('2026-10-02T00:30:00Z'))
  assert.equal(evening?.price?.input, 270_000n)
  assert.equal(night?.price?.input, 135_000n)
})

test('a long prompt is in the tier that begins above its start', () => {
  const price = catalogue.find('google', 'gemini-2.5-pro', now)?.price
  assert.ok(price)
  assert.equal(price.input, 1_250_000n)
  assert.deepEqual(
    price.tiers.map(({ from, input, output }) => ({ from, input, output })),
    [{ from: 200_001, input: 2_500_000n, output: 15_000_000n }],
  )
})

const sayings: readonly [sentence: string, id: string, said: ModelPrice, expected: Partial<Price> | null][] =
  [
    [
      'what is not said of cached input costs as input',
      'm',
      { input_mtok: 3 },
      { cachedInput: 3_000_000n, cacheWrite: 3_000_000n },
    ],
    ['an empty price is none', 'm', {}, null],
    ['an empty price is free where the name says so', 'm:free', {}, { input: 0n, output: 0n }],
    ['hours of sound are no price for tokens', 'm', { audio_hours: 0.36 }, null],
    [
      'what answers in sound alone costs as sound',
      'm',
      { input_mtok: 1, output_audio_mtok: 12 },
      { output: 12_000_000n },
    ],
    ['an embedding has no output', 'm', { input_mtok: 0.02 }, { input: 20_000n, output: 0n }],
    [
      'a request is priced by the thousand',
      'm',
      { input_mtok: 1, requests_kcount: 5 },
      { request: 5_000_000_000n },
    ],
    ['noise of floats is no price', 'm', { input_mtok: 0.18000000000000002 }, { input: 180_000n }],
    [
      'what is finer than a pico-dollar is rounded up',
      'm',
      { input_mtok: 0.08333333333333334 },
      { input: 83_334n },
    ],
  ]
for (const [sentence, id, said, expected] of sayings) {
  test(sentence, () => {
    const price = priceOf(id, said)
    if (expected === null || price === null) assert.equal(price, expected)
    else assert.partialDeepStrictEqual(price, expected)
  })
}

test('every name that is listed finds its own entry', () => {
  for (const kind of [...Object.keys(catalogueIds), 'huggingface']) {
    const names = catalogue.names(kind)
    assert.equal(new Set(names).size, names.length)
    for (const name of names) assert.ok(catalogue.find(kind, name, now), `${kind}: ${name}`)
  }
})

test('models go by the names that their provider takes', () => {
  assert.ok(catalogue.names('fireworks').includes('accounts/fireworks/models/gpt-oss-120b'))
  assert.equal(catalogue.find('anthropic', 'claude-sonnet-4-5-20250929', now)?.id, 'claude-sonnet-4-5')
  assert.equal(catalogue.find('huggingface', 'Qwen/Qwen3-32B:groq', now)?.id, 'Qwen/Qwen3-32B')
  assert.equal(catalogue.find('huggingface', 'Qwen/Qwen3-32B', now), null)
  assert.equal(catalogue.find('google', 'claude-sonnet-4-5', now), null)
  assert.ok(catalogue.find('vertex', 'claude-sonnet-4-5', now))
  assert.equal(catalogue.find('ollama', 'llama3', now), null)
})

test('the whole catalogue has no price that looks like a mistake', () => {
  const prices = all.flatMap(([name, id, said]) => {
    const price = priceOf(id, said)
    return price === null ? [] : [[name, price] as const]
  })
  const found = lintPrices(prices).map(({ name, rule }) => `${name} ${rule}`)
  assert.deepEqual(found, known)
})

/** Looked at, each with its reason. */
const known: readonly string[] = [
  // A guard: it reads a conversation and answers "safe". https://developers.cloudflare.com/workers-ai/platform/pricing/
  'cloudflare:@cf/meta/llama-guard-3-8b:0 output-below-input',
]

test('a catalogue of nothing knows nothing', () => {
  const empty = createCatalogue([], () => null)
  assert.deepEqual(empty.names('openai'), [])
  assert.equal(empty.find('openai', 'gpt-4o', now), null)
})
