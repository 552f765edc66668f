/**
 * `playhead serve` is killed under load, again and again: what was settled stays, nothing is counted twice, and what the
 * dead had reserved is let go. Five times; `PLAYHEAD_KILLS=100` on demand.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moneyOf } from '../../src/money.ts'
import type { Limit } from '../../src/limits.ts'
import type { Store } from '../../src/store/store.ts'
import { readSeeds } from '../recorded.ts'
import { createPlace } from '../serving.ts'
import { startUpstream } from '../upstream.ts'
import { ask, type Target } from '../wall/ask.ts'
import { questionTo, sumOf, untilSettled, wholeLedger } from './told.ts'

const kills = Number(process.env['PLAYHEAD_KILLS'] ?? 5)
const limit: Limit = { of: 'money', per: 'ever', most: moneyOf('1000') }
const { chutes } = (await readSeeds()).text

/** What a client was told that an answer cost, and whether it then saw it settled. */
interface Told {
  readonly cost: string
  isSettled: boolean
}

test('kill -9 loses nothing that was settled, counts nothing twice, and reserves nothing for ever', async () => {
  await using upstream = await startUpstream()
  upstream.play({ type: 'slow', recorded: chutes, pace: 2 })
  await using place = await createPlace({
    upstreams: { chutes: upstream.baseUrl },
    models: ['m/m'],
    limits: [limit],
  })
  const { key, keyId } = place
  const told = new Map<string, Told>()
  for (let round = 0; round < kills; round += 1) {
    const { child, baseUrl } = await place.serve()
    const under = new AbortController()
    const clients = Array.from({ length: 24 }, () =>
      client({ baseUrl, key, patience: 10_000 }, told, under.signal),
    )
    await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 600))
    child.kill('SIGKILL')
    under.abort()
    await Promise.all(clients)
  }
  const serving = await place.serve()
  await place.withStore(async (store) => {
    await age(store, keyId)
    await untilSettled(store, keyId, 60_000)
    const ledger = await wholeLedger(store, keyId)
    const byId = new Map(ledger.map((generation) => [generation.id, generation]))
    assert.equal(byId.size, ledger.length, 'each has one line')
    for (const [id, { cost, isSettled }] of told) {
      const line = byId.get(id) ?? assert.fail(`${id} was answered, and is not in the ledger`)
      if (isSettled) assert.deepEqual([line.outcome, line.cost], ['answered', moneyOf(cost)], id)
    }
    const [standing] = await store.standings([{ owner: `key:${keyId}`, limit }], Date.now())
    assert.deepEqual([standing?.spent, standing?.reserved], [sumOf(ledger), 0n])
    assert.ok(
      [...told.values()].some(({ isSettled }) => isSettled),
      'some were seen settled',
    )
    assert.ok(
      ledger.some(({ outcome }) => outcome === 'lost'),
      'some died',
    )
  })
  await serving.stop()
})

/** Half a minute must pass before a replica counts as dead: to those who hold what is open, it has passed. */
async function age(store: Store, keyId: string): Promise<void> {
  const open = await store.listGenerations({ keyId, outcome: 'open' }, 1000, null)
  for (const replica of new Set(open.map(({ replica }) => replica)))
    await store.beat(replica, Date.now() - 60_000)
}

/** Asks again and again until its gateway is gone; after every fourth answer it looks whether that is settled. */
async function client(target: Target, told: Map<string, Told>, under: AbortSignal): Promise<void> {
  for (let turn = 0; !under.aborted; turn += 1) {
    const seen = await ask(target, turn % 2 === 0 ? 'json' : 'stream', questionTo('m/m', 100))
    if (seen.ending !== 'whole') return
    const entry: Told = { cost: seen.usage?.cost ?? '0', isSettled: false }
    told.set(seen.id, entry)
    if (turn % 4 === 0) entry.isSettled = await isSettled(target, seen.id)
  }
}

async function isSettled({ baseUrl, key }: Target, id: string): Promise<boolean> {
  try {
    const headers = { authorization: `Bearer ${key}` }
    const response = await fetch(`${baseUrl}/generation?id=${id}`, { headers })
    const { data } = (await response.json()) as { readonly data?: { readonly total_cost?: number } }
    return response.ok && (data?.total_cost ?? 0) > 0
  } catch {
    return false
  }
}
