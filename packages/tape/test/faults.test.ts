/** Faults that are laid over a tape: the same each time, and met so often as they say. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { eventEnds } from '../src/faults/events.ts'
import { type Fault, openCassette, parseFaults, record, sweep, TapeError } from '../src/index.ts'

const seed = join(import.meta.dirname, '../../../examples/calculator/retry.yaml')

/** The seed's request for one interaction, sent through a recorder that lays faults over it. */
async function replayed(place: number, faults: readonly Fault[], times = 1): Promise<Outcome[]> {
  await using recorder = await record(seed, { mode: 'replay', faults })
  using cassette = await openCassette(seed)
  assert.ok(cassette)
  const { request } = cassette.at(place)
  const outcomes: Outcome[] = []
  for (let time = 0; time < times; time += 1) outcomes.push(await outcomeOf(recorder, request))
  return outcomes
}

interface Outcome {
  readonly status: number | null
  readonly retryAfter: string | null
  readonly text: string
  readonly error: string | null
  readonly waited: number
}

async function outcomeOf(
  recorder: Awaited<ReturnType<typeof record>>,
  { method, url, body }: { method: string; url: string; body: string | Uint8Array },
): Promise<Outcome> {
  const started = recorder.clock.now()
  let status: number | null = null
  let retryAfter: string | null = null
  let text = ''
  let error: string | null = null
  try {
    const response = await recorder.fetch(url, { method, body: String(body) })
    status = response.status
    retryAfter = response.headers.get('retry-after')
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
  } catch (cause) {
    error = cause instanceof Error ? `${cause.message}: ${(cause.cause as Error).message}` : 'thrown'
  }
  return { status, retryAfter, text, error, waited: recorder.clock.now() - started }
}

async function bodyOf(place: number): Promise<{ text: string; events: string[] }> {
  using cassette = await openCassette(seed)
  const response = cassette?.at(place).response
  assert.ok(response)
  const bytes = new TextEncoder().encode(String(response.body))
  let start = 0
  const events = eventEnds(bytes, response.headers).map((end) => {
    const event = new TextDecoder().decode(bytes.subarray(start, end))
    start = end
    return event
  })
  return { text: String(response.body), events }
}

suite('each fault', () => {
  test('cut ends the body as if it were complete', async () => {
    const { events } = await bodyOf(0)
    const [outcome] = await replayed(0, [{ type: 'cut', events: 3 }])
    assert.deepEqual([outcome?.text, outcome?.error], [events.slice(0, 3).join(''), null])
  })

  test('cut counts from the end, and in bytes', async () => {
    const { text, events } = await bodyOf(0)
    const [last] = await replayed(0, [{ type: 'cut', events: -1 }])
    assert.equal(last?.text, events.slice(0, -1).join(''))
    const [bytes] = await replayed(0, [{ type: 'cut', bytes: 100 }])
    assert.equal(bytes?.text, text.slice(0, 100))
  })

  test('reset breaks the connection, before the head or in the body', async () => {
    const { events } = await bodyOf(0)
    const [early] = await replayed(0, [{ type: 'reset', head: false }])
    assert.deepEqual([early?.status, early?.error], [null, 'fetch failed: read ECONNRESET'])
    const [late] = await replayed(0, [{ type: 'reset', events: 2 }])
    assert.deepEqual([late?.status, late?.text], [200, events.slice(0, 2).join('')])
    assert.equal(late?.error, 'terminated: read ECONNRESET')
  })

  test('stall and delay take time of the recorder’s clock, and all comes', async () => {
    const { text } = await bodyOf(0)
    const [plain] = await replayed(0, [])
    const [stalled] = await replayed(0, [{ type: 'stall', events: 2, for: 7000 }])
    const [delayed] = await replayed(0, [{ type: 'delay', for: 5000 }])
    assert.deepEqual([stalled?.text, delayed?.text], [text, text])
    assert.ok(plain && stalled && delayed)
    // What is left of a sleep that another one waited for already.
    assert.ok(stalled.waited >= plain.waited + 6990, `${stalled.waited}`)
    assert.ok(delayed.waited >= plain.waited + 4990, `${delayed.waited}`)
  })

  test('status answers instead, with Retry-After, and the retry succeeds', async () => {
    const { text } = await bodyOf(0)
    const fault: Fault = { type: 'status', status: 429, retryAfter: 2, message: 'slow down' }
    const [first, second] = await replayed(0, [fault], 2)
    assert.deepEqual([first?.status, first?.retryAfter], [429, '2'])
    assert.match(first?.text ?? '', /slow down/)
    assert.deepEqual([second?.status, second?.text], [200, text])
  })

  test('malformed breaks one event and leaves the others', async () => {
    const { events } = await bodyOf(0)
    const [outcome] = await replayed(0, [{ type: 'malformed', events: 2 }])
    assert.ok(outcome)
    assert.ok(outcome.text.startsWith(events.slice(0, 2).join('')))
    assert.ok(outcome.text.endsWith(events.slice(3).join('')))
    const broken = outcome.text.slice(events.slice(0, 2).join('').length, -events.slice(3).join('').length)
    assert.match(broken, /^data: \{.*\n\n$/s)
    assert.throws(() => JSON.parse(broken.slice(6)) as unknown)
  })

  test('duplicate sends one event twice', async () => {
    const { events } = await bodyOf(0)
    const [outcome] = await replayed(0, [{ type: 'duplicate', events: 1 }])
    const [first = '', second = ''] = events
    assert.equal(outcome?.text, [first, second, second, ...events.slice(2)].join(''))
  })

  test('times says how often, at says where', async () => {
    const faults: readonly Fault[] = [
      { type: 'status', status: 503, at: 0, times: 2 },
      { type: 'status', status: 500, at: 1, times: 'always' },
    ]
    const outcomes = await replayed(0, faults, 3)
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      [503, 503, 200],
    )
    const others = await replayed(1, faults, 3)
    assert.deepEqual(
      others.map(({ status }) => status),
      [500, 500, 500],
    )
  })
})

suite('a file of faults', () => {
  test('lies over the cassette that it stands beside', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'faults-'))
    context.after(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'calc.tape.jsonl')
    await using live = await record(file, {
      mode: 'once',
      fetch: () => Promise.resolve(new Response('fine')),
    })
    await (await live.fetch('http://127.0.0.1/')).text()
    await live.stop()
    await writeFile(join(folder, 'calc.faults.json'), '{"faults": [{"type": "status", "status": 529}]}')
    await using replay = await record(file, { mode: 'replay' })
    const statuses = [await replay.fetch('http://127.0.0.1/'), await replay.fetch('http://127.0.0.1/')]
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [529, 200],
    )
  })

  for (const [wire, message] of [
    ['{}', /faults must be a list/],
    ['[{"type": "flood"}]', /faults\[0\]\.type must be one of cut, reset/],
    ['[{"type": "cut", "event": 1}]', /faults\[0\]\.event is no field of "cut"/],
    ['[{"type": "delay"}]', /faults\[0\]\.for must be a number/],
    ['[{"type": "status", "status": "429"}]', /faults\[0\]\.status must be a status/],
    ['[{"type": "cut", "times": 0}]', /faults\[0\]\.times must be a number from 1, or "always"/],
    ['[{"type": "cut", "events": 1, "bytes": 2}]', /faults\[0\] is behind so many events or bytes, not both/],
    ['[{"type": "cut", "at": -1}]', /faults\[0\]\.at must be a place from 0/],
  ] as const) {
    test(`that is none: ${wire}`, () => {
      assert.throws(() => parseFaults(JSON.parse(wire)), message)
    })
  }
})

suite('sweep', () => {
  test('runs once for each point, and names those that were not survived', async () => {
    using cassette = await openCassette(seed)
    assert.ok(cassette)
    let points = 0
    for (const { response } of cassette) {
      assert.ok(response)
      points += eventEnds(new TextEncoder().encode(String(response.body)), response.headers).length
    }
    assert.equal(await sweep(seed, () => {}), points)
    const failing = sweep(seed, (_recorder, { at }) => assert.notEqual(at, 1))
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof AggregateError)
      assert.match(error.message, /breaks were not survived:\n {2}interaction 1, cut after 0 bytes/)
      return true
    })
  })

  test('of a cassette that is not there', async () => {
    await assert.rejects(
      sweep('/nowhere/at.yaml', () => {}),
      TapeError,
    )
  })
})
