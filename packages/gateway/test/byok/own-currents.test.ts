import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownCurrents } from '../../src/byok/own-currents.ts'
import { sealedAfter } from '../../src/byok/sealed-keys.ts'
import { boundAt } from '../../src/generate/bound.ts'
import type { Current } from '../../src/context.ts'
import type { LogEntry } from '../../src/log.ts'
import { createEndpoints } from '../../src/route/endpoints.ts'
import { createRouter } from '../../src/route/router.ts'
import type { KeyRecord } from '../../src/store/store.ts'
import { catalogue, question, transport } from '../route/world.ts'
import { configurationOf, modelsOf, providersOf } from '../running.ts'
import { aKey } from '../store/records.ts'

const secret = 'a secret of at least 32 characters'
const configuration = configurationOf('/nowhere', {
  providers: providersOf({ together: { kind: 'together', baseUrl: 'http://127.0.0.1:9/v1' } }),
  models: modelsOf({ 'lab/model': [['together', ['1', '3']]] }),
})

interface World {
  readonly current: Current
  readonly log: readonly LogEntry[]
  /** How many routers were made for keys. */
  readonly made: () => number
  readonly for: (who: KeyRecord) => Current
}

function world(): World {
  const parts = { catalogue, transportFor: () => transport }
  const rest = { unpriced: configuration.unpriced, now: () => 0, random: () => 0 }
  const endpoints = createEndpoints({ configuration, ...parts })
  const current = { configuration, router: createRouter({ endpoints, ...rest }), telemetry: null }
  const log: LogEntry[] = []
  let made = 0
  const find = ownCurrents({
    current,
    endpoints,
    secret,
    log: (entry) => log.push(entry),
    routerFor(configuration, own) {
      made += 1
      return createRouter({ endpoints: createEndpoints({ configuration, own, ...parts }), ...rest })
    },
  })
  return { current, log, made: () => made, for: find }
}

function holder(keys: Readonly<Record<string, string>>, about: Partial<KeyRecord> = {}): KeyRecord {
  const key = aKey(about)
  return { ...key, byok: sealedAfter(key, keys, secret) }
}

function idsOf({ router }: Current, model: string): readonly string[] | undefined {
  return router.model(model)?.endpoints.map(({ id }) => id)
}

test('a key without upstream keys is served what all are', () => {
  const { current, for: find, made } = world()
  assert.equal(find(aKey()), current)
  assert.equal(made(), 0)
})

test('a provider that nobody configured is served to the one who has a key for it', () => {
  const { current, for: find } = world()
  const who = holder({ groq: 'gsk_own' })
  const own = find(who)
  assert.deepEqual(idsOf(own, 'groq/some-model'), [`groq:some-model@${who.id}`])
  assert.equal(idsOf(current, 'groq/some-model'), undefined)
  assert.deepEqual(idsOf(find(holder({ openai: 'sk-own' })), 'groq/some-model'), undefined)
  assert.deepEqual(idsOf(own, 'lab/model'), ['together:lab/model'], 'what is served to all is the same')
  const [mine, theirs] = [own, current].map(({ router }) => router.model('lab/model')?.endpoints[0])
  assert.equal(mine?.isByok, false)
  assert.equal(mine?.authorize('openai-chat'), theirs?.authorize('openai-chat'), 'with one proof for all')
})

test('what was made for a key is kept until its upstream keys change, however often it is read anew', () => {
  const { for: find, made } = world()
  const who = holder({ groq: 'gsk_own' })
  const own = find(who)
  const [endpoint] = own.router.model('groq/some-model')?.endpoints ?? []
  assert.equal(endpoint?.authorize('openai-chat'), endpoint?.authorize('openai-chat'))
  assert.equal(find({ ...who, byok: { ...who.byok }, name: 'renamed' }), own)
  assert.equal(made(), 1)
  const changed = { ...who, byok: sealedAfter(who, { groq: 'gsk_other' }, secret) }
  assert.notEqual(find(changed), own)
  assert.notEqual(find({ ...changed, countsByok: true }), find(changed))
  assert.equal(find({ ...changed, byok: null }).router.model('groq/some-model'), null)
})

test('only so many are kept, and those that ask are kept longest', () => {
  const { for: find, made } = world()
  const first = holder({ groq: 'gsk_own' })
  const own = find(first)
  for (let index = 0; index < 250; index++) {
    find(holder({ groq: 'gsk_own' }))
    assert.equal(find(first), own)
  }
  const before = made()
  find({ ...first })
  assert.equal(made(), before)
})

test('a model without a price may be asked by one who pays, and by none whose budget counts on it', () => {
  const { for: find } = world()
  const asked = question({}, { models: ['groq/nobody-knows-this'] })
  const free = { text: 'x', isSession: false }
  const payer = holder({ groq: 'gsk_own' })
  const route = find(payer).router.route(asked, payer, free)
  assert.equal(route.candidates.length, 1)
  const counted = holder({ groq: 'gsk_own' }, { countsByok: true })
  const refused = find(counted).router.route(asked, counted, free)
  assert.deepEqual([refused.candidates.length, refused.exclusions.map(({ code }) => code)], [0, ['unpriced']])
})

test('nothing is reserved for what the caller pays, unless it is to count', () => {
  const { for: find } = world()
  const asked = question({}, { models: ['lab/model'], maxOutputTokens: 100 })
  for (const countsByok of [false, true]) {
    const who = holder({ together: 'own' }, { countsByok })
    const current = find(who)
    const { candidates } = current.router.route(asked, who, { text: 'x', isSession: false })
    const bound = boundAt(
      asked,
      candidates.map(({ endpoint }) => endpoint),
      current.configuration,
    )
    assert.equal(candidates[0]?.endpoint.isByok, true)
    assert.equal(bound.money > 0n, countsByok)
    assert.ok(bound.inputTokens > 0 && bound.outputTokens === 100)
  }
})

test('a key that cannot be used takes its provider away, and says so in the log without it', () => {
  const { for: find, log } = world()
  const other = holder({ together: 'own-secret' })
  const who = { ...aKey(), byok: { ...other.byok, groq: 'own-secret', azure: 'v1.nothing' } }
  const own = find(who)
  assert.equal(own.router.model('lab/model'), null)
  assert.deepEqual(
    log.map(({ event, key, provider }) => [event, key, provider]),
    ['together', 'groq', 'azure'].map((provider) => ['upstream key not used', who.id, provider]),
  )
  assert.ok(!JSON.stringify(log).includes('own-secret'))
})
