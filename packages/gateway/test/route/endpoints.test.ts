/** Which endpoints a name leads to: by configuration, by the catalogue, by what the name says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfiguredModel, ConfiguredProvider } from '../../src/config/configuration.ts'
import { endpointsOf } from './configured.ts'
import type { Endpoints } from '../../src/route/endpoints.ts'
import { configuredEndpoint, configuredProvider, endpoint, priceOf, transport } from './world.ts'

const now = Date.parse('2026-10-01T12:00:00Z')

function idsOf(endpoints: Endpoints, name: string): string[] {
  return endpoints.model(name, now)?.endpoints.map(({ id }) => id) ?? []
}

const all = ['openai', 'anthropic', 'groq', 'openrouter', 'xai', 'google', 'fireworks'].map((name) =>
  configuredProvider(name),
)
const withoutRouter = all.filter(([name]) => name !== 'openrouter')

const names: readonly [
  sentence: string,
  providers: readonly (readonly [string, ConfiguredProvider])[],
  name: string,
  ids: readonly string[],
][] = [
  ['a slug with a configured provider is its', all, 'openai/gpt-4o', ['openai:gpt-4o']],
  ['a slug of a host keeps what stands behind', all, 'groq/moonshotai/kimi-k2', ['groq:moonshotai/kimi-k2']],
  ['one that no list has is served too', all, 'groq/whatever', ['groq:whatever']],
  [
    "Anthropic's are called as it calls them",
    all,
    'anthropic/claude-sonnet-4.5',
    ['anthropic:claude-sonnet-4-5'],
  ],
  [
    "another author's is had through a router, by its whole name",
    all,
    'meta-llama/llama-4',
    ['openrouter:meta-llama/llama-4'],
  ],
  ['and by nobody without one', withoutRouter, 'meta-llama/llama-4', []],
  ["a router's own keep its name", all, 'openrouter/auto', ['openrouter:openrouter/auto']],
  [
    "a router is asked for others' by its name",
    all,
    'openrouter/openai/gpt-4o',
    ['openrouter:openai/gpt-4o'],
  ],
  ["OpenRouter's name for an author is ours", withoutRouter, 'x-ai/grok-9', ['xai:grok-9']],
  [
    'where its maker is known to have it, it is asked before a router',
    all,
    'x-ai/grok-4-0709',
    ['xai:grok-4-0709'],
  ],
  ['where it is not, the router is', all, 'x-ai/grok-9', ['openrouter:x-ai/grok-9']],
  ['a bare name is looked for in the catalogue', all, 'gpt-4o', ['openai:gpt-4o']],
  ['with its date', all, 'claude-sonnet-4-5-20250929', ['anthropic:claude-sonnet-4-5-20250929']],
  ["Gemini's is Google's, and Claude is not", all, 'gemini-2.5-flash', ['google:gemini-2.5-flash']],
  ['a bare name that nobody knows is nobody’s', all, 'gpt-99', []],
  [
    'where there is one provider only, it has all bare names',
    [configuredProvider('ollama')],
    'llama3.2',
    ['ollama:llama3.2'],
  ],
  ['a provider and nothing more is no model', all, 'groq/', []],
  ['nor is nothing at all', [configuredProvider('groq')], '', []],
  ['a name that is too long is nobody’s', all, `groq/${'x'.repeat(300)}`, []],
  [
    'a provider goes by the name it was given',
    [configuredProvider('mine', { kind: 'groq' })],
    'mine/model',
    ['mine:model'],
  ],
]
for (const [sentence, providers, name, ids] of names) {
  test(sentence, () => assert.deepEqual(idsOf(endpointsOf({ providers }), name), ids))
}

const kimi: ConfiguredModel = {
  name: 'moonshotai/kimi-k2',
  title: 'Kimi K2',
  endpoints: [
    configuredEndpoint('groq', 'moonshotai/kimi-k2-instruct', { quantization: 'fp8', contextLength: 1000 }),
    configuredEndpoint('fireworks', 'accounts/kimi', { tag: 'fireworks/us', price: priceOf(1, 3) }),
    configuredEndpoint('gone', 'kimi'),
    configuredEndpoint('groq', 'moonshotai/kimi-k2-instruct'),
  ],
}

test('a configured model has the endpoints that are written, at the providers that there are', () => {
  const endpoints = endpointsOf({ providers: all, models: [kimi] })
  const model = endpoints.model('moonshotai/kimi-k2', now)
  assert.equal(model?.title, 'Kimi K2')
  assert.deepEqual(
    model.endpoints.map(({ id, upstreamModel, tag, quantization, contextLength }) => ({
      id,
      upstreamModel,
      tag,
      quantization,
      contextLength,
    })),
    [
      {
        id: 'groq:moonshotai/kimi-k2-instruct',
        upstreamModel: 'moonshotai/kimi-k2-instruct',
        tag: 'groq',
        quantization: 'fp8',
        contextLength: 1000,
      },
      {
        id: 'fireworks/us:accounts/kimi',
        upstreamModel: 'accounts/kimi',
        tag: 'fireworks/us',
        quantization: 'unknown',
        contextLength: null,
      },
      {
        id: 'groq:moonshotai/kimi-k2-instruct#2',
        upstreamModel: 'moonshotai/kimi-k2-instruct',
        tag: 'groq',
        quantization: 'unknown',
        contextLength: 131_072,
      },
    ],
  )
  assert.equal(model.endpoints[0]?.price?.source, 'catalogue')
  assert.deepEqual(model.endpoints[1]?.price, priceOf(1, 3))
})

test('a configured model wins over what its name says', () => {
  const models = [{ name: 'openai/gpt-4o', title: 'Other', endpoints: [configuredEndpoint('groq', 'llama')] }]
  assert.deepEqual(idsOf(endpointsOf({ providers: all, models }), 'openai/gpt-4o'), ['groq:llama'])
})

test('the name of a tape is not asked for elsewhere', () => {
  const endpoints = endpointsOf({ providers: all, extra: [endpoint('tape', { model: 'tape/seeds' })] })
  assert.deepEqual(idsOf(endpoints, 'tape/seeds'), ['tape:tape/seeds'])
})

test('a tape answers to its name, with no provider at all', () => {
  const endpoints = endpointsOf({ extra: [endpoint('tape', { model: 'tape/seeds' })] })
  assert.deepEqual(idsOf(endpoints, 'tape/seeds'), ['tape:tape/seeds'])
  assert.deepEqual(
    endpoints.models(now).map(({ name }) => name),
    ['tape/seeds'],
  )
})

test('a provider whose address lacks a variable is left out with a warning, the others are served', () => {
  const providers = [
    configuredProvider('azure'),
    configuredProvider('groq'),
    configuredProvider('odd', { kind: 'nobody' }),
  ]
  const endpoints = endpointsOf({ providers })
  assert.deepEqual(endpoints.warnings, [
    'Provider azure is left out: No URL for azure: set AZURE_RESOURCE_NAME',
    'Provider odd is left out: there is no kind "nobody"',
  ])
  assert.deepEqual(
    endpoints.providers.map(({ configured }) => configured.name),
    ['groq'],
  )
  assert.deepEqual(idsOf(endpoints, 'azure/gpt-4o'), [])
})

test('a provider has one transport and one proof for each dialect, however many models', async () => {
  let made = 0
  const environment = { GROQ_API_KEY: 'sk-groq', CUSTOM_API_KEY: 'sk-own' }
  const endpoints = endpointsOf({
    providers: [
      configuredProvider('groq', { environment }),
      configuredProvider('custom', {
        environment,
        baseUrl: 'https://example.com/v1',
        dialects: ['anthropic-messages'],
      }),
    ],
    transportFor: () => {
      made++
      return transport
    },
  })
  const [one] = endpoints.model('groq/a', now)?.endpoints ?? []
  const [other] = endpoints.model('groq/b', now)?.endpoints ?? []
  assert.ok(one && other)
  assert.equal(one.authorize('openai-chat'), other.authorize('openai-chat'))
  assert.equal(made, 2)
  const request = { url: 'https://example.com', method: 'POST', headers: {}, body: '' }
  assert.deepEqual(await one.authorize('openai-chat')(request), { authorization: 'Bearer sk-groq' })
  const [own] = endpoints.model('custom/x', now)?.endpoints ?? []
  assert.deepEqual(await own?.authorize('anthropic-messages')(request), { 'x-api-key': 'sk-own' })
})

test('every model that is listed is served under that name, by that provider', () => {
  const endpoints = endpointsOf({ providers: all, models: [kimi] })
  const models = endpoints.models(now)
  assert.deepEqual(
    models.map(({ name }) => name),
    models.map(({ name }) => name).toSorted(),
  )
  for (const { name, endpoints: list } of models)
    assert.deepEqual(
      idsOf(endpoints, name),
      list.map(({ id }) => id),
    )
  const listed = new Set(models.map(({ name }) => name))
  for (const name of [
    'openai/gpt-4o',
    'openrouter/openai/gpt-4o',
    'anthropic/claude-sonnet-4-5',
    'moonshotai/kimi-k2',
    'fireworks/accounts/fireworks/models/gpt-oss-120b',
  ])
    assert.ok(listed.has(name), name)
  assert.ok(!Array.from(listed).some((name) => /^google\/claude|^openrouter\/[^/]+:free$/.test(name)))
})

test('a price that changes with the hour is another then, in lists too', () => {
  const endpoints = endpointsOf({ providers: [configuredProvider('deepseek')] })
  const input = (at: string): bigint | undefined =>
    endpoints.model('deepseek/deepseek-chat', Date.parse(at))?.endpoints[0]?.price?.input
  const listed = (at: string): bigint | undefined =>
    endpoints.models(Date.parse(at)).find(({ name }) => name === 'deepseek/deepseek-chat')?.endpoints[0]
      ?.price?.input
  for (const find of [input, listed]) {
    assert.equal(find('2026-10-01T16:29:59Z'), 270_000n)
    assert.equal(find('2026-10-01T16:30:00Z'), 135_000n)
    assert.equal(find('2026-10-02T00:30:00Z'), 270_000n)
  }
})

test('a model is made once while its price holds', () => {
  const endpoints = endpointsOf({ providers: all })
  assert.equal(endpoints.model('openai/gpt-4o', now), endpoints.model('openai/gpt-4o', now + 1))
})
