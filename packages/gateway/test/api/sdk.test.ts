/** OpenRouter's own client, which checks every answer against the schemas of its contract. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenRouter } from '@openrouter/sdk'
import { ask, type Place, spend, startPlace } from './place.ts'

function clientOf(place: Place, apiKey: string): OpenRouter {
  return new OpenRouter({ apiKey, serverURL: `${place.origin}/api/v1`, retryConfig: { strategy: 'none' } })
}

test('models come with the price and limits of the cheapest endpoint', async () => {
  await using place = await startPlace()
  const pages = await clientOf(place, place.key).models.list()
  const models = []
  for await (const { result } of pages) models.push(...result.data)
  assert.deepEqual(
    models.map(({ id, pricing, contextLength }) => [id, pricing.prompt, pricing.completion, contextLength]),
    [
      // Nobody knows its price, and none is made up.
      ['acme/large', '-1', '-1', null],
      ['acme/small', '0.00000038', '0.00000152', 131_072],
      ['plain', '0.000001', '0.000002', null],
    ],
  )
  assert.ok(models[1]?.supportedParameters.includes('tools'))
})

test('models come in pages', async () => {
  await using place = await startPlace()
  const seen = []
  for await (const { result } of await clientOf(place, place.key).models.list({ limit: 2 })) {
    assert.equal(result.totalCount, 3)
    seen.push(result.data.map(({ id }) => id))
  }
  assert.deepEqual(seen, [['acme/large', 'acme/small'], ['plain']])
  for (const query of ['limit=-1', 'limit=x', 'offset=1.5', 'offset=']) {
    assert.equal((await ask(place, `/api/v1/models?${query}`, place.key)).status, 400, query)
  }
})

test('a key sees the models that it may use', async () => {
  await using place = await startPlace()
  const { key } = await place.makeKey({ models: ['acme/s*'] })
  const client = clientOf(place, key)
  const seen = []
  for await (const { result } of await client.models.list()) seen.push(...result.data.map(({ id }) => id))
  assert.deepEqual(seen, ['acme/small'])
  await assert.rejects(client.models.get({ author: 'acme', slug: 'large' }), { statusCode: 404 })
  const { data } = await client.models.get({ author: 'acme', slug: 'small' })
  assert.equal(data.id, 'acme/small')
})

test('endpoints tell who serves a model, and for how much', async () => {
  await using place = await startPlace()
  const { data } = await clientOf(place, place.key).endpoints.list({ author: 'acme', slug: 'small' })
  assert.deepEqual(
    data.endpoints.map(({ providerName, tag, pricing, status, maxCompletionTokens }) => [
      providerName,
      tag,
      pricing.completion,
      status,
      maxCompletionTokens,
    ]),
    [
      ['dear', 'dear', '0.000015', 0, null],
      ['cheap', 'cheap', '0.00000152', 0, 8192],
    ],
  )
  // A model's name need not have an author.
  assert.equal((await ask(place, '/v1/models/plain/endpoints', place.key)).status, 200)
})

test('providers are those of the configuration', async () => {
  await using place = await startPlace()
  const { data } = await clientOf(place, place.key).providers.list()
  assert.deepEqual(
    data.map(({ slug }) => slug),
    ['cheap', 'dear'],
  )
})

test('keys are made, listed, changed and revoked', async () => {
  await using place = await startPlace()
  const { apiKeys } = clientOf(place, place.admin)
  const expiresAt = new Date(place.clock.now + 60_000)
  const made = await apiKeys.create({
    requestBody: { name: 'a team', limit: 12.5, limitReset: 'monthly', expiresAt },
  })
  const { hash } = made.data
  assert.match(made.key, /^sk-ph-[A-Za-z0-9]{12}-[\w-]{43}$/)
  assert.deepEqual(
    [made.data.name, made.data.limit, made.data.limitRemaining, made.data.limitReset],
    ['a team', 12.5, 12.5, 'monthly'],
  )
  assert.deepEqual(made.data.expiresAt, expiresAt)
  const shown = await apiKeys.get({ hash })
  assert.equal(shown.data.label, made.data.label)
  assert.ok(!JSON.stringify(shown).includes(made.key))
  const { data: list } = await apiKeys.list()
  assert.deepEqual(list.map(({ name }) => name).toSorted(), ['a team', 'admin', 'test'])
  const changed = await apiKeys.update({ hash, requestBody: { limit: 20, name: 'another', disabled: true } })
  assert.deepEqual(
    [changed.data.limit, changed.data.limitReset, changed.data.name, changed.data.disabled],
    [20, 'monthly', 'another', true],
  )
  assert.equal((await apiKeys.list()).data.length, 2)
  assert.equal((await apiKeys.list({ includeDisabled: true })).data.length, 3)
  assert.deepEqual(await apiKeys.delete({ hash }), { deleted: true })
  await assert.rejects(apiKeys.get({ hash }), { statusCode: 404 })
  await assert.rejects(apiKeys.delete({ hash }), { statusCode: 404 })
})

test('a key tells its spending by the day, the week and the month, and what is left', async () => {
  await using place = await startPlace()
  const { key, record } = await place.makeKey({
    limits: [{ of: 'money', per: 'month', most: 1_000_000_000n }],
  })
  const day = 86_400_000
  const { now } = place.clock
  // 22 November 2026 is a Sunday.
  for (const [at, days] of [0, 2, 15, 40].entries())
    await spend(place.store, record.id, `gen-${at}`, now - days * day)
  const { data } = await clientOf(place, key).apiKeys.getCurrentKeyMetadata()
  const one = 0.000269600001
  assert.deepEqual(
    [data.usage, data.usageDaily, data.usageWeekly, data.usageMonthly],
    [4 * one, one, 2 * one, 0.000808800003],
  )
  assert.deepEqual([data.limit, data.limitReset, data.limitRemaining], [0.001, 'monthly', 0.000191199997])
  assert.equal(data.isManagementKey, false)
  const credits = await clientOf(place, key).credits.getCredits()
  assert.deepEqual(credits.data, { totalCredits: 0, totalUsage: 4 * one })
})

test('an admin sees the credits and the activity of all, others their own', async () => {
  await using place = await startPlace()
  const { record } = await place.makeKey({ limits: [{ of: 'money', per: 'ever', most: 5_000_000_000_000n }] })
  const { now } = place.clock
  await spend(place.store, record.id, 'gen-a', now)
  await spend(place.store, place.keyId, 'gen-b', now)
  await spend(place.store, place.keyId, 'gen-c', now - 86_400_000, { provider: 'dear' })
  const admin = clientOf(place, place.admin)
  assert.deepEqual((await admin.credits.getCredits()).data, { totalCredits: 5, totalUsage: 0.000808800003 })
  assert.deepEqual(await rows(admin), [
    ['2026-11-21', 'dear', 1, 216],
    ['2026-11-22', 'cheap', 2, 432],
  ])
  const own = clientOf(place, place.key)
  assert.deepEqual(await rows(own), [
    ['2026-11-21', 'dear', 1, 216],
    ['2026-11-22', 'cheap', 1, 216],
  ])
  assert.deepEqual(await rows(admin, { date: '2026-11-22', apiKeyHash: record.id }), [
    ['2026-11-22', 'cheap', 1, 216],
  ])
  await assert.rejects(rows(own, { apiKeyHash: record.id }), { statusCode: 403 })
  await assert.rejects(rows(own, { date: 'yesterday' }), { statusCode: 400 })
})

test('a generation is told to the key that asked, by our id or the upstream’s, to the last digit', async () => {
  await using place = await startPlace()
  await spend(place.store, place.keyId, 'gen-1', place.clock.now)
  const client = clientOf(place, place.key)
  for (const id of ['gen-1', 'up-gen-1']) {
    const { data } = await client.generations.getGeneration({ id })
    assert.deepEqual(
      [data.id, data.upstreamId, data.model, data.providerName, data.totalCost, data.upstreamInferenceCost],
      ['gen-1', 'up-gen-1', 'acme/small', 'cheap', 0.000269600001, null],
    )
    assert.deepEqual(
      [data.nativeTokensPrompt, data.nativeTokensCached, data.finishReason],
      [216, 128, 'stop'],
    )
    assert.deepEqual([data.latency, data.generationTime, data.requestId], [900, 600, 'req-gen-1'])
    assert.equal(data.providerResponses?.[0]?.status, 200)
  }
  const raw = await (await ask(place, '/api/v1/generation?id=gen-1', place.key)).text()
  assert.ok(raw.includes('"total_cost":0.000269600001,'), raw)
  const { key: other } = await place.makeKey()
  await assert.rejects(clientOf(place, other).generations.getGeneration({ id: 'gen-1' }), { statusCode: 404 })
  const all = await clientOf(place, place.admin).generations.getGeneration({ id: 'gen-1' })
  assert.equal(all.data.cancelled, false)
  assert.equal((await ask(place, '/api/v1/generation', place.key)).status, 400)
})

async function rows(client: OpenRouter, options = {}): Promise<unknown[]> {
  const { data } = await client.analytics.getUserActivity(options)
  return data
    .toSorted((a, b) => (a.date < b.date ? -1 : 1))
    .map((row) => [row.date, row.providerName, row.requests, row.promptTokens])
}
