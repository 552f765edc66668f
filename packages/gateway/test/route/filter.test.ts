/** What a request rules out: each filter with the sentence that it gives, and a near miss beside it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '../../src/endpoint.ts'
import type { Preferences, Question } from '../../src/question.ts'
import type { Allowed } from '../../src/route/route.ts'
import { endpoint, priceOf, reasons, tags, world } from './world.ts'

interface Case {
  readonly sentence: string
  readonly endpoints: readonly Endpoint[]
  readonly wants?: Partial<Preferences>
  readonly change?: Partial<Question>
  readonly allowed?: Partial<Allowed>
  readonly left: readonly string[]
  readonly reasons: readonly string[]
}

const vertex = [endpoint('vertex/us-east5'), endpoint('vertex/europe-west1'), endpoint('groq')]
const long = { ...priceOf(2, 12), from: 200_001 }

const table: readonly Case[] = [
  {
    sentence: 'a request without wishes rules nothing out',
    endpoints: [
      ...vertex,
      endpoint('together', {
        isZdr: false,
        collectsData: true,
        supportedParameters: [],
        quantization: 'unknown',
      }),
    ],
    change: { parameters: ['seed'] },
    left: ['vertex/us-east5', 'vertex/europe-west1', 'groq', 'together'],
    reasons: [],
  },
  {
    sentence: 'a base slug in only means all regions',
    endpoints: vertex,
    wants: { only: ['Vertex'] },
    left: ['vertex/us-east5', 'vertex/europe-west1'],
    reasons: ['only: groq is not in provider.only'],
  },
  {
    sentence: 'a region in only means itself alone',
    endpoints: vertex,
    wants: { only: ['vertex/US-East5', 'together'] },
    left: ['vertex/us-east5'],
    reasons: ['only: vertex/europe-west1 is not in provider.only', 'only: groq is not in provider.only'],
  },
  {
    sentence: "OpenRouter's names for providers mean ours",
    endpoints: vertex,
    wants: { only: ['google-vertex/us-east5'] },
    left: ['vertex/us-east5'],
    reasons: ['only: vertex/europe-west1 is not in provider.only', 'only: groq is not in provider.only'],
  },
  {
    sentence: 'an empty only is none',
    endpoints: [endpoint('groq')],
    wants: { only: [] },
    left: ['groq'],
    reasons: [],
  },
  {
    sentence: 'a base slug in ignore means all regions',
    endpoints: vertex,
    wants: { ignore: ['vertex'] },
    left: ['groq'],
    reasons: [
      'ignore: vertex/us-east5 is in provider.ignore',
      'ignore: vertex/europe-west1 is in provider.ignore',
    ],
  },
  {
    sentence: 'a region of another provider ignores nobody',
    endpoints: [endpoint('groq')],
    wants: { ignore: ['groq/us', 'gro'] },
    left: ['groq'],
    reasons: [],
  },
  {
    sentence: 'what a key may use is asked first',
    endpoints: vertex,
    wants: { ignore: ['groq'] },
    allowed: { providers: ['vertex'] },
    left: ['vertex/us-east5', 'vertex/europe-west1'],
    reasons: ['allowed_providers: groq is not among the providers that this key may use'],
  },
  {
    sentence: 'a key that may use no provider has none',
    endpoints: [endpoint('groq')],
    allowed: { providers: [] },
    left: [],
    reasons: ['allowed_providers: groq is not among the providers that this key may use'],
  },
  {
    sentence: 'a key may use models by the beginning of their names',
    endpoints: [endpoint('groq', { model: 'lab/a' }), endpoint('groq', { model: 'other/a' })],
    change: { models: ['other/a', 'lab/a'] },
    allowed: { models: ['lab/*', 'other/b'] },
    left: ['groq lab/a'],
    reasons: ['allowed_models: other/a is not among the models that this key may use'],
  },
  {
    sentence: 'a model that nobody serves is said to be unknown',
    endpoints: [endpoint('groq')],
    change: { models: ['nobody/knows', 'lab/model'] },
    left: ['groq'],
    reasons: [
      'model_not_found: nobody/knows is served by no configured provider; /api/v1/models lists what there is',
    ],
  },
  {
    sentence: 'order without fallbacks leaves those that are listed',
    endpoints: vertex,
    wants: { order: ['groq', 'vertex/us-east5'], allowsFallbacks: false },
    left: ['groq', 'vertex/us-east5'],
    reasons: [
      'no_fallbacks: vertex/europe-west1 is not in provider.order, and provider.allow_fallbacks is false',
    ],
  },
  {
    sentence: 'no fallbacks without an order leaves the first',
    endpoints: [endpoint('groq'), endpoint('together')],
    wants: { allowsFallbacks: false },
    left: ['groq'],
    reasons: ['no_fallbacks: together is not the first choice, and provider.allow_fallbacks is false'],
  },
  {
    sentence: 'an endpoint without a price is refused',
    endpoints: [endpoint('groq', { price: null }), endpoint('together')],
    left: ['together'],
    reasons: ['unpriced: groq has no known price: give its endpoint a `price`, or set `unpriced`'],
  },
  {
    sentence: 'deny rules out who learns from prompts',
    endpoints: [endpoint('groq', { collectsData: true }), endpoint('together')],
    wants: { dataCollection: 'deny' },
    left: ['together'],
    reasons: [
      'data_policy:training: groq may keep prompts and learn from them, and provider.data_collection is deny',
    ],
  },
  {
    sentence: 'zdr rules out who is not known to keep nothing',
    endpoints: [endpoint('groq', { isZdr: false }), endpoint('together')],
    wants: { zdr: true },
    left: ['together'],
    reasons: ['data_policy:zdr: groq is not known to keep nothing, and provider.zdr is true'],
  },
  {
    sentence: 'quantizations are those that are listed',
    endpoints: [endpoint('groq', { quantization: 'int4' }), endpoint('together')],
    wants: { quantizations: ['fp8', 'unknown'] },
    left: ['together'],
    reasons: ['quantization: groq has quantization int4, which is not in provider.quantizations'],
  },
  {
    sentence: 'parameters that are required must be known to be supported, all of them',
    endpoints: [endpoint('groq', { supportedParameters: ['tools'] }), endpoint('together')],
    wants: { requiresParameters: true },
    change: { parameters: ['tools', 'seed', 'logprobs'] },
    left: ['together'],
    reasons: [
      'require_parameters: groq does not support seed, logprobs, and provider.require_parameters is true',
    ],
  },
  {
    sentence: 'a price at the limit is not above it',
    endpoints: [endpoint('groq', { price: priceOf(1, 2) })],
    wants: { maxPrice: { prompt: '1', completion: '2.000', request: '0' } },
    left: ['groq'],
    reasons: [],
  },
  {
    sentence: 'a price above the limit for answers is',
    endpoints: [endpoint('groq', { price: priceOf(1, 3) })],
    wants: { maxPrice: { completion: '2' } },
    left: [],
    reasons: ['max_price: groq costs $3 for a million output tokens, more than max_price.completion 2'],
  },
  {
    sentence: 'a millionth of a dollar above the limit is above it',
    endpoints: [endpoint('groq', { price: priceOf(1.000001, 3) })],
    wants: { maxPrice: { prompt: '1' } },
    left: [],
    reasons: ['max_price: groq costs $1.000001 for a million input tokens, more than max_price.prompt 1'],
  },
  {
    sentence: 'a price for the request counts',
    endpoints: [endpoint('groq', { price: priceOf(1, 3, { request: 5_000_000_000n }) })],
    wants: { maxPrice: { request: '0.004' } },
    left: [],
    reasons: ['max_price: groq costs $0.005 for a request, more than max_price.request 0.004'],
  },
  {
    sentence: 'a dearer price that a long prompt may reach counts',
    endpoints: [endpoint('groq', { price: priceOf(1, 6, { tiers: [long] }), contextLength: null })],
    wants: { maxPrice: { prompt: '1.5' } },
    change: { inputTokensBound: 200_001 },
    left: [],
    reasons: [
      'max_price: groq costs $2 for a million input tokens from 200,001 tokens of prompt on, more than max_price.prompt 1.5',
    ],
  },
  {
    sentence: 'one that a short prompt cannot reach does not',
    endpoints: [endpoint('groq', { price: priceOf(1, 6, { tiers: [long] }) })],
    wants: { maxPrice: { prompt: '1.5' } },
    change: { inputTokensBound: 200_000 },
    left: ['groq'],
    reasons: [],
  },
  {
    sentence: 'a prompt that is surely too long is not sent',
    endpoints: [endpoint('groq', { contextLength: 8000 }), endpoint('together')],
    change: { inputTokensBound: 1000 + 8 * 8001 },
    left: ['together'],
    reasons: ['context_length: groq takes 8,000 tokens, and the prompt has at least 8,001'],
  },
  {
    sentence: 'one that is only likely too long is',
    endpoints: [endpoint('groq', { contextLength: 8000 })],
    change: { inputTokensBound: 1000 + 8 * 8001 - 1 },
    left: ['groq'],
    reasons: [],
  },
  {
    sentence: 'media have no length in tokens',
    endpoints: [endpoint('groq', { contextLength: 8000 })],
    change: { inputTokensBound: null, text: 'x'.repeat(5_000_000) },
    left: ['groq'],
    reasons: [],
  },
  {
    sentence: 'an answer that is longer than an endpoint gives is asked for elsewhere',
    endpoints: [endpoint('groq'), endpoint('together', { maxOutputTokens: null })],
    change: { maxOutputTokens: 8193 },
    left: ['together'],
    reasons: ['max_output: groq answers with at most 8,192 tokens, and 8,193 are asked for'],
  },
  {
    sentence: 'the longest answer may be asked for',
    endpoints: [endpoint('groq')],
    change: { maxOutputTokens: 8192 },
    left: ['groq'],
    reasons: [],
  },
]

for (const { sentence, endpoints, wants, change, allowed, left, reasons: expected } of table) {
  test(sentence, () => {
    const route = world(endpoints).ask(wants, change, allowed)
    assert.deepEqual(tags(route), left)
    assert.deepEqual(reasons(route), expected)
  })
}

test('what is unpriced may be free by the configuration, or have its price', () => {
  const unknown = [endpoint('groq', { price: null })]
  assert.deepEqual(tags(world(unknown, { unpriced: 'free' }).ask({ maxPrice: { prompt: '0' } })), ['groq'])
  const priced = world(unknown, { unpriced: priceOf(5, 5) })
  assert.deepEqual(tags(priced.ask()), ['groq'])
  assert.deepEqual(reasons(priced.ask({ maxPrice: { prompt: '4' } })), [
    'max_price: groq costs $5 for a million input tokens, more than max_price.prompt 4',
  ])
})

test('an exclusion names the model, the endpoint and the provider', () => {
  const { exclusions } = world([endpoint('vertex/us-east5')]).ask(
    { ignore: ['vertex'] },
    { models: ['no', 'lab/model'] },
  )
  assert.deepEqual(
    exclusions.map(({ model, endpoint: id, provider, code }) => ({ model, id, provider, code })),
    [
      { model: 'no', id: null, provider: null, code: 'model_not_found' },
      { model: 'lab/model', id: 'vertex/us-east5:lab/model', provider: 'vertex', code: 'ignore' },
    ],
  )
})
