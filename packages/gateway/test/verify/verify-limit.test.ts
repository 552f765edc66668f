/** What stands against limits is what the ledger's lines add up to; and where it is not, that is found. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { verifyLimit } from '../../src/verify/verify-limit.ts'
import type { Limit, OwnedLimit } from '../../src/limits.ts'
import type { OpenGeneration } from '../../src/store/store.ts'
import { readSeeds } from '../recorded.ts'
import type { Act } from '../upstream.ts'
import { send, startRecording } from '../record/recording.ts'

const seeds = await readSeeds()
const recorded = seeds.text.chutes
const answers: Act = { type: 'answer', recorded }

describe('counters', () => {
  const limits: readonly Limit[] = [
    { of: 'money', per: 'month', most: 10n ** 12n },
    { of: 'tokens', per: 'ever', most: 10n ** 9n },
    { of: 'requests', per: 'day', most: 100n },
  ]
  test('equal the ledger, also while something is open', async () => {
    await using recording = await startRecording()
    const { store } = recording.running.gateway
    const { key, record: who } = await recording.running.createKey({ limits })
    const owned: readonly OwnedLimit[] = limits.map((limit) => ({ owner: `key:${who.id}`, limit }))
    const found = (): Promise<unknown> => Promise.all(owned.map((one) => verifyLimit(store, one, Date.now)))
    recording.one.play(answers)
    await recording.ask()
    await recording.ask({ key })
    recording.one.play({ type: 'stall', recorded, events: 4 })
    const leaving = new AbortController()
    const response = await send(recording.running, { key, stream: true, signal: leaving.signal })
    await response.body?.getReader().read()
    const [standing] = await store.standings(owned.slice(0, 1), Date.now())
    assert.ok(standing !== undefined && standing.spent > 0n && standing.reserved > 0n)
    assert.deepEqual(await found(), [[], [], []])
    leaving.abort()
    await recording.settled(response.headers.get('x-generation-id') ?? '')
    assert.deepEqual(await found(), [[], [], []])
    const wrong = {
      ...store,
      standings: async (...of: Parameters<typeof store.standings>) =>
        (await store.standings(...of)).map((one) => ({ ...one, spent: one.spent + 1n, reserved: 2n })),
    }
    const [money] = owned
    const told = money === undefined ? null : await verifyLimit(wrong, money, Date.now)
    assert.deepEqual(
      told?.map(({ what, from }) => [what.replace(who.id, 'ID'), from]),
      [
        ['key:ID money per month spent', 'counter'],
        ['key:ID money per month reserved', 'counter'],
      ],
    )
  })
})

describe('a limit of requests', () => {
  const limit: Limit = { of: 'requests', per: 'day', most: 100n }

  test('counts no generation that was lost', async () => {
    await using recording = await startRecording()
    const { store } = recording.running.gateway
    const owned: OwnedLimit = { owner: 'key:somebody', limit }
    const at = Date.now()
    await store.open(openGeneration('gen-1-lost', at), [owned])
    assert.equal((await store.standings([owned], at))[0]?.reserved, 1n)
    assert.deepEqual(await verifyLimit(store, owned, () => at), [])
    assert.equal(await store.releaseDead(at, at), 1)
    assert.equal((await store.findGeneration('gen-1-lost', null))?.outcome, 'lost')
    assert.deepEqual(await verifyLimit(store, owned, () => at), [])
  })

  test('in a ledger that is written all the while is not told to differ', async () => {
    await using recording = await startRecording()
    const { store } = recording.running.gateway
    let written = 0
    const busy = {
      ...store,
      sumGenerations: async () => {
        written += 1
        return [{ ...noSum, requests: written ** 2 }]
      },
    }
    assert.equal(await verifyLimit(busy, { owner: 'all', limit }, Date.now), null)
  })
})

const noSum = {
  group: {},
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  reasoningTokens: 0,
  cost: 0n,
  byokCost: 0n,
  countedCost: 0n,
  difference: 0n,
}

function openGeneration(id: string, at: number): OpenGeneration {
  return {
    id,
    keyId: 'somebody',
    replica: 'a dead one',
    at,
    requestId: id,
    dialect: 'openai-chat',
    model: 'm',
    isStream: false,
    user: null,
    session: null,
    boundMoney: 1n,
    boundTokens: 1,
  }
}
