/** Descriptions of models, endpoints and providers, read by the schemas of OpenRouter's own SDK. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listEndpointsResponseFromJSON } from '@openrouter/sdk/models/listendpointsresponse.js'
import { modelFromJSON } from '@openrouter/sdk/models/model.js'
import { modelsListResponseFromJSON } from '@openrouter/sdk/models/modelslistresponse.js'
import { listProvidersResponseFromJSON } from '@openrouter/sdk/models/operations/listproviders.js'
import {
  describeEndpoints,
  describeModel,
  describeModels,
  describeProviders,
} from '../../src/route/describe.ts'
import { createEndpoints } from '../../src/route/endpoints.ts'
import type { Model } from '../../src/route/route.ts'
import { defaultConfiguration } from './configured.ts'
import { catalogue, configuredProvider, endpoint, priceOf, transport, world } from './world.ts'

const model: Model = {
  name: 'lab/model',
  title: 'Model',
  created: 1_790_000_000_500,
  endpoints: [
    endpoint('groq', { price: null, contextLength: null, maxOutputTokens: null }),
    endpoint('vertex/us', {
      price: priceOf(1.25, 10, { request: 5_000_000_000n, tiers: [{ ...priceOf(2.5, 15), from: 200_001 }] }),
      supportedParameters: ['tools', 'seed'],
    }),
    endpoint('together', { supportedParameters: ['seed'], contextLength: 256_000, quantization: 'unknown' }),
  ],
}

test('a model is described as the SDK reads it, prices exact', () => {
  const read = modelFromJSON(JSON.stringify(describeModel(model)))
  assert.ok(read.ok)
  const { id, name, created, contextLength, pricing, topProvider, supportedParameters, links } = read.value
  assert.deepEqual(
    { id, name, created, contextLength, topProvider },
    {
      id: 'lab/model',
      name: 'Model',
      created: 1_790_000_000,
      contextLength: 256_000,
      topProvider: { contextLength: 256_000, maxCompletionTokens: 8192, isModerated: false },
    },
  )
  assert.deepEqual(pricing, {
    prompt: '0.00000125',
    completion: '0.00001',
    request: '0.005',
    inputCacheRead: '0.000000125',
    inputCacheWrite: '0.00000125',
    overrides: [
      {
        minPromptTokens: 200_001,
        prompt: '0.0000025',
        completion: '0.000015',
        inputCacheRead: '0.00000025',
        inputCacheWrite: '0.0000025',
      },
    ],
  })
  assert.ok(supportedParameters.includes('seed') && supportedParameters.includes('tools'))
  assert.equal(links.details, '/api/v1/models/lab/model/endpoints')
})

test('endpoints are described as the SDK reads them, with how they fare', () => {
  const made = world(model.endpoints)
  for (const throughput of [10, 20, 30, 40])
    made.attempt('vertex/us:lab/model', { throughput, firstToken: throughput * 10 })
  for (let time = 0; time < 5; time++) made.attempt('together:lab/model', { type: 'failure' })
  const read = listEndpointsResponseFromJSON(JSON.stringify(describeEndpoints(model, made.health)))
  assert.ok(read.ok)
  const [groq, vertex, together] = read.value.endpoints
  assert.ok(groq && vertex && together)
  assert.deepEqual(
    [groq.pricing, groq.contextLength, groq.uptimeLast5m, groq.latencyLast30m, groq.status],
    [{ prompt: '-1', completion: '-1' }, 0, null, null, 0],
  )
  assert.deepEqual(
    [vertex.tag, vertex.providerName, vertex.uptimeLast1d, vertex.supportsImplicitCaching],
    ['vertex/us', 'vertex', 100, true],
  )
  assert.deepEqual(vertex.latencyLast30m, { p50: 200, p75: 300, p90: 400, p99: 400 })
  assert.deepEqual(vertex.throughputLast30m, { p50: 30, p75: 20, p90: 10, p99: 10 })
  assert.deepEqual([together.status, together.uptimeLast5m], [-3, 0])
  assert.deepEqual(together.supportsToolChoice, {
    auto: false,
    none: false,
    required: false,
    function: false,
  })
})

test('the list of all models and providers of a full house is read', () => {
  const names = ['openai', 'anthropic', 'openrouter', 'groq', 'huggingface', 'deepseek', 'ollama']
  const endpoints = createEndpoints({
    configuration: {
      ...defaultConfiguration,
      providers: new Map(names.map((name) => configuredProvider(name))),
    },
    catalogue,
    transportFor: () => transport,
  })
  const models = endpoints.models(Date.parse('2026-10-01T12:00:00Z'))
  assert.ok(models.length > 800)
  const read = modelsListResponseFromJSON(JSON.stringify(describeModels(models)))
  assert.ok(read.ok)
  assert.equal(read.value.totalCount, models.length)
  for (const one of models) {
    const described = listEndpointsResponseFromJSON(JSON.stringify(describeEndpoints(one, world([]).health)))
    assert.ok(described.ok, one.name)
  }
  const providers = describeProviders(endpoints.providers.map(({ provider }) => provider))
  const listed = listProvidersResponseFromJSON(JSON.stringify(providers))
  assert.ok(listed.ok)
  assert.deepEqual(
    listed.value.data.map(({ slug }) => slug),
    names,
  )
})
