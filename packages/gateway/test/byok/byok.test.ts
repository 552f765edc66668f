/** Bring your own key: whose key an upstream is asked with, and who pays. Over real sockets, before upstreams of this test's. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dollars } from '../../src/money.ts'
import type { GenerationRecord } from '../../src/store/store.ts'
import { untilSettled } from '../load/told.ts'
import { readSeeds } from '../recorded.ts'
import { modelsOf, providersOf, type Running, startGateway, upstreamKeyOf } from '../running.ts'
import { refusal, startUpstream, type Upstream } from '../upstream.ts'

const { chutes } = (await readSeeds()).text
/** As the seed says it. */
const upstreamCost = '0.00013718'
const ownKey = 'own-key-of-the-caller-0123'

interface World extends AsyncDisposable {
  readonly running: Running
  readonly own: Upstream
  readonly shared: Upstream
  /** A key with an upstream key for `own`, made by the API. */
  readonly key: string
  readonly hash: string
  admin(method: string, path: string, body?: object): Promise<Data>
}

type Data = Readonly<Record<string, unknown>>

/** `m/own` is at `own` alone, `m/both` also at `shared`, which is cheaper. `more`: of the key. */
async function startWorld(more: object = {}): Promise<World> {
  const [own, shared] = [await startUpstream(), await startUpstream()]
  const models = modelsOf({
    'm/own': [['own', ['0.38', '1.52']]],
    'm/both': [
      ['shared', ['0.01', '0.01']],
      ['own', ['0.38', '1.52']],
    ],
  })
  const running = await startGateway({
    providers: providersOf({
      own: { kind: 'openrouter', baseUrl: own.baseUrl },
      shared: { kind: 'openrouter', baseUrl: shared.baseUrl },
    }),
    models,
  })
  own.play({ type: 'answer', recorded: chutes })
  shared.play({ type: 'answer', recorded: chutes })
  const { key: adminKey } = await running.createKey({ isAdmin: true })
  const admin: World['admin'] = async (method, path, body) => {
    const response = await fetch(`${running.baseUrl}/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, text)
    assert.ok(!text.includes(ownKey), 'an upstream key is written, never read')
    return JSON.parse(text) as Data
  }
  const made = await admin('POST', 'keys', { name: 'brings its own', byok: { own: ownKey }, ...more })
  const { hash } = made['data'] as { readonly hash: string }
  return {
    running,
    own,
    shared,
    key: String(made['key']),
    hash,
    admin,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      await Promise.all([own[Symbol.asyncDispose](), shared[Symbol.asyncDispose]()])
    },
  }
}

type Path = 'chat/completions' | 'messages' | 'responses'

async function ask(
  { running, key }: Pick<World, 'running' | 'key'>,
  model: string,
  options: { readonly path?: Path; readonly stream?: boolean; readonly session?: string } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const { path = 'chat/completions', stream = false, session } = options
  const content = `Add 2 and 3. ${'Take your time. '.repeat(30)}`
  const question = path === 'responses' ? { input: content } : { messages: [{ role: 'user', content }] }
  const response = await fetch(`${running.baseUrl}/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(session !== undefined && { 'x-session-id': session }),
    },
    body: JSON.stringify({ model, ...question, max_tokens: 100, max_output_tokens: 100, stream }),
  })
  return { status: response.status, text: await response.text() }
}

function proofs(upstream: Upstream): readonly (string | undefined)[] {
  return upstream.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''))
}

/** The last usage that an answer has, as text. */
function usageIn(text: string): string {
  return /\{[^{}]*(?:\{[^{}]*\}[^{}]*)*"is_byok"[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/.exec(text)?.[0] ?? text
}

async function lastOf({ running, hash }: World): Promise<GenerationRecord> {
  await untilSettled(running.gateway.store, hash)
  const [last] = await running.gateway.store.listGenerations({ keyId: hash }, 1, null)
  return last ?? assert.fail('nothing is in the ledger')
}

describe('an upstream is asked with the key of the one who asks', { concurrency: 1 }, () => {
  const paths: readonly Path[] = ['chat/completions', 'messages', 'responses']
  for (const path of paths) {
    for (const stream of [false, true]) {
      test(`and the answer says who paid: ${path}${stream ? ', stream' : ''}`, async () => {
        await using world = await startWorld()
        const { status, text } = await ask(world, 'm/own', { path, stream })
        assert.equal(status, 200, text)
        assert.deepEqual(proofs(world.own), [ownKey])
        const usage = JSON.parse(usageIn(text)) as Data
        assert.equal(usage['cost'], 0)
        assert.equal(usage['is_byok'], true)
        const details = usage['cost_details'] as Data
        assert.equal(details['upstream_inference_cost'], Number(upstreamCost))
      })
    }
  }

  test('and all others with the gateway’s', async () => {
    await using world = await startWorld()
    await ask(world, 'm/own')
    const other = await ask({ running: world.running, key: world.running.key }, 'm/own')
    assert.deepEqual(proofs(world.own), [ownKey, upstreamKeyOf('own')])
    assert.match(other.text, /"cost":0\.00013718\b/)
    assert.doesNotMatch(other.text, /"is_byok":true/)
  })

  test('and with another one at once when that is exchanged, and the gateway’s when it is taken out', async () => {
    await using world = await startWorld()
    const change = (byok: object): Promise<Data> => world.admin('PATCH', `keys/${world.hash}`, { byok })
    await ask(world, 'm/own')
    const changed = await change({ own: 'another-key-of-the-caller' })
    assert.deepEqual((changed['data'] as Data)['byok'], ['own'])
    await ask(world, 'm/own')
    await change({ own: null })
    await ask(world, 'm/own')
    assert.deepEqual(proofs(world.own), [ownKey, 'another-key-of-the-caller', upstreamKeyOf('own')])
  })

  test('before the gateway’s other endpoints, however cheap, which stand in when it fails', async () => {
    await using world = await startWorld()
    for (let index = 0; index < 5; index++) await ask(world, 'm/both')
    assert.deepEqual([world.own.requests.length, world.shared.requests.length], [5, 0])
    world.own.play(refusal(401, `No such key: ${ownKey}`))
    const { status, text } = await ask(world, 'm/both')
    assert.equal(status, 200)
    assert.match(text, /"cost":0\.00013718\b/)
    assert.doesNotMatch(text, /"is_byok":true/)
    assert.deepEqual(proofs(world.shared), [upstreamKeyOf('shared')])
    const { isByok, cost, byokCost, attempts } = await lastOf(world)
    assert.deepEqual([isByok, dollars(cost), byokCost], [false, upstreamCost, 0n])
    assert.deepEqual(
      attempts.map(({ outcome, isByok }) => [outcome, isByok]),
      [
        ['auth', true],
        ['answer', undefined],
      ],
    )
  })

  test('from when it is set, also for a conversation that went elsewhere before', async () => {
    await using world = await startWorld({ byok: {} })
    const session = { session: 'a conversation' }
    await ask(world, 'm/both', session)
    assert.equal(world.shared.requests.length, 1)
    await world.admin('PATCH', `keys/${world.hash}`, { byok: { own: ownKey } })
    await ask(world, 'm/both', session)
    assert.deepEqual([world.shared.requests.length, proofs(world.own)], [1, [ownKey]])
  })

  test('and counted among all of its provider in metrics', async () => {
    await using world = await startWorld()
    await ask(world, 'm/own')
    await lastOf(world)
    const metrics = await (await fetch(`${world.running.origin}/metrics`)).text()
    assert.match(metrics, /playhead_attempts_total\{endpoint="own:m\/own",outcome="answer"\} 1/)
    assert.ok(!metrics.includes(world.hash))
  })

  test('and what fails with it is told without it, and says nothing of the gateway’s endpoint', async () => {
    await using world = await startWorld()
    world.own.play(refusal(429, `Slow down, ${ownKey}`, { headers: { 'retry-after': '600' } }))
    const limited = await ask(world, 'm/own')
    assert.equal(limited.status, 429)
    assert.ok(!limited.text.includes(ownKey), limited.text)
    world.own.play({ type: 'answer', recorded: chutes })
    assert.equal((await ask(world, 'm/own')).status, 503, 'it is left alone with this key')
    assert.equal((await ask({ running: world.running, key: world.running.key }, 'm/own')).status, 200)
  })

  test('and a refusal says whose key was refused', async () => {
    await using world = await startWorld()
    world.own.play(refusal(401, `Incorrect API key provided: ${ownKey}`))
    const { status, text } = await ask(world, 'm/own')
    assert.equal(status, 502)
    assert.match(text, /own refused your own key there: Incorrect API key provided: REDACTED/)
  })

  test('never with the gateway’s in its place, when it cannot be read', async () => {
    await using world = await startWorld()
    const { store } = world.running.gateway
    const sealed = (await store.findKey(world.hash))?.byok ?? null
    // A row that somebody has put into the place of another.
    const thief = await world.running.createKey({ byok: sealed })
    const { status } = await ask({ running: world.running, key: thief.key }, 'm/own')
    assert.equal(status, 404)
    assert.deepEqual(proofs(world.own), [])
    const entry = world.running.log.find(({ event }) => event === 'upstream key not used')
    assert.deepEqual([entry?.['key'], entry?.['provider']], [thief.record.id, 'own'])
  })
})

describe('what an upstream key of the caller’s own pays', { concurrency: 1 }, () => {
  test('is in the ledger and in no bill', async () => {
    await using world = await startWorld()
    await ask(world, 'm/own')
    const generation = await lastOf(world)
    assert.deepEqual(
      [generation.isByok, generation.cost, generation.boundMoney, dollars(generation.byokCost)],
      [true, 0n, 0n, upstreamCost],
    )
    assert.equal(dollars(generation.providerCost ?? 0n), upstreamCost)
    assert.ok((generation.catalogueCost ?? 0n) > 0n)
    const about = (await world.admin('GET', `generation?id=${generation.id}`))['data'] as Data
    assert.deepEqual(
      [about['is_byok'], about['total_cost'], about['upstream_inference_cost']],
      [true, 0, Number(upstreamCost)],
    )
    const key = (await world.admin('GET', `keys/${world.hash}`))['data'] as Data
    assert.deepEqual(
      [key['usage'], key['byok_usage'], key['byok_usage_daily'], key['byok'], key['include_byok_in_limit']],
      [0, Number(upstreamCost), Number(upstreamCost), ['own'], false],
    )
    const [row] = (await world.admin('GET', 'activity'))['data'] as readonly Data[]
    assert.deepEqual([row?.['usage'], row?.['byok_usage_inference']], [0, Number(upstreamCost)])
  })

  test('counts against no limit of money, while requests and tokens are counted', async () => {
    const limits = [
      { of: 'money', per: 'ever', most: 0 },
      { of: 'requests', per: 'ever', most: 2 },
      { of: 'tokens', per: 'ever', most: 1_000_000 },
    ]
    await using world = await startWorld({ limits })
    assert.equal((await ask(world, 'm/own')).status, 200)
    assert.equal((await ask(world, 'm/own')).status, 200)
    assert.equal((await ask(world, 'm/own')).status, 429)
    const { inputTokens, outputTokens } = await lastOf(world)
    const record = await world.running.gateway.store.findKey(world.hash)
    const owned = (record?.limits ?? []).map((limit) => ({ owner: `key:${world.hash}`, limit }))
    const standings = await world.running.gateway.store.standings(owned, Date.now())
    assert.deepEqual(
      standings.map(({ spent, reserved }) => [spent, reserved]),
      [
        [0n, 0n],
        [2n, 0n],
        [BigInt(2 * (inputTokens + outputTokens)), 0n],
      ],
    )
  })

  for (const isCounted of [false, true]) {
    const what = isCounted
      ? 'leaves no room for another attempt where it counts'
      : 'takes none of what is reserved'
    test(what, async () => {
      await using world = await startWorld({ include_byok_in_limit: isCounted, limit: 1 })
      const usage = { prompt_tokens: 0, completion_tokens: 0, cost: 0.01 }
      const paid = `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [], usage })}\n\n`
      world.own.play({ type: 'no-end', recorded: { ...chutes, frames: [paid] }, events: 1 })
      const { status } = await ask(world, 'm/both', { stream: true })
      assert.deepEqual([status, world.shared.requests.length], isCounted ? [502, 0] : [200, 1])
      assert.equal(dollars((await lastOf(world)).byokCost), '0.01')
    })
  }

  test('counts against limits of money where the key says so', async () => {
    await using world = await startWorld({ include_byok_in_limit: true, limit: 0.003 })
    assert.equal((await ask(world, 'm/own')).status, 200)
    const { boundMoney, cost } = await lastOf(world)
    assert.ok(boundMoney > 0n && cost === 0n)
    const key = (await world.admin('GET', `keys/${world.hash}`))['data'] as Data
    assert.deepEqual([key['limit_remaining'], key['usage']], [0.00286282, 0])
    await world.admin('PATCH', `keys/${world.hash}`, { limit: upstreamCost })
    assert.equal((await ask(world, 'm/own')).status, 402)
    await world.admin('PATCH', `keys/${world.hash}`, { include_byok_in_limit: false })
    assert.equal((await ask(world, 'm/own')).status, 200)
  })
})
