/** However an exchange ends, a native tape says so, and a replay ends in the same way in the same place. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Ending, type Fetch, type Interaction, record } from '../src/index.ts'
import { exchange, interactionsIn, writeCassette } from './cassettes.ts'
import { newCassette, serve, signalOnce } from './servers.ts'

const name = 'cassette.tape.jsonl'

/** What a caller saw of one call: what came, and the error in the end. */
interface Seen {
  readonly status: number | null
  readonly text: string
  readonly error: string | null
}

/** Calls, and reads piece by piece. */
async function see(
  fetch: Fetch,
  url: string,
  init: RequestInit = {},
  onPiece = (): void => {},
): Promise<Seen> {
  let status: number | null = null
  let text = ''
  try {
    const response = await fetch(url, init)
    ;({ status } = response)
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece).toString()
      onPiece()
    }
    return { status, text, error: null }
  } catch (error) {
    return { status, text, error: said(error) }
  }
}

function said(error: unknown): string {
  assert.ok(error instanceof Error)
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return `${error.name}: ${error.message.replace(/^.*: the/, 'the')}${code}`
}

interface Recorded {
  readonly file: string
  readonly base: string
  readonly live: Seen
  readonly interactions: readonly Interaction[]
}

async function recorded(
  t: TestContext,
  listener: RequestListener,
  ask: (fetch: Fetch, base: string) => Promise<Seen>,
): Promise<Recorded> {
  const file = newCassette(t, name)
  const base = await serve(t, listener)
  const recorder = await record(file)
  const live = await ask(recorder.fetch, base)
  await recorder.stop()
  return { file, base, live, interactions: await interactionsIn(file) }
}

async function replayed({ file, base }: Recorded): Promise<Seen> {
  await using replay = await record(file, { mode: 'replay' })
  return see(replay.fetch, base)
}

function typeOf({ interactions }: Recorded): Ending['type'] | undefined {
  assert.equal(interactions.length, 1)
  return interactions[0]?.ending.type
}

test('a connection that breaks within a body', { timeout: 10_000 }, async (t) => {
  const seen = signalOnce()
  const found = await recorded(
    t,
    (_, response) => {
      response.writeHead(200).write('half')
      void seen.said.then(() => response.destroy())
    },
    (fetch, base) => see(fetch, base, {}, seen.say),
  )
  assert.equal(typeOf(found), 'error')
  assert.deepEqual(found.live, { status: 200, text: 'half', error: 'TypeError: terminated (UND_ERR_SOCKET)' })
  assert.deepEqual(await replayed(found), found.live)
})

test('a connection that breaks before any answer', async (t) => {
  const found = await recorded(
    t,
    (request) => request.socket.destroy(),
    (fetch, base) => see(fetch, base),
  )
  assert.equal(typeOf(found), 'error')
  assert.match(found.live.error ?? '', /^TypeError: fetch failed \(UND_ERR_SOCKET\)$/)
  assert.deepEqual(await replayed(found), found.live)
})

test('a server that is not there', async (t) => {
  const nowhere = await serve({ after: (close) => setImmediate(close) }, () => {})
  await setTimeout(5)
  const file = newCassette(t, name)
  const recorder = await record(file)
  const live = await see(recorder.fetch, nowhere)
  await recorder.stop()
  assert.equal(live.error, 'TypeError: fetch failed (ECONNREFUSED)')
  assert.deepEqual(await see((await record(file)).fetch, nowhere), live)
})

const aborts: readonly [
  sentence: string,
  signal: () => readonly [AbortSignal, () => void],
  reason: string,
][] = [
  [
    'an abort',
    () => {
      const controller = new AbortController()
      return [controller.signal, () => controller.abort()]
    },
    'AbortError',
  ],
  [
    'an abort with a reason',
    () => {
      const controller = new AbortController()
      return [controller.signal, () => controller.abort(new RangeError('enough'))]
    },
    'RangeError',
  ],
  ['a timeout', () => [AbortSignal.timeout(40), () => {}], 'TimeoutError'],
]

for (const [sentence, make, reason] of aborts) {
  test(`${sentence} within a body`, { timeout: 10_000 }, async (t) => {
    const [signal, abort] = make()
    const found = await recorded(
      t,
      (_, response) => response.writeHead(200).write('half'),
      (fetch, base) => see(fetch, base, { signal }, abort),
    )
    const { ending } = found.interactions[0] ?? assert.fail()
    assert.ok(ending.type === 'abort' && ending.reason === reason, JSON.stringify(ending))
    assert.deepEqual([found.live.status, found.live.text], [200, 'half'])
    const { error, ...rest } = await replayed(found)
    assert.deepEqual(rest, { status: 200, text: 'half' })
    assert.equal(
      error,
      `TapeError: the recording of interaction 0 ends here: its caller left (${reason}); record it anew to go on`,
    )
  })

  test(`${sentence} before an answer`, { timeout: 10_000 }, async (t) => {
    const [signal, abort] = make()
    const found = await recorded(
      t,
      () => abort(),
      (fetch, base) => see(fetch, base, { signal }),
    )
    const { ending, response } = found.interactions[0] ?? assert.fail()
    assert.ok(ending.type === 'abort' && ending.reason === reason, JSON.stringify(ending))
    assert.equal(response, null)
    assert.match((await replayed(found)).error ?? '', /^TapeError: the recording of interaction 0 ends here/)
  })

  test(`${sentence} while nobody reads`, { timeout: 10_000 }, async (t) => {
    const [signal, abort] = make()
    const found = await recorded(
      t,
      (_, response) => response.writeHead(200).write('half'),
      async (fetch, base) => {
        const { status } = await fetch(base, { signal })
        abort()
        await setTimeout(60)
        return { status, text: '', error: null }
      },
    )
    assert.equal(typeOf(found), 'abort')
  })
}

test('a caller that stops reading', async (t) => {
  const found = await recorded(
    t,
    (_, response) => response.writeHead(200).write('half'),
    async (fetch, base) => {
      const response = await fetch(base)
      for await (const _ of response.body ?? []) break
      return { status: response.status, text: 'half', error: null }
    },
  )
  const { ending } = found.interactions[0] ?? assert.fail()
  assert.ok(ending.type === 'abort' && ending.reason === 'cancelled')
  const { error, ...rest } = await replayed(found)
  assert.deepEqual(rest, { status: 200, text: 'half' })
  assert.match(error ?? '', /its caller left \(cancelled\)/)
})

test('a recorder that stops first', { timeout: 10_000 }, async (t) => {
  const file = newCassette(t, name)
  const base = await serve(t, (_, response) => response.writeHead(200).write('half'))
  const recorder = await record(file)
  const reader = (await recorder.fetch(base)).body?.getReader() ?? assert.fail()
  await reader.read()
  await recorder.stop()
  const before = readFileSync(file, 'utf8')
  await reader.cancel()
  await recorder.stop()
  assert.equal(readFileSync(file, 'utf8'), before)
  const { error, ...rest } = await see((await record(file)).fetch, base)
  assert.deepEqual(rest, { status: 200, text: 'half' })
  assert.match(error ?? '', /its recorder was gone/)
})

/** Answers without an end. */
const endless: Fetch = async () =>
  new Response(
    new ReadableStream(
      { pull: (controller) => controller.enqueue(Buffer.from('data: 1\n\n')) },
      { highWaterMark: 0 },
    ),
  )

test('an answer without an end is on tape as far as it was read', { timeout: 10_000 }, async (t) => {
  const file = newCassette(t, name)
  const recorder = await record(file, { fetch: endless })
  const reader = (await recorder.fetch('http://localhost/')).body?.getReader() ?? assert.fail()
  for (let count = 0; count < 1000; count += 1) await reader.read()
  await new Promise(setImmediate)
  assert.equal((await interactionsIn(file))[0]?.response?.chunks?.length, 1000)
  await reader.cancel()
  await recorder.stop()
  assert.equal((await interactionsIn(file))[0]?.response?.chunks?.length, 1000)
})

test('an abort ends a replay within a body, and what is left of it does not come', async (t) => {
  const file = newCassette(t, name)
  const chunks = [0, 1, 2].map(() => ({ length: 1, at: 0 }))
  const recorded = exchange(0, { method: 'GET' }, { body: 'abc', chunks })
  await writeCassette(file, [recorded])
  for (const isReading of [true, false]) {
    await using replay = await record(file, { mode: 'replay' })
    const controller = new AbortController()
    const reason = new Error('enough')
    const response = await replay.fetch('http://localhost/', { signal: controller.signal })
    if (isReading) {
      const reader = response.body?.getReader() ?? assert.fail()
      assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), 'a')
      controller.abort(reason)
      await assert.rejects(reader.read(), reason)
    } else {
      controller.abort(reason)
      await assert.rejects(response.text(), reason)
    }
  }
})

/** Ways to ask for a body. */
const readings: readonly ((response: Response) => Promise<unknown>)[] = [
  (response) => response.text(),
  (response) => response.bytes(),
  (response) => response.arrayBuffer(),
  (response) => response.blob(),
  (response) => response.body?.cancel() ?? assert.fail(),
  async (response) => response.body?.getReader().read(),
]

test('a body can be read once, as the platform has it, recorded or replayed', async (t) => {
  for (const [index, read] of readings.entries()) {
    const file = newCassette(t, name)
    const live = await record(file, { fetch: async () => new Response('abc') })
    await (await live.fetch('http://localhost/')).text()
    const responses = [
      new Response('abc'),
      await live.fetch('http://localhost/'),
      await (
        await record(file, { mode: 'live', fetch: async () => new Response('abc') })
      ).fetch('http://localhost/'),
    ]
    await live.stop()
    responses.push(await (await record(file, { mode: 'replay' })).fetch('http://localhost/'))
    for (const response of responses) {
      assert.equal(response.bodyUsed, false)
      await read(response)
      assert.equal(response.bodyUsed, true)
      for (const again of [readings[0], readings[1]])
        await assert.rejects(async () => again?.(response), TypeError)
      assert.throws(() => response.clone(), TypeError, `${index}`)
    }
  }
})
