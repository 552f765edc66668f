/** Bounded side-by-side work, and work that a signal leaves behind. */
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { limitTo, orAborted } from '../src/limit.ts'
import { settled, soon } from './servers.ts'

test('a signal that has fired already leaves even work behind that never ends', async () => {
  await assert.rejects(soon(orAborted(new Promise(() => {}), AbortSignal.abort('no'))), (why) => why === 'no')
})

test('work that ends in time is what counts, and no listener is left', async () => {
  const { signal } = new AbortController()
  assert.equal(await orAborted(Promise.resolve(1), signal), 1)
  await assert.rejects(orAborted(Promise.reject(new Error('no')), signal), { message: 'no' })
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
})

test('a task that fails gives its place to the next', async () => {
  const limit = limitTo(1)
  const ran: number[] = []
  const tasks = [1, 2, 3].map((number) =>
    limit(async () => {
      ran.push(number)
      if (number < 3) throw new Error(`task ${number}`)
    }),
  )
  const outcomes = await Promise.allSettled(tasks)
  assert.deepEqual(ran, [1, 2, 3])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  )
})

test('a task that comes later takes a place that is free, and no more than there are', async () => {
  const limit = limitTo(2)
  let running = 0
  let most = 0
  const task = async (): Promise<void> => {
    running += 1
    most = Math.max(most, running)
    await settled()
    running -= 1
  }
  await Promise.all([limit(task), limit(task), limit(task)])
  await Promise.all([limit(task), limit(task), limit(task), limit(task)])
  assert.equal(most, 2)
})
