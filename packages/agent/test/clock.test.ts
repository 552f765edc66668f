/** The machine's time. */
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { systemClock } from '../src/index.ts'
import { soon } from './servers.ts'

test('a wait passes, and leaves no listener', async () => {
  const { signal } = new AbortController()
  const started = systemClock.now()
  await systemClock.sleep(20, signal)
  assert.ok(systemClock.now() - started >= 15)
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
})

test('a wait ends with the reason of its signal, also where that has fired before', async () => {
  const controller = new AbortController()
  const waits = [systemClock.sleep(60_000, controller.signal)]
  controller.abort('enough')
  waits.push(systemClock.sleep(60_000, controller.signal))
  for (const wait of waits) await assert.rejects(soon(wait), (why) => why === 'enough')
})
