/** A caller that leaves is let go, and so is all that waits for it: in a recording as in a replay. */
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Clock, type Fetch, record } from '../src/index.ts'
import { exchange, interactionsIn, writeCassette } from './cassettes.ts'
import { cassetteNames, newCassette, serve, signalOnce } from './servers.ts'

const native = cassetteNames[1]
const url = 'http://localhost/'

type Call = (url: string, body: ReadableStream, signal: AbortSignal) => Parameters<Fetch>

const calls: readonly [sentence: string, call: Call][] = [
  ['a stream', (url, body, signal) => [url, { method: 'POST', body, signal, duplex: 'half' } as RequestInit]],
  [
    'a Request',
    (url, body, signal) => [
      new Request(url, { method: 'POST', body, signal, duplex: 'half' } as RequestInit),
    ],
  ],
  [
    'a Request with a signal beside it',
    (url, body, signal) => [
      new Request(url, { method: 'POST', body, duplex: 'half' } as RequestInit),
      { signal },
    ],
  ],
]

for (const [sentence, call] of calls) {
  test(`a caller may leave while its body is not there yet: ${sentence}`, { timeout: 10_000 }, async (t) => {
    await using recorder = await record(newCassette(t, native))
    for (const isEarly of [true, false]) {
      const left = signalOnce()
      const leaving = new AbortController()
      const reason = new Error('enough')
      const endless = new ReadableStream({ pull: () => new Promise<void>(() => {}), cancel: left.say })
      if (isEarly) leaving.abort(reason)
      const answer = recorder.fetch(...call(url, endless, leaving.signal))
      if (!isEarly) setImmediate(() => leaving.abort(reason))
      await assert.rejects(answer, reason)
      if (!isEarly) await left.said
    }
  })

  test(`a body that fails is a call that fails, as the platform has it: ${sentence}`, async (t) => {
    await using recorder = await record(newCassette(t, native))
    const cause = new RangeError('no more')
    const base = await serve(t, (request) => request.resume())
    for (const fetch of [globalThis.fetch, recorder.fetch]) {
      const failing = new ReadableStream({ pull: (controller) => controller.error(cause) })
      const answer = fetch(...call(base, failing, new AbortController().signal))
      await assert.rejects(answer, { name: 'TypeError', message: 'fetch failed', cause })
    }
  })
}

/** A clock on which nothing ever comes, and who waits by it. */
function stoppedClock(): { readonly clock: Clock; readonly waiting: () => number } {
  let waiting = 0
  const sleep: Clock['sleep'] = (_, signal) =>
    new Promise((_resolve, reject) => {
      waiting += 1
      signal?.addEventListener('abort', () => {
        waiting -= 1
        reject(signal.reason as Error)
      })
    })
  return { clock: { now: () => 0, sleep }, waiting: () => waiting }
}

const ways: readonly [
  sentence: string,
  leave: (reader: ReadableStreamDefaultReader, abort: () => void) => unknown,
][] = [
  ['no longer reads', (reader) => reader.cancel()],
  ['aborts', (_, abort) => abort()],
]

for (const [sentence, leave] of ways) {
  test(`nobody waits for a replay whose caller ${sentence}`, async (t) => {
    const file = newCassette(t, native)
    const chunks = [0, 300_000].map((at) => ({ length: 1, at }))
    await writeCassette(file, [exchange(0, { method: 'GET' }, { body: 'ab', chunks })])
    const { clock, waiting } = stoppedClock()
    const replay = await record(file, { mode: 'replay', clock })
    const leaving = new AbortController()
    const { body } = await replay.fetch(url, { signal: leaving.signal })
    const reader = body?.getReader() ?? assert.fail()
    await reader.read()
    const next = reader.read().catch(() => {})
    await setTimeout()
    assert.equal(waiting(), 1)
    await leave(reader, () => leaving.abort())
    await next
    await setTimeout()
    assert.equal(waiting(), 0)
  })
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a response that is forgotten unread lets its connection go', { timeout: 20_000 }, async (t) => {
  const open = new Set<object>()
  const endless: RequestListener = (_, response) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    response.write(Buffer.alloc(5_000_000))
  }
  const base = await serve(t, endless)
  const recorder = await record(newCassette(t, native))
  const kept = (await recorder.fetch(base)).body?.getReader() ?? assert.fail()
  await kept.read()
  for (let count = 0; count < 5; count += 1) await recorder.fetch(base)
  assert.equal(open.size, 6)
  while (open.size > 1) {
    collectGarbage()
    await setTimeout(5)
  }
  for (let count = 0; count < 5; count += 1) {
    collectGarbage()
    await setTimeout(5)
  }
  assert.equal((await kept.read()).done, false)
  await recorder.stop()
  const found = await interactionsIn(recorder.file)
  assert.deepEqual(new Set(found.map(({ ending }) => ending.type)), new Set(['unfinished']))
  await kept.cancel()
})
