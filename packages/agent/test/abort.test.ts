/** Ending a run early, at any moment: at once, with nothing left behind. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { virtualClock } from '@playhead/tape'
import { type Clock, type Fetch, type Run, systemClock, tool } from '../src/index.ts'
import {
  assertAborted,
  chunksOf,
  eventsOf,
  neverEnding,
  refuses,
  says,
  script,
  scripted,
  settled,
  soon,
  sse,
  streamOf,
} from './servers.ts'

const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => void unhandled.push(reason)

before(() => process.on('unhandledRejection', onUnhandled))

after(async () => {
  await settled()
  process.off('unhandledRejection', onUnhandled)
  assert.deepEqual(unhandled, [], 'a rejection was not handled')
})

const never: Fetch = () => new Promise(() => {})
const honest: Fetch = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error))
    if (signal?.aborted === true) reject(signal.reason as Error)
  })
const half = sse(chunksOf({ text: 'Half a word' }).slice(0, 2))

/** Each is in the midst of something when it is aborted. */
const moments: readonly [name: string, begin: (reached: () => void) => { fetch: Fetch; clock?: Clock }][] = [
  ['during a fetch', (reached) => ({ fetch: (url, init) => (reached(), honest(url, init)) })],
  [
    'during a fetch that ignores the signal',
    (reached) => ({ fetch: (url, init) => (reached(), never(url, init)) }),
  ],
  [
    'in the midst of a stream',
    (reached) => ({
      fetch: script((request) => {
        const body = neverEnding(half)
        setImmediate(reached)
        const { signal } = request.init
        return new Response(body.pipeThrough(new TransformStream(), { ...(signal && { signal }) }))
      }).fetch,
    }),
  ],
  [
    'in the midst of a stream that ignores the signal',
    (reached) => ({ fetch: script(() => (setImmediate(reached), new Response(neverEnding(half)))).fetch }),
  ],
  [
    'in the midst of a stream that cannot be cancelled',
    (reached) => ({
      fetch: script(() => {
        setImmediate(reached)
        const stuck = { start: () => {}, cancel: () => new Promise<void>(() => {}) }
        return new Response(new ReadableStream(stuck))
      }).fetch,
    }),
  ],
  [
    'in the midst of an error’s body',
    (reached) => ({
      fetch: script(() => (setImmediate(reached), new Response(neverEnding('{'), { status: 500 }))).fetch,
    }),
  ],
  [
    'behind [DONE], while the stream stays open',
    (reached) => ({
      fetch: script(() => (setImmediate(reached), new Response(neverEnding(streamOf({ text: 'Done' })))))
        .fetch,
      clock: { now: () => 0, sleep: (_, signal) => systemClock.sleep(60_000, signal) },
    }),
  ],
  [
    'during the wait for a retry',
    (reached) => ({ fetch: script(() => (setImmediate(reached), refuses(500))).fetch, clock: systemClock }),
  ],
  [
    'during a tool that ignores the signal',
    (reached) => ({
      fetch: script(() => (setImmediate(reached), says({ calls: [['a', 'stuck', '{}']] }))).fetch,
    }),
  ],
]

const stuck = tool({
  name: 'stuck',
  description: 'd',
  input: { type: 'object' },
  run: () => new Promise(() => {}),
})

for (const [name, begin] of moments) {
  const running = async (signal?: AbortSignal): Promise<Run> => {
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    const run = scripted({ tools: [stuck] }).run('Go', { ...begin(resolve), ...(signal && { signal }) })
    run.result.catch(() => {})
    await soon(reached)
    await settled()
    return run
  }

  test(`a signal ends a run ${name}`, async () => {
    const controller = new AbortController()
    const run = await running(controller.signal)
    const why = new Error('enough')
    controller.abort(why)
    await assertAborted(run.result, why)
  })

  test(`abort() ends a run ${name}`, async () => {
    const run = await running()
    run.abort()
    await assertAborted(run.result)
  })

  test(`leaving the loop ends a run ${name}`, async () => {
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    const run = scripted({ tools: [stuck] }).run('Go', begin(resolve))
    const iterator = run[Symbol.asyncIterator]()
    const read = (async () => {
      while ((await iterator.next()).done !== true);
    })()
    read.catch(() => {})
    await soon(reached)
    await settled()
    await soon(Promise.resolve(iterator.return?.()))
    await soon(read.catch(() => {}))
    await assertAborted(run.result)
  })

  test(`a run that is left alone and aborted ${name} says so when it is read on`, async () => {
    const controller = new AbortController()
    const run = scripted({ tools: [stuck] }).run('Go', { ...begin(() => {}), signal: controller.signal })
    const iterator = run[Symbol.asyncIterator]()
    await iterator.next()
    controller.abort()
    await settled()
    await assertAborted(
      (async () => {
        while ((await iterator.next()).done !== true);
      })(),
    )
    await assertAborted(run.result)
  })
}

for (const fetch of [globalThis.fetch, never, honest]) {
  test(`a run whose signal has fired before it starts sends nothing (${fetch.name})`, async () => {
    let sent = 0
    const counting: Fetch = (url, init) => ((sent += 1), fetch(url, init))
    const signal = AbortSignal.abort('no')
    await assertAborted(scripted().run('Go', { fetch: counting, signal }).result, 'no')
    await assertAborted(eventsOf(scripted().run('Go', { fetch: counting, signal })), 'no')
    const run = scripted().run('Go', { fetch: counting })
    run.abort()
    await assertAborted(run.result)
    assert.equal(sent, 0)
  })
}

test('a signal that fires before the run is asked for counts', async () => {
  const controller = new AbortController()
  const run = scripted().run('Go', { ...script(), signal: controller.signal })
  controller.abort()
  await assertAborted(run.result)
})

test('an abort after the end changes nothing', async () => {
  const controller = new AbortController()
  const run = scripted().run('Go', { fetch: script(says({ text: 'Done' })).fetch, signal: controller.signal })
  await run.result
  controller.abort()
  run.abort()
  assert.equal((await run.result).text, 'Done')
})

test('an abort is not taken for a failure of the network, and nothing is sent again', async () => {
  const controller = new AbortController()
  let sent = 0
  const fetch: Fetch = async () => {
    sent += 1
    controller.abort()
    throw new TypeError('fetch failed')
  }
  await assertAborted(
    scripted().run('Go', { fetch, signal: controller.signal, clock: virtualClock() }).result,
  )
  assert.equal(sent, 1)
})

test('tools get the signal, and none begins after it has fired', async () => {
  const controller = new AbortController()
  const begun: string[] = []
  const heard: string[] = []
  const listening = tool({
    name: 'listening',
    description: 'd',
    input: { type: 'object' },
    run: (_, { call, signal }) =>
      new Promise((_resolve, reject) => {
        begun.push(call.id)
        signal.addEventListener('abort', () => {
          heard.push(call.id)
          reject(signal.reason as Error)
        })
        if (begun.length === 2) setImmediate(() => controller.abort())
      }),
  })
  const { fetch } = script(says({ calls: ['a', 'b', 'c', 'd'].map((id) => [id, 'listening', '{}']) }))
  const run = scripted({ tools: [listening], maxParallelTools: 2 }).run('Go', {
    fetch,
    signal: controller.signal,
  })
  await assertAborted(run.result)
  await settled()
  assert.deepEqual(begun, ['a', 'b'])
  assert.deepEqual(heard, ['a', 'b'])
})

test('a run that fails in one tool begins no other, and tells those that run', async () => {
  const begun: string[] = []
  let told = false
  const bad = tool({
    name: 'bad',
    description: 'd',
    // Two schemas of one id: that only shows when they are enforced.
    input: { type: 'object', properties: { a: { $id: 'x' }, b: { $id: 'x', type: 'number' } } },
    run: () => 1,
  })
  const slow = tool({
    name: 'slow',
    description: 'd',
    input: { type: 'object' },
    run: async (_, { call, signal }) => {
      begun.push(call.id)
      signal.addEventListener('abort', () => (told = true))
      await new Promise(() => {})
    },
  })
  const calls = [
    ['a', 'slow', '{}'],
    ['b', 'bad', '{"a":1}'],
    ['c', 'slow', '{}'],
  ] as const
  const inTurn = script(says({ calls: calls.slice(1) }))
  await assert.rejects(scripted({ tools: [bad, slow], maxParallelTools: 1 }).run('Go', inTurn).result, {
    code: 'configuration',
  })
  await settled()
  assert.deepEqual(begun, [])
  const together = script(says({ calls: [calls[1], calls[0]] }))
  await assert.rejects(scripted({ tools: [bad, slow] }).run('Go', together).result, { code: 'configuration' })
  await settled()
  assert.ok(told)
})

test('an answer that comes after the run was aborted is not read', async () => {
  let cancelled = false
  const { promise, resolve } = Promise.withResolvers<Response>()
  const run = scripted().run('Go', { fetch: () => promise })
  run.result.catch(() => {})
  await settled()
  run.abort()
  await assertAborted(run.result)
  resolve(new Response(neverEnding('data: ', () => (cancelled = true))))
  await settled()
  assert.ok(cancelled)
})

test('leaving the loop of a run that nobody asked the result of leaves no rejection behind', async () => {
  const run = scripted().run('Go', { fetch: script(says({ text: 'One two three' })).fetch })
  for await (const event of run) if (event.type === 'text') break
  await settled()
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}

test('no timer is left when a run is over', async () => {
  const before = timers()
  await scripted().run('Go', { fetch: script(says({ text: 'Done' })).fetch }).result
  assert.equal(timers(), before)
  const run = scripted().run('Go', { fetch: script(refuses(500)).fetch })
  for await (const event of run) if (event.type === 'retry') break
  const waiting = scripted().run('Go', { fetch: script(refuses(500)).fetch })
  waiting.result.catch(() => {})
  for (let round = 0; round < 50 && timers() === before; round += 1) await settled()
  assert.equal(timers(), before + 1)
  waiting.abort()
  await assertAborted(waiting.result)
  assert.equal(timers(), before)
})
