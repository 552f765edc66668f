/** A call that fails is recorded as far as it came, and its replay ends in the same place. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { record, TapeError } from '../src/index.ts'
import { answeredIn } from './cassettes.ts'
import { cassetteNames, filesBeside, newCassette, serve, signalOnce } from './servers.ts'

test('a connection that breaks within a body', { timeout: 10_000 }, async (t) => {
  const file = newCassette(t)
  const seen = signalOnce()
  const base = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\nda')
    void seen.said.then(() => response.destroy())
  })
  const recorder = await record(file)
  const reader = (await recorder.fetch(base)).body?.getReader() ?? assert.fail()
  assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), 'data: 1\n\nda')
  seen.say()
  await assert.rejects(reader.read(), TypeError)
  await recorder.stop()
  const replay = await record(file, { mode: 'replay' })
  assert.equal(await (await replay.fetch(base)).text(), 'data: 1\n\nda')
})

test(
  'a caller that aborts within a body, before the recorder stops and after',
  { timeout: 10_000 },
  async (t) => {
    const base = await serve(t, (_, response) => response.writeHead(200).write('half'))
    for (const isSavedFirst of [true, false]) {
      const file = newCassette(t)
      const recorder = await record(file)
      const controller = new AbortController()
      const response = await recorder.fetch(base, { signal: controller.signal })
      const reader = response.body?.getReader() ?? assert.fail()
      await reader.read()
      if (isSavedFirst) await recorder.stop()
      controller.abort()
      await assert.rejects(reader.read(), { name: 'AbortError' })
      await recorder.stop()
      assert.equal((await answeredIn(file))[0]?.response.body, 'half')
    }
  },
)

test('a body that nobody began to read is not on the tape: what it holds was never seen', async (t) => {
  const file = newCassette(t)
  const base = await serve(t, (request, response) => response.writeHead(500).end(request.url))
  const recorder = await record(file)
  const [first] = [await recorder.fetch(`${base}/first`), await recorder.fetch(`${base}/never`)]
  await recorder.stop()
  assert.deepEqual(filesBeside(file), [])
  assert.equal(await first.text(), '/first')
  await recorder.stop()
  const interactions = await answeredIn(file)
  assert.deepEqual(
    interactions.map(({ id, response }) => [id, response.body]),
    [[0, '/first']],
  )
})

test('a body that was cancelled unread is empty, and one that was copied is whole', async (t) => {
  const file = newCassette(t)
  const base = await serve(t, (_, response) => response.writeHead(500).end('a'))
  const recorder = await record(file)
  await (await recorder.fetch(base)).body?.cancel()
  await (await recorder.fetch(base)).clone().text()
  await recorder.stop()
  const interactions = await answeredIn(file)
  assert.deepEqual(
    interactions.map(({ response }) => response.body),
    ['', 'a'],
  )
})

test('failures and their retry, in their order', async (t) => {
  const file = newCassette(t)
  const answers = [429, 503, 200]
  const base = await serve(t, (_, response) => response.writeHead(answers.shift() ?? 0).end('x'))
  const statuses = async (fetch: typeof globalThis.fetch): Promise<number[]> => {
    const all: number[] = []
    for (let i = 0; i < 3; i += 1) {
      const response = await fetch(base, { method: 'POST', body: '{}' })
      await response.text()
      all.push(response.status)
    }
    return all
  }
  const recorder = await record(file)
  assert.deepEqual(await statuses(recorder.fetch), [429, 503, 200])
  await recorder.stop()
  assert.deepEqual(await statuses((await record(file)).fetch), [429, 503, 200])
})

test('a server that is not there leaves no trace: no empty cassette, and the old one stays', async (t) => {
  const nowhere = await serve({ after: (close) => setImmediate(close) }, () => {})
  await new Promise((resolve) => setTimeout(resolve, 5))
  const file = newCassette(t)
  {
    await using recorder = await record(file)
    await assert.rejects(recorder.fetch(nowhere), TypeError)
  }
  assert.deepEqual(filesBeside(file), [])
  const old = '---\nversion: 2\ninteractions: []\n'
  writeFileSync(file, old)
  {
    await using recorder = await record(file, { mode: 'all' })
    await assert.rejects(recorder.fetch(nowhere), TypeError)
  }
  assert.equal(readFileSync(file, 'utf8'), old)
})

test('a request that is aborted before it is sent takes no answer from the tape', async (t) => {
  const file = newCassette(t)
  const base = await serve(t, (_, response) => response.end('a'))
  {
    await using recorder = await record(file)
    await (await recorder.fetch(base)).text()
  }
  const replay = await record(file, { mode: 'replay' })
  await assert.rejects(replay.fetch(base, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  assert.equal(await (await replay.fetch(base)).text(), 'a')
})

test('an abort while a replay waits ends it', async (t) => {
  const file = newCassette(t)
  const text =
    '---\nversion: 2\ninteractions: [{request: {url: "http://a/"}, response: {code: 200, duration: 1h}}]\n'
  writeFileSync(file, text)
  const replay = await record(file, { mode: 'replay', speed: 1 })
  const controller = new AbortController()
  const reason = new Error('enough')
  const waiting = assert.rejects(replay.fetch('http://a/', { signal: controller.signal }), reason)
  setImmediate(() => controller.abort(reason))
  await waiting
})

test('what a recording cannot be is said before anything is recorded', async (t) => {
  const file = newCassette(t).replace(/\.\w+$/, '.har')
  await assert.rejects(record(file, { mode: 'once' }), (error) => {
    assert.ok(error instanceof TapeError)
    assert.match(error.message, /\.har: a recording is a native tape \(\.tape\.jsonl\) or go-vcr \(\.yaml\)/)
    return true
  })
})

/** Places where no cassette can be written, once the recorder is there. */
const unwritable: readonly [sentence: string, spoil: (file: string) => void][] = [
  ['its folder became a file', (file) => writeFileSync(join(file, '..'), '')],
  ['a folder took its name', (file) => mkdirSync(file, { recursive: true })],
]

for (const [sentence, spoil] of unwritable) {
  test(`what cannot be saved is an error, and leaves no draft: ${sentence}`, async (t) => {
    const beside = newCassette(t)
    const file = join(beside, '..', 'folder', 'cassette.yaml')
    const recorder = await record(file, { fetch: async () => new Response('a') })
    await (await recorder.fetch('http://localhost/')).text()
    spoil(file)
    await assert.rejects(recorder.stop(), (error) => {
      assert.ok(error instanceof TapeError)
      assert.deepEqual([error.code, error.file], ['unwritable', file])
      assert.match(error.message, /: the cassette cannot be saved: E[A-Z]+: [^/]+$/)
      return true
    })
    assert.deepEqual(filesBeside(beside), ['folder'])
    if (existsSync(file)) assert.deepEqual(filesBeside(file), ['cassette.yaml'])
  })
}

test(
  'a folder without permission to write keeps its old cassette',
  { skip: process.getuid?.() === 0 && 'the superuser may write everywhere' },
  async (t) => {
    const file = newCassette(t)
    writeFileSync(file, '---\nversion: 2\ninteractions: []\n')
    const recorder = await record(file, { mode: 'all', fetch: async () => new Response('a') })
    await (await recorder.fetch('http://localhost/')).text()
    const folder = join(file, '..')
    chmodSync(folder, 0o500)
    try {
      await assert.rejects(recorder.stop(), { name: 'TapeError', code: 'unwritable' })
      assert.deepEqual(filesBeside(file), ['cassette.yaml'])
    } finally {
      chmodSync(folder, 0o700)
    }
  },
)

test('a note that says nothing is null', async (t) => {
  const file = newCassette(t, cassetteNames[1])
  const recorder = await record(file, { fetch: async () => new Response('a') })
  recorder.note(undefined)
  await (await recorder.fetch('http://localhost/')).text()
  await recorder.stop()
  assert.match(readFileSync(file, 'utf8'), /\n\{"type":"note"[^\n]*null[^\n]*\}\n/)
})
