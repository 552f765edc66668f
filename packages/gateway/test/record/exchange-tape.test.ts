/** What a gateway records: each generation's exchanges with upstreams, in order, byte for byte, without keys. */
import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Interaction, record as replay } from '@playhead/tape'
import { replayingShelves, startServer } from '@playhead/tape/serve'
import { conversation } from '@playhead/wire'
import { transportFetch } from '../../src/record/transport-fetch.ts'
import { tapeTransport } from '../../src/transport/tape-transport.ts'
import type { Receiver, Transport } from '../../src/transport/transport.ts'
import { readSeeds } from '../recorded.ts'
import { upstreamKeyOf } from '../running.ts'
import { endingOf, exchange, requestTo } from '../transport/exchanges.ts'
import { type Act, refusal } from '../upstream.ts'
import { askAndLeave, send, startRecording, tapedOf } from './recording.ts'

const seeds = await readSeeds()
const recorded = seeds.text.chutes
const whole = recorded.frames.join('')
const answers: Act = { type: 'answer', recorded }
const slow: Act = { type: 'slow', recorded, pace: 2 }

/** Status, how it ended, and the body. */
function shape({ response, ending }: Interaction): readonly [number | null, string, string] {
  return [response?.status ?? null, ending.type, Buffer.from(response?.body ?? '').toString()]
}

describe('what is recorded', { concurrency: 2 }, () => {
  test('a stream, chunk for chunk and to its end', async () => {
    await using recording = await startRecording()
    recording.one.play(slow)
    const { text, record } = await recording.ask({ stream: true })
    assert.match(text, /\[DONE\]\s+$/)
    const [taped, ...others] = await tapedOf(record)
    assert.ok(taped !== undefined && others.length === 0)
    assert.deepEqual(shape(taped), [200, 'end', whole])
    const chunks = taped.response?.chunks ?? []
    assert.ok(chunks.length > recorded.frames.length / 2, `${chunks.length} chunks`)
    assert.equal(taped.request.body, recording.one.requests[0]?.text)
  })

  test('a plain answer', async () => {
    await using recording = await startRecording()
    recording.one.play(answers)
    const { record } = await recording.ask()
    assert.deepEqual((await tapedOf(record)).map(shape), [[200, 'end', recorded.plain]])
  })

  for (const stream of [true, false]) {
    const form = stream ? 'a stream' : 'a plain answer'
    test(`a failover before ${form}: both attempts on one tape, in order`, async () => {
      await using recording = await startRecording()
      recording.one.play(refusal(429, 'Slow down'))
      recording.two.play(answers)
      const { record } = await recording.ask({ stream })
      assert.deepEqual(
        record.attempts.map(({ provider, outcome }) => [provider, outcome]),
        [
          ['one', 'rate-limited'],
          ['two', 'answer'],
        ],
      )
      const taped = await tapedOf(record)
      assert.deepEqual(
        taped.map(({ request }) => new URL(request.url).origin),
        [recording.one, recording.two].map(({ baseUrl }) => new URL(baseUrl).origin),
      )
      assert.deepEqual(
        taped.map((one) => shape(one).slice(0, 2)),
        [
          [429, 'end'],
          [200, 'end'],
        ],
      )
    })
  }

  test('an answer that broke off ends with the error that it met', async () => {
    await using recording = await startRecording()
    recording.one.play({ type: 'cut', recorded, events: 4 })
    const { record } = await recording.ask({ stream: true })
    assert.equal(record.outcome, 'failed')
    const taped = await tapedOf(record)
    assert.deepEqual(taped.map(shape), [[200, 'error', recorded.frames.slice(0, 4).join('')]])
  })

  test('an error within a stream, which ends it', async () => {
    await using recording = await startRecording()
    recording.one.play({ type: 'error-event', recorded, events: 4, error: { code: 500, message: 'crashed' } })
    const { record } = await recording.ask({ stream: true })
    assert.equal(record.outcome, 'failed')
    const [taped] = await tapedOf(record)
    assert.equal(taped?.ending.type, 'end')
    assert.match(String(taped.response?.body), /crashed/)
  })

  test('a stream whose connection stays open after its last word, which is then cut', async () => {
    await using recording = await startRecording()
    recording.one.play({ type: 'stall', recorded, events: recorded.frames.length })
    const { record } = await recording.ask({ stream: true })
    assert.deepEqual((await tapedOf(record)).map(shape), [[200, 'end', whole]])
    while (recording.one.requests[0]?.hasLeft !== true) await wait(20)
  })

  test('an answer whose client leaves, as far as it came', async () => {
    await using recording = await startRecording()
    const record = await askAndLeave(recording, recorded)
    assert.equal(record.outcome, 'cancelled')
    const taped = await tapedOf(record)
    assert.deepEqual(taped.map(shape), [[200, 'abort', recorded.frames.slice(0, 4).join('')]])
  })

  test('a question whose client leaves before anything comes', async () => {
    await using recording = await startRecording()
    const leaving = new AbortController()
    recording.one.play({
      type: 'choose',
      choose: () => {
        leaving.abort()
        return { type: 'silence' }
      },
    })
    await assert.rejects(send(recording.running, { signal: leaving.signal }))
    const [open] = await recording.running.gateway.store.listGenerations({}, 1, null)
    const record = await recording.settled(open?.id ?? '')
    assert.deepEqual((await tapedOf(record)).map(shape), [[null, 'abort', '']])
  })

  test('a status that the platform has no response for', async () => {
    await using recording = await startRecording()
    recording.one.play(refusal(799, 'Odd'))
    recording.two.play(answers)
    const { status, record } = await recording.ask()
    assert.equal(status, 200)
    assert.deepEqual(
      (await tapedOf(record)).map((one) => one.response?.status),
      [799, 200],
    )
  })

  test('nothing, where nothing was sent', async () => {
    await using recording = await startRecording()
    const { record } = await recording.ask({ model: 'keyless', more: { provider: {} } })
    assert.deepEqual([record.attempts.length > 0, record.tape], [true, null])
    assert.deepEqual(tapesIn(recording.folder), [])
  })

  test('into files that nobody else reads', async () => {
    await using recording = await startRecording()
    recording.one.play(answers)
    const { record } = await recording.ask()
    const day = new Date(record.at).toISOString().slice(0, 10)
    assert.equal(record.tape, join(recording.folder, day, `${record.id}.tape.jsonl`))
    assert.equal(statSync(join(recording.folder, day)).mode & 0o077, 0)
  })
})

describe('whose exchanges are recorded', () => {
  const cases: readonly (readonly [says: string, share: number, ofKey: number, isRecorded: boolean])[] = [
    ['all, where the configuration says so', 1, 0, true],
    ['those of a key that says so', 0, 1, true],
    ['else nobody’s', 0, 0, false],
  ]
  for (const [says, share, ofKey, isRecorded] of cases)
    test(says, async () => {
      await using recording = await startRecording({}, share)
      const { key } = await recording.running.createKey({ record: ofKey })
      recording.one.play(answers)
      const { record } = await recording.ask({ key })
      assert.equal(record.tape !== null, isRecorded)
      assert.equal(tapesIn(recording.folder).length, isRecorded ? 1 : 0)
    })
})

test('no key is on a tape, whoever says it', async () => {
  await using recording = await startRecording()
  const { key } = recording.running
  const upstreamKey = upstreamKeyOf('one')
  const prompt = `My key is ${key}, what is yours?`
  const said = {
    ...recorded,
    frames: recorded.frames.map((frame) => frame.replaceAll('Adding', upstreamKey)),
  }
  for (const act of [
    { type: 'answer', recorded: said },
    refusal(401, `Incorrect key ${upstreamKey}`, {
      headers: { 'x-echo': upstreamKey, 'set-cookie': `k=${upstreamKey}` },
    }),
    { type: 'cut', recorded: said, events: 4 },
  ] as const) {
    for (const stream of [true, false]) {
      recording.one.play(act)
      recording.two.play(answers)
      const { record } = await recording.ask({ stream, text: prompt })
      assert.ok(recording.one.requests.length === 0 || record.tape !== null)
    }
  }
  const tapes = tapesIn(recording.folder)
  assert.equal(tapes.length, 6)
  const content = tapes.map((file) => readFileSync(join(recording.folder, file), 'utf8')).join('\n')
  assert.match(content, /what is yours/)
  for (const secret of [key, key.slice(-43), upstreamKey, upstreamKeyOf('two')])
    assert.ok(!content.includes(secret), secret)
})

describe('a tape answers again, byte for byte', () => {
  for (const stream of [true, false]) {
    test(`${stream ? 'a stream' : 'a plain answer'}, to a client and to a gateway`, async (t) => {
      await using recording = await startRecording()
      recording.one.play(slow)
      const { record } = await recording.ask({ stream })
      const [{ request } = assert.fail()] = await tapedOf(record)
      const body = String(request.body)
      const shelves = replayingShelves(record.tape ?? '', { meaning: conversation })
      await using server = await startServer(shelves, { host: '127.0.0.1', port: 0 })
      const again = await fetch(new URL(new URL(request.url).pathname, server.url), { method: 'POST', body })
      assert.deepEqual([again.status, await again.text()], [200, stream ? whole : recorded.plain])
      const transport = await tapeTransport(record.tape ?? '')
      t.after(() => transport.close())
      const told = await exchange(transport, requestTo(request.url, { body }))
      assert.deepEqual([endingOf(told), told.body], ['end', stream ? whole : recorded.plain])
    })
  }

  test('a failover, in its order', async () => {
    await using recording = await startRecording()
    recording.one.play(refusal(429, 'Slow down'))
    recording.two.play(slow)
    const { record } = await recording.ask({ stream: true })
    await using replaying = await replay(record.tape ?? '', { mode: 'replay' })
    const said: unknown[] = []
    for (const { request } of await tapedOf(record)) {
      const { method, url, body } = request
      const again = await replaying.fetch(url, { method, body: String(body) })
      said.push([again.status, await again.text()])
    }
    const refused = JSON.stringify(refusal(429, 'Slow down').body)
    assert.deepEqual(said, [
      [429, refused],
      [200, whole],
    ])
  })
})

describe('a transport as a fetch', () => {
  const url = 'http://127.0.0.1:9/v1'
  const never = new AbortController().signal

  test('what was given up before it was sent is not sent', async () => {
    const { transport, said } = scripted()
    const asking = transportFetch(transport, requestTo(url), never)(url, { signal: AbortSignal.abort() })
    await assert.rejects(asking, { name: 'AbortError' })
    assert.deepEqual(said, [])
  })

  test('who reads slowly holds the sender', async () => {
    const { transport, said, receiver } = scripted()
    const asking = transportFetch(transport, requestTo(url), never)(url)
    receiver().head({ status: 200, headers: [] })
    const { body } = await asking
    said.length = 0
    receiver().data(new Uint8Array(200_000))
    assert.deepEqual(said, [])
    receiver().data(new Uint8Array(200_000))
    assert.deepEqual(said, ['pause'])
    const reader = body?.getReader()
    await reader?.read()
    await reader?.read()
    assert.deepEqual(said.slice(0, 2), ['pause', 'resume'])
  })
})

/** A transport that sends nothing, and what it was told. */
function scripted(): {
  readonly transport: Transport
  readonly said: string[]
  readonly receiver: () => Receiver
} {
  const said: string[] = []
  let receiver: Receiver | null = null
  return {
    said,
    receiver: () => receiver ?? assert.fail('nothing was sent'),
    transport: {
      send(_request, one) {
        said.push('send')
        receiver = one
        return {
          pause: () => said.push('pause'),
          resume: () => said.push('resume'),
          abort: () => said.push('abort'),
        }
      },
      close: () => Promise.resolve(),
    },
  }
}

function tapesIn(folder: string): readonly string[] {
  return globSync('**/*.tape.jsonl', { cwd: folder })
}
