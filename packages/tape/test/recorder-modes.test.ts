/** Each mode, for a request that is on the cassette, one that is not, and no cassette at all. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { writeGoVcrFile } from '../src/cassette-file.ts'
import { goccyStyle, yamlV3Style, yamlV4NarrowStyle, yamlV4Style } from '../src/go-vcr/format.ts'
import { type Fetch, type Mode, modes, record, TapeError } from '../src/index.ts'
import { type Answered, answeredIn, exchange, writeCassette } from './cassettes.ts'
import { cassetteNames, filesBeside, newCassette } from './servers.ts'

const url = 'http://localhost/'

function interaction(id: number, question: string, answer: string): Answered {
  return exchange(id, { url, body: question }, { body: answer, duration: 1 })
}

/** The network. */
const network: Fetch = async () => new Response('live', { status: 200, statusText: 'OK' })
const ask = (fetch: Fetch, question: string): Promise<string> =>
  fetch(url, { method: 'POST', body: question }).then((response) => response.text())

/** In each cell the answer, or the error, and the answers that stand on the cassette afterwards. */
type Cell = readonly [answer: string, cassette: readonly string[] | 'none']

const table: Readonly<Record<Mode, readonly [hit: Cell, miss: Cell, absent: Cell]>> = {
  replay: [
    ['old', ['old', 'other']],
    ['miss', ['old', 'other']],
    ['absent', 'none'],
  ],
  once: [
    ['old', ['old', 'other']],
    ['miss', ['old', 'other']],
    ['live', ['live']],
  ],
  new: [
    ['old', ['old', 'other']],
    ['live', ['old', 'other', 'live']],
    ['live', ['live']],
  ],
  all: [
    ['live', ['live']],
    ['live', ['live']],
    ['live', ['live']],
  ],
  live: [
    ['live', ['old', 'other']],
    ['live', ['old', 'other']],
    ['live', 'none'],
  ],
}

/** The answer, or the code of the error. */
async function answerOf(file: string, mode: Mode, question: string): Promise<string> {
  try {
    await using recorder = await record(file, { mode, fetch: network })
    return await ask(recorder.fetch, question)
  } catch (error) {
    assert.ok(error instanceof TapeError, String(error))
    return error.code
  }
}

function suite(name: string): void {
  for (const mode of modes) {
    for (const [place, found] of (['hit', 'miss', 'absent'] as const).entries()) {
      const [answer, after] = table[mode][place] ?? assert.fail()
      test(`${mode}, ${found}: ${answer}`, async (t) => {
        const file = newCassette(t, name)
        const recorded = [interaction(0, 'known', 'old'), interaction(1, 'other', 'other')]
        if (found !== 'absent') await writeCassette(file, recorded)
        assert.equal(await answerOf(file, mode, found === 'miss' ? 'unknown' : 'known'), answer)
        const answers = (await answeredIn(file)).map(({ response }) => response.body)
        assert.deepEqual(existsSync(file) ? answers : 'none', after)
      })
    }
  }

  test('the default is once', async (t) => {
    const recorder = await record(newCassette(t, name))
    assert.equal(recorder.mode, 'once')
  })

  for (const mode of ['replay', 'once', 'new', 'live'] as const) {
    test(`${mode} does not touch a file when there is nothing to add`, async (t) => {
      const file = newCassette(t, name)
      // Written by hand: it would look otherwise if it was written again.
      const text = `version: 2\ninteractions: [{request: {method: POST, url: "${url}", body: a}, response: {code: 200}}]\n`
      writeFileSync(file, text)
      const before = statSync(file)
      const recorder = await record(file, { mode, fetch: network })
      await ask(recorder.fetch, 'a')
      await ask(recorder.fetch, 'b').catch(() => {})
      if (mode !== 'new') await recorder.stop()
      const after = statSync(file)
      assert.deepEqual([after.mtimeMs, after.ino], [before.mtimeMs, before.ino])
      assert.equal(readFileSync(file, 'utf8'), text)
      assert.deepEqual(
        filesBeside(file).filter((name) => !name.endsWith('.lock')),
        [name],
      )
    })
  }

  for (const style of [yamlV3Style, yamlV4Style, yamlV4NarrowStyle, goccyStyle]) {
    test(`new leaves the old interactions' bytes as they are: ${JSON.stringify(style)}`, async (t) => {
      const file = newCassette(t, name)
      const interactions = [
        interaction(0, '{"a": "it\'s"}', 'data: 1\n\ndata: 2\n\n'),
        interaction(1, 'b', ' x '),
      ]
      await writeGoVcrFile(file, { style, interactions })
      const before = readFileSync(file, 'utf8')
      await using recorder = await record(file, { mode: 'new', fetch: network })
      await ask(recorder.fetch, 'new')
      await recorder.stop()
      const after = readFileSync(file, 'utf8')
      assert.equal(after.slice(0, before.length), before)
      assert.equal((await answeredIn(file))[2]?.request.body, 'new')
    })
  }

  for (const [sentence, text] of [
    ['no YAML', '{{{'],
    ['a tape of another version', '{"type":"tape","version":99}\n'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
  ] as const) {
    test(`live ignores ${sentence}, all other modes refuse it`, async (t) => {
      const file = newCassette(t, name)
      writeFileSync(file, text)
      await using recorder = await record(file, { mode: 'live', fetch: network })
      assert.equal(await ask(recorder.fetch, 'a'), 'live')
      for (const mode of ['replay', 'once', 'new', 'all'] as const) {
        await assert.rejects(record(file, { mode }), { name: 'TapeError', code: 'unreadable', file })
      }
    })
  }

  test('live hands on the very arguments and the very response', async (t) => {
    const response = new Response('x')
    const calls: unknown[][] = []
    const fetch: Fetch = async (...args) => {
      calls.push(args)
      return response
    }
    const recorder = await record(newCassette(t, name), { mode: 'live', fetch })
    const request = new Request(url, { method: 'POST', body: 'a' })
    const init = { headers: { a: 'b' } }
    assert.equal(await recorder.fetch(request, init), response)
    assert.deepEqual(calls, [[request, init]])
    assert.equal(request.bodyUsed, false)
  })

  test('what was recorded in a session is not replayed in it', async (t) => {
    for (const mode of ['once', 'new', 'all'] as const) {
      let calls = 0
      const fetch: Fetch = async () => new Response(String((calls += 1)))
      await using recorder = await record(newCassette(t, name), { mode, fetch })
      assert.deepEqual([await ask(recorder.fetch, 'a'), await ask(recorder.fetch, 'a')], ['1', '2'], mode)
    }
  })

  test('saving twice, also at once, saves the same', async (t) => {
    const file = newCassette(t, name)
    const recorder = await record(file, { mode: 'new', fetch: network })
    await ask(recorder.fetch, 'a')
    await Promise.all([recorder.stop(), recorder.stop(), recorder.stop()])
    await ask(recorder.fetch, 'b')
    await recorder.stop()
    assert.deepEqual(
      (await answeredIn(file)).map(({ id, request }) => [id, request.body]),
      [
        [0, 'a'],
        [1, 'b'],
      ],
    )
    assert.deepEqual(filesBeside(file), [name])
  })

  test('unused tells what no request has asked for', async (t) => {
    const file = newCassette(t, name)
    const interactions = ['a', 'b', 'a'].map((question, id) => interaction(id, question, String(id)))
    await writeCassette(file, interactions)
    const recorder = await record(file, { mode: 'replay' })
    assert.equal(recorder.unused.length, 3)
    await ask(recorder.fetch, 'a')
    assert.deepEqual(
      recorder.unused.map(({ id }) => id),
      [1, 2],
    )
  })
}

for (const name of cassetteNames) describe(name, () => suite(name))
