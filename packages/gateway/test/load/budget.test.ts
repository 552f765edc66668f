/** A cap holds to the pico-dollar under 500 requests at once, and refuses nobody whose request fits. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Environment } from '@playhead/wire'
import type { Configuration, StoreConfiguration } from '../../src/config/configuration.ts'
import { moneyOf } from '../../src/money.ts'
import type { Limit } from '../../src/limits.ts'
import { startPostgres } from '../postgres.ts'
import { readSeeds } from '../recorded.ts'
import { modelsOf, providersOf, type Running, startGateway } from '../running.ts'
import { type Act, startUpstream, type Upstream } from '../upstream.ts'
import type { Seen } from '../wall/ask.ts'
import { askAtOnce, questionTo, settledLedger, sumOf, toldCost, untilSettled } from './told.ts'

const { chutes } = (await readSeeds()).text
const cap: Limit = { of: 'money', per: 'ever', most: moneyOf('0.02') }
const at = 500
const question = questionTo('m/m', 100)
/** What one answer of the recording costs. */
const each = moneyOf('0.00013718')

/** Answers come late enough for all requests to be under way at once. */
const slowly: Act = { type: 'slow', recorded: chutes, pace: 15 }

function configurationFor(upstream: Upstream, store?: StoreConfiguration): Partial<Configuration> {
  return {
    providers: providersOf({ chutes: { kind: 'openrouter', baseUrl: upstream.baseUrl } }),
    models: modelsOf({ 'm/m': [['chutes', ['0.38', '1.52']]] }),
    timeouts: { connect: 20_000, head: 60_000, firstToken: 60_000, idle: 60_000 },
    ...(store && { store }),
  }
}

test('on SQLite, 500 requests at once', async () => {
  await using upstream = await startUpstream()
  await using running = await startGateway(configurationFor(upstream))
  await holds([running], upstream)
})

test('on Postgres, 500 requests at once over three replicas', async (t: TestContext) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return t.skip('there is no Postgres here')
  await using upstream = await startUpstream()
  const configuration = configurationFor(upstream, { type: 'postgres', url: postgres.url })
  const environment: Environment = { PLAYHEAD_SECRET: 'one secret for all replicas, of 40 letters' }
  await using first = await startGateway(configuration, environment)
  await using second = await startGateway(configuration, environment)
  await using third = await startGateway(configuration, environment)
  await holds([first, second, third], upstream)
})

async function holds(replicas: readonly Running[], upstream: Upstream): Promise<void> {
  const [first] = replicas
  assert.ok(first !== undefined)
  const { key, record } = await first.createKey({ limits: [cap] })
  upstream.play(slowly)
  const target = (index: number) => {
    const { baseUrl } = replicas[index % replicas.length] ?? first
    return { baseUrl, key, patience: 60_000 }
  }
  const seen = await askAtOnce(at, target, question, (index) => (index % 2 === 0 ? 'json' : 'stream'))
  const whole = seen.filter(({ ending }) => ending === 'whole')
  const refused = seen.filter(({ status }) => status === 402)
  assert.equal(whole.length + refused.length, at, `others: ${othersOf(seen)}`)

  const ledger = await settledLedger(first.gateway.store, record.id)
  const spent = sumOf(ledger)
  assert.equal(spent, each * BigInt(whole.length), 'the ledger has each answer once')
  assert.equal(spent, toldCost(whole), 'the ledger is what clients were told')
  assert.ok(spent <= cap.most, `${spent} is more than the cap`)
  assert.equal(upstream.requests.length, whole.length, 'nothing that was refused was asked')

  const bound = ledger[0]?.boundMoney ?? assert.fail('an empty ledger')
  assert.ok(bound >= each, 'the bound is one')
  // While all are under way each holds its bound: as many as fit, or more where some were done before others came.
  assert.ok(BigInt(whole.length) >= cap.most / bound, `${whole.length} of at least ${cap.most / bound}`)
  const standing = await first.gateway.store.standings(
    [{ owner: `key:${record.id}`, limit: cap }],
    Date.now(),
  )
  assert.deepEqual([standing[0]?.spent, standing[0]?.reserved], [spent, 0n])

  upstream.play({ type: 'answer', recorded: chutes })
  await fillsUp(replicas, { key, id: record.id, spent, bound })
  const all = await settledLedger(first.gateway.store, record.id)
  assert.ok(sumOf(all) <= cap.most)
  assert.ok(cap.most - sumOf(all) < bound, 'it is refused only when its bound does not fit')
}

interface Filling {
  readonly key: string
  readonly id: string
  readonly spent: bigint
  readonly bound: bigint
}

/** One after the other, as long as a bound fits; the next one is refused, and says why. */
async function fillsUp(replicas: readonly Running[], { key, id, spent, bound }: Filling): Promise<void> {
  for (let [turn, sum] = [0, spent]; ; turn += 1, sum += each) {
    const { baseUrl, gateway } = replicas[turn % replicas.length] ?? assert.fail()
    const [seen] = await askAtOnce(1, () => ({ baseUrl, key, patience: 60_000 }), question)
    assert.ok(seen !== undefined)
    const fits = sum + bound <= cap.most
    assert.equal(seen.ending, fits ? 'whole' : 'error', `${sum} spent, ${bound} wanted: ${seen.error}`)
    if (!fits) {
      assert.equal(seen.status, 402)
      assert.match(seen.error ?? '', /limited to \$0\.02/)
      return
    }
    await untilSettled(gateway.store, id)
  }
}

function othersOf(seen: readonly Seen[]): string {
  const others = seen.filter(({ ending, status }) => ending !== 'whole' && status !== 402)
  return JSON.stringify(others.slice(0, 3).map(({ status, ending, error }) => ({ status, ending, error })))
}
