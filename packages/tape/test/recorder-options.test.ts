/** Rules, expiry, cuts, notes, faults of time, and what a recorder says about its tape. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Fetch, type Mode, openCassette, record, type RecordOptions, TapeError } from '../src/index.ts'
import { answeredIn, exchange, interactionsIn, writeCassette } from './cassettes.ts'
import { cassetteNames, filesBeside, newCassette } from './servers.ts'

const native = cassetteNames[1]
const at = (host: string): string => `http://${host}/`

/** A network that says how often it was asked. */
function network(): { readonly fetch: Fetch; readonly count: () => number } {
  let count = 0
  return { fetch: async () => new Response(`live ${(count += 1)}`), count: () => count }
}

const textOf = async (response: Promise<Response>): Promise<string> => (await response).text()

/** Asks the same, by bodies that are read at once and by others. */
function askWith(fetch: Fetch, index: number): Promise<string> {
  const init = { method: 'POST', body: index % 2 === 0 ? 'same' : new Blob(['same']) }
  return textOf(index % 4 === 3 ? fetch(new Request(at('a'), init)) : fetch(at('a'), init))
}

for (const name of cassetteNames) {
  test(`${name}: each host goes by its own rule, and a rule that records anew leaves the others`, async (t) => {
    const file = newCassette(t, name)
    await writeCassette(
      file,
      ['a', 'b', 'c.example'].map((host, id) =>
        exchange(id, { method: 'GET', url: at(host) }, { body: host }),
      ),
    )
    const { fetch } = network()
    const rules = [
      { url: 'b', mode: 'all' },
      { url: '*.example', mode: 'live' },
    ] as const
    {
      await using recorder = await record(file, { mode: 'replay', rules, fetch })
      assert.equal(await textOf(recorder.fetch(at('a'))), 'a')
      assert.equal(await textOf(recorder.fetch(at('b'))), 'live 1')
      assert.equal(await textOf(recorder.fetch(at('c.example'))), 'live 2')
      await assert.rejects(recorder.fetch(at('d')), { code: 'miss' })
    }
    assert.deepEqual(
      (await answeredIn(file)).map(({ request, response }) => [request.url, response.body]),
      [
        [at('a'), 'a'],
        [at('c.example'), 'c.example'],
        [at('b'), 'live 1'],
      ],
    )
  })

  test(`${name}: a cassette that is too old is recorded anew, where the mode records at all`, async (t) => {
    const file = newCassette(t, name)
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
    const old = exchange(0, { method: 'GET', url: at('a') }, { body: 'old', headers: [['Date', date]] })
    await writeCassette(file, [{ ...old, startedAt: Date.parse(date) }])
    const answer = async (mode: Mode, days: number): Promise<string> => {
      const now = (): number => Date.parse(date) + days * 86_400_000
      await using recorder = await record(file, { mode, expires: '30d', now, fetch: network().fetch })
      return await textOf(recorder.fetch(at('a')))
    }
    assert.equal(await answer('once', 29), 'old')
    assert.equal(await answer('replay', 31), 'old')
    assert.equal(await answer('once', 31), 'live 1')
    assert.deepEqual(
      (await answeredIn(file)).map(({ response }) => response.body),
      ['live 1'],
    )
  })

  test(`${name}: a cut replays up to there and goes on live, in a cassette of its own`, async (t) => {
    const parent = newCassette(t, name)
    const child = join(parent, '..', `child-${name}`)
    const asked = ['a', 'b', 'c', 'd']
    await writeCassette(
      parent,
      asked.map((host, id) => exchange(id, { method: 'GET', url: at(host) }, { body: host })),
    )
    const before = readFileSync(parent)
    const run = async (options: RecordOptions): Promise<string[]> => {
      await using recorder = await record(child, { ...options, fetch: network().fetch })
      const answers: string[] = []
      for (const host of asked) answers.push(await textOf(recorder.fetch(at(host))))
      return answers
    }
    const cut = { of: parent, at: 2 }
    await assert.rejects(record(child, { mode: 'replay', cut }), { code: 'absent' })
    const first = ['a', 'b', 'live 1', 'live 2']
    assert.deepEqual(await run({ cut }), first)
    assert.deepEqual(await run({ cut }), first)
    assert.deepEqual(await run({ mode: 'replay' }), first)
    assert.deepEqual(await run({ mode: 'all', cut: { of: parent, at: 3 } }), ['a', 'b', 'c', 'live 1'])
    assert.deepEqual(readFileSync(parent), before)
    using opened = await openCassette(child)
    assert.deepEqual(opened?.about.parent, name === native ? { file: name, at: 3 } : null)
    await assert.rejects(record(`${child}.jsonl`, { cut: { of: parent, at: 5 } }), /it has 4 interactions/)
    await assert.rejects(
      record(`${child}.jsonl`, { cut: { of: `${parent}x`, at: 0 } }),
      /no such cassette to cut/,
    )
    assert.ok(!existsSync(`${child}.jsonl`))
  })

  test(`${name}: 64 equal calls at once are each answered by another interaction, in their order`, async (t) => {
    const file = newCassette(t, name)
    const { fetch } = network()
    const all = async (one: Fetch): Promise<string[]> =>
      Promise.all(Array.from({ length: 64 }, (_, index) => askWith(one, index)))
    const recorder = await record(file, { fetch })
    const live = await all(recorder.fetch)
    await recorder.stop()
    assert.equal(new Set(live).size, 64)
    await using replay = await record(file, { mode: 'replay' })
    assert.deepEqual(await all(replay.fetch), live)
    assert.deepEqual(replay.unused, [])
    await assert.rejects(askWith(replay.fetch, 0), { code: 'miss' })
  })

  test(`${name}: duplicates are equal requests with equal answers`, async (t) => {
    const file = newCassette(t, name)
    const answers: readonly [question: string, answer: string, status?: number][] = [
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
      ['a', '1'],
      ['a', '1', 429],
      ['a', '1'],
    ]
    await writeCassette(
      file,
      answers.map(([body, answer, status = 200], id) => exchange(id, { body }, { body: answer, status })),
    )
    await using recorder = await record(file, { mode: 'replay' })
    assert.deepEqual(
      recorder.duplicates.map(({ id }) => id),
      [3, 5],
    )
  })

  test(`${name}: with repeat, what is used up answers again, in its order`, async (t) => {
    const file = newCassette(t, name)
    await writeCassette(
      file,
      ['1', '2'].map((body, id) => exchange(id, { method: 'GET', url: at('a') }, { body })),
    )
    await using recorder = await record(file, { mode: 'replay', repeat: true })
    const answers: string[] = []
    for (let count = 0; count < 5; count += 1) answers.push(await textOf(recorder.fetch(at('a'))))
    assert.deepEqual(answers, ['1', '2', '1', '2', '1'])
    await assert.rejects(recorder.fetch(at('b')), { code: 'miss' })
  })

  test(`${name}: what looks like a key is masked, and said once`, async (t) => {
    const file = newCassette(t, name)
    const key = ['sk', 'proj', 'q8Zt3LxW0vKc7RnB5yHd2JmF9sGa4PeU6'].join('-')
    const options = { fetch: async () => new Response(`a ${key} b`) } satisfies RecordOptions
    const recorder = await record(file, options)
    assert.equal(await textOf(recorder.fetch(at('a'))), `a ${key} b`)
    await assert.rejects(recorder.stop(), (error) => {
      assert.ok(error instanceof TapeError)
      assert.equal(error.code, 'secret')
      assert.match(
        error.message,
        /masked: openai-key \(response body\)\n.*redact: { allow: \["openai-key"\] }/,
      )
      assert.ok(!error.message.includes(key))
      return true
    })
    await recorder.stop()
    assert.ok(!readFileSync(file, 'utf8').includes(key))
    {
      await using allowed = await record(file, { ...options, mode: 'all', redact: { allow: ['openai-key'] } })
      await textOf(allowed.fetch(at('a')))
    }
    assert.equal((await answeredIn(file))[0]?.response.body, `a ${key} b`)
  })

  test(`${name}: while one records, another cannot, and its calls go on`, async (t) => {
    const file = newCassette(t, name)
    const { fetch } = network()
    const late = await record(file, { mode: 'new', fetch })
    const first = await record(file, { mode: 'new', fetch })
    await textOf(first.fetch(at('a')))
    for (const mode of ['once', 'new', 'all'] as const) {
      await assert.rejects(record(file, { mode }), { code: 'locked' })
    }
    assert.equal(await textOf(late.fetch(at('b'))), 'live 2')
    await assert.rejects(late.stop(), { code: 'locked' })
    await textOf(first.fetch(at('c')))
    await first.stop()
    assert.deepEqual(
      (await interactionsIn(file)).map(({ request }) => request.url),
      [at('a'), at('c')],
    )
    const saved = readFileSync(file, 'utf8')
    assert.equal(await textOf(late.fetch(at('d'))), 'live 4')
    if (name === native) {
      assert.deepEqual(filesBeside(file), [name, `${name}.lock`])
      await late.stop()
    } else await assert.rejects(late.stop(), { code: 'locked' })
    assert.deepEqual(filesBeside(file), [name])
    assert.ok(readFileSync(file, 'utf8').startsWith(saved))
  })

  test(`${name}: without a call, nothing is written`, async (t) => {
    const file = newCassette(t, name)
    for (const mode of ['once', 'new', 'all'] as const) await (await record(file, { mode })).stop()
    assert.deepEqual(filesBeside(file), [])
    await writeCassette(file, [exchange(0, { method: 'GET' })])
    const before = readFileSync(file)
    for (const mode of ['once', 'new', 'all'] as const) await (await record(file, { mode })).stop()
    assert.deepEqual(readFileSync(file), before)
    assert.deepEqual(filesBeside(file), [name])
  })
}

test('a note stands on a native tape where it was said, without secrets', async (t) => {
  const file = newCassette(t, native)
  await using recorder = await record(file, {
    fetch: network().fetch,
    redact: { values: ['very-secret-value'] },
  })
  recorder.note({ test: 'one' })
  await textOf(recorder.fetch(at('a')))
  recorder.note({ tool: 'add', output: 'very-secret-value' })
  await recorder.stop()
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const types = lines.map((line) => (JSON.parse(line) as { readonly type: string }).type)
  assert.deepEqual(types, ['tape', 'note', 'request', 'response', 'chunk', 'end', 'note'])
  assert.match(lines.at(-1) ?? '', /"tool":"add","output":"REDACTED"/)
  assert.equal((await interactionsIn(file)).length, 1)
})

test('chunks come at their times, at any speed, and on a virtual clock in no time', async (t) => {
  const file = newCassette(t, native)
  const times = [20, 45, 70]
  await writeCassette(file, [
    {
      ...exchange(0, { method: 'GET', url: at('a') }),
      response: {
        ...exchange(0, {}).response,
        duration: 10,
        body: 'abc',
        chunks: times.map((time) => ({ length: 1, at: time })),
      },
      ending: { type: 'end', at: 100 },
    },
  ])
  for (const speed of [0, 1, 2]) {
    await using replay = await record(file, { mode: 'replay', speed })
    const { clock } = replay
    const [started, startedReal] = [clock.now(), performance.now()]
    const passed: number[] = []
    const response = await replay.fetch(at('a'))
    passed.push(clock.now() - started)
    for await (const _ of response.body ?? []) passed.push(clock.now() - started)
    passed.push(clock.now() - started)
    const expected = [10, ...times, 100]
    if (speed === 0) assert.deepEqual(passed, expected)
    const [took] = [performance.now() - startedReal]
    for (const [index, time] of expected.entries())
      assert.ok((passed[index] ?? 0) >= time - 2, `${speed}: ${passed.join()}`)
    if (speed > 0) assert.ok(took >= 100 / speed - 2, `${took}`)
  }
  await using whole = await record(file, { mode: 'replay' })
  assert.equal(await (await whole.fetch(at('a'))).text(), 'abc')
  assert.equal(whole.clock.now(), 100)
})

test('an overlay changes what is replayed', async (t) => {
  const file = newCassette(t, native)
  await writeCassette(
    file,
    ['1', '2'].map((body, id) => exchange(id, { method: 'GET', url: at('a') }, { body })),
  )
  const places: number[] = []
  await using recorder = await record(file, {
    mode: 'replay',
    overlays: [
      (reply, place) => {
        places.push(place)
        const pieces = [{ bytes: Buffer.from(`changed ${place}`), at: 0 }]
        return place === 1 ? { ...reply, pieces } : reply
      },
    ],
  })
  assert.deepEqual(
    [await textOf(recorder.fetch(at('a'))), await textOf(recorder.fetch(at('a')))],
    ['1', 'changed 1'],
  )
  assert.deepEqual(places, [0, 1])
})

test('what cannot be written leaves the call alone, and is said at the end', async (t) => {
  const file = newCassette(t, native)
  const recorder = await record(join(file, 'cassette.tape.jsonl'), { fetch: network().fetch })
  await writeCassette(file, [])
  assert.equal(await textOf(recorder.fetch(at('a'))), 'live 1')
  await assert.rejects(recorder.stop(), { code: 'unwritable' })
  await recorder.stop()
})

test('cassettes of other tools replay and are not recorded into', async (t) => {
  const file = join(newCassette(t), '..', 'a.yaml')
  const { writeFileSync } = await import('node:fs')
  writeFileSync(
    file,
    'version: 1\ninteractions:\n- request: {body: null, headers: {}, method: GET, uri: "http://a/"}\n  response: {body: {string: hello}, headers: {}, status: {code: 200, message: OK}}\n',
  )
  await using replay = await record(file, { mode: 'once' })
  assert.equal(await textOf(replay.fetch(at('a'))), 'hello')
  await assert.rejects(record(file, { mode: 'new' }), /format "vcrpy"; "playhead tape convert"/)
})

for (const expires of ['', '30', 'd', '30 days', '-1d']) {
  test(`"${expires}" is no age`, async (t) => {
    const file = newCassette(t, native)
    await writeCassette(file, [exchange(0, {})])
    await assert.rejects(record(file, { expires }), RangeError)
  })
}
