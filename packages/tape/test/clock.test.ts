/** The clocks that a recorder hands out. */
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { scaledClock, virtualClock } from '../src/index.ts'

test('sleepers wake in the order of their times, and at them', async () => {
  const clock = virtualClock()
  const woken: [number, number][] = []
  const sleep = async (milliseconds: number): Promise<void> => {
    await clock.sleep(milliseconds)
    woken.push([milliseconds, clock.now()])
  }
  await Promise.all([sleep(30), sleep(10), sleep(20), sleep(0), sleep(10)])
  assert.deepEqual(woken, [
    [0, 0],
    [10, 10],
    [10, 10],
    [20, 20],
    [30, 30],
  ])
})

test('who goes to sleep while others do is woken in between', async () => {
  const clock = virtualClock()
  const woken: string[] = []
  const sleep = async (name: string, ...waits: readonly number[]): Promise<void> => {
    for (const wait of waits) await clock.sleep(wait)
    woken.push(`${name} ${clock.now()}`)
  }
  await Promise.all([sleep('nested', 10, 5), sleep('long', 20), sleep('first', 15), sleep('second', 15)])
  assert.deepEqual(woken, ['first 15', 'second 15', 'nested 15', 'long 20'])
})

test('work that needs no time is done before time passes', async () => {
  const clock = virtualClock()
  const sleeping = clock.sleep(1000)
  for (let i = 0; i < 1000; i += 1) await Promise.resolve()
  await new Promise((resolve) => process.nextTick(resolve))
  assert.equal(clock.now(), 0)
  await sleeping
  assert.equal(clock.now(), 1000)
})

test('years of waiting take no time of the machine', async () => {
  const clock = virtualClock()
  const year = 365 * 24 * 3600 * 1000
  // A timer would end at once with a warning, or never: either would show.
  for (let i = 0; i < 100; i += 1) await clock.sleep(year)
  assert.equal(clock.now(), 100 * year)
})

test('a sleeper whose signal fires leaves, and the others sleep on', async () => {
  const clock = virtualClock()
  const controller = new AbortController()
  const reason = new Error('enough')
  const left = assert.rejects(clock.sleep(10, controller.signal), reason)
  const other = clock.sleep(20)
  controller.abort(reason)
  await left
  assert.equal(clock.now(), 0)
  await other
  assert.equal(clock.now(), 20)
  const late = new AbortController()
  const never = assert.rejects(clock.sleep(1000, late.signal), reason)
  late.abort(reason)
  await never
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(clock.now(), 20, 'time does not pass for who has left')
  await assert.rejects(clock.sleep(10, controller.signal), reason)
  assert.equal(clock.now(), 20)
})

for (const [name, clock] of [
  ['virtual', virtualClock()],
  ['scaled', scaledClock(1e9)],
] as const) {
  test(`thousands of sleeps on one ${name} clock and signal leave no listener behind`, async (t) => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    t.after(() => process.off('warning', onWarning))
    const { signal } = new AbortController()
    const count = name === 'virtual' ? 10_000 : 100
    for (let i = 0; i < count; i += 1) await clock.sleep(1, signal)
    assert.deepEqual(getEventListeners(signal, 'abort'), [])
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(warnings, [])
  })

  test(`a sleeper of a ${name} clock that left leaves no listener behind`, async () => {
    const controller = new AbortController()
    const sleeping = clock.sleep(1e12, controller.signal).catch(() => {})
    controller.abort()
    await sleeping
    assert.deepEqual(getEventListeners(controller.signal, 'abort'), [])
  })
}

test('a scaled clock waits in proportion', async () => {
  for (const [speed, milliseconds, least] of [
    [1, 30, 28],
    [1000, 30_000, 28],
    [0.5, 15, 28],
  ] as const) {
    const clock = scaledClock(speed)
    const [started, startedReal] = [clock.now(), performance.now()]
    await clock.sleep(milliseconds)
    const waited = performance.now() - startedReal
    assert.ok(waited >= least && waited < 15_000, `speed ${speed} waited ${waited} ms`)
    assert.ok(clock.now() - started >= milliseconds * 0.9, `speed ${speed} says too little`)
  }
})

test('a scaled clock gives the reason of the signal that fires', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const left = assert.rejects(scaledClock(1).sleep(60_000, controller.signal), reason)
  controller.abort(reason)
  await left
  await assert.rejects(scaledClock(1).sleep(1, controller.signal), reason)
})

test('a wait longer than a timer can is long, not none', async () => {
  const controller = new AbortController()
  let isOver = false
  const sleeping = scaledClock(1).sleep(2 ** 40, controller.signal)
  sleeping.then(
    () => (isOver = true),
    () => {},
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(isOver, false)
  controller.abort()
  await assert.rejects(sleeping)
})

test('a virtual clock stands still for those who sleep for ever, and takes what is no number for none', async () => {
  const clock = virtualClock()
  const controller = new AbortController()
  let isOver = false
  const forever = clock.sleep(Infinity, controller.signal).then(
    () => (isOver = true),
    () => {},
  )
  await clock.sleep(Number.NaN)
  await clock.sleep(5)
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
  assert.deepEqual([clock.now(), isOver], [5, false])
  controller.abort()
  await forever
})

test('nobody wakes before the time, however long the program was busy', async () => {
  for (const speed of [1, 2]) {
    const clock = scaledClock(speed)
    const busyUntil = performance.now() + 20
    while (performance.now() < busyUntil);
    const asleepAt = clock.now()
    await clock.sleep(10.5)
    assert.ok(clock.now() - asleepAt >= 10.5, `${speed}: ${clock.now() - asleepAt}`)
  }
})
