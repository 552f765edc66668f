/** A process may die at any moment: what it was told is committed is there, once, and what it held is let go. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Store } from '../../src/store/store.ts'
import { startChild } from './child.ts'
import { onEach } from './conformance.ts'
import { aLimit, noon } from './records.ts'

const kills = Number(process.env['PLAYHEAD_KILLS'] ?? 20)
const most = 10n ** 15n
const limits = [aLimit('money', 'ever', most), aLimit('requests', 'ever', most, 'all')]

onEach(
  `kill -9 at ${kills} random moments loses nothing that was settled`,
  async ({ open, configuration }, t) => {
    const store = await open()
    let [told, released] = [0, 0]
    for (let round = 1; round <= kills; round++) {
      const name = `child${round}`
      const child = startChild(t, configuration, name)
      await child.ready
      child.say(`work ${String(most)}`)
      await delay(Math.random() * 60)
      child.process.kill('SIGKILL')
      await once(child.process, 'close')
      released += await releaseAll(store)
      told += await check(store, name, child.lines)
    }
    assert.ok(told > 0, 'they were killed before they had done anything')
    // Whoever died has no reservation, and the counters say what the ledger says.
    const [sum] = await store.sumGenerations({ outcome: 'answered' }, [])
    const [lost] = await store.sumGenerations({ outcome: 'lost' }, [])
    const standings = await store.standings(limits, noon)
    assert.deepEqual(
      standings.map(({ spent, reserved }) => [spent, reserved]),
      [
        [sum?.cost, 0n],
        [BigInt(sum?.requests ?? -1), 0n],
      ],
    )
    assert.equal(released, lost?.requests ?? 0)
  },
)

/** Holds the ledger against what a process said before it died. Gives how many settlements it knew of. */
async function check(store: Store, name: string, lines: readonly string[]): Promise<number> {
  const generations = await store.listGenerations({ model: name }, 1_000_000, null)
  const ledger = new Map(generations.map((generation) => [generation.id, generation]))
  let settled = 0
  for (const [word, id = '', cost = ''] of lines.map((line) => line.split(' '))) {
    if (word === 'opened') assert.ok(ledger.has(id), `${id} was opened and is not in the ledger`)
    if (word !== 'settled') continue
    settled++
    assert.equal(ledger.get(id)?.outcome, 'answered', id)
    assert.equal(ledger.get(id)?.cost, BigInt(cost), id)
  }
  return settled
}

/** Postgres notices a moment later that a process is gone; until then its last transaction holds its rows. */
async function releaseAll(store: Store): Promise<number> {
  for (let released = 0; ;) {
    await delay(20)
    released += await store.releaseDead(Date.now() + 1, Date.now())
    const left = await store.listGenerations({ outcome: 'open' }, 1, null)
    if (left.length === 0) return released
  }
}
