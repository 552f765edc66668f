/** A recorder that is installed: what a program's own clients say is on its tape, and answered from it. */
import assert from 'node:assert/strict'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import undici from 'undici'
import { record } from '../src/index.ts'
import { all, askAll, askNode } from './clients.ts'
import { newCassette, serve } from './servers.ts'

function newTape(t: TestContext): string {
  return newCassette(t).replace(/\.yaml$/, '.tape.jsonl')
}

test('every client is recorded, and replayed when nobody is there any more', async (t) => {
  const file = newTape(t)
  let count = 0
  const base = await serve(t, (request, response) => {
    count += 1
    request.resume().on('end', () => response.end(`${request.method} answer`))
  })
  {
    await using recorder = await record(file)
    recorder.install()
    assert.deepEqual(await askAll(base), all('GET answer'))
    assert.equal(await post(base), 'POST answer')
  }
  assert.equal(count, 5)
  assert.deepEqual(await askAll(base), all('GET answer'))
  assert.equal(count, 9)
  await using replay = await record(file, { mode: 'replay' })
  replay.install()
  assert.deepEqual(await askAll(base), all('GET answer'))
  assert.equal(await post(base), 'POST answer')
  assert.equal(count, 9)
  assert.deepEqual(replay.unused, [])
})

async function post(url: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<http.IncomingMessage>()
  http.request(url, { method: 'POST' }, resolve).end('question')
  return text(await promise)
}

test('a stream that broke off breaks off again', async (t) => {
  const file = newTape(t)
  const base = await serve(t, (_, response) => {
    response.write('half')
    setTimeout(() => response.destroy(), 20)
  })
  for (const mode of ['once', 'replay'] as const) {
    await using recorder = await record(file, { mode })
    recorder.install()
    await assert.rejects(askNode(base), { code: 'ECONNRESET', message: 'aborted' }, mode)
  }
})

test('nobody there is nobody there in a replay', async (t) => {
  const file = newTape(t)
  const live: unknown = await askNode('http://127.0.0.1:1/').catch((error: unknown) => error)
  for (const mode of ['once', 'replay'] as const) {
    await using recorder = await record(file, { mode })
    recorder.install()
    const { code, message } = live as Error & { code: string }
    await assert.rejects(askNode('http://127.0.0.1:1/'), { code, message }, mode)
  }
})

test('a miss is what the request says', async (t) => {
  const file = newTape(t)
  const base = await serve(t, (_, response) => response.end('answer'))
  {
    await using recorder = await record(file)
    await (await recorder.fetch(base)).text()
  }
  await using replay = await record(file, { mode: 'replay' })
  replay.install()
  const other = `${base}/other`
  for (const ask of [askNode, undici.request, fetch])
    await assert.rejects(ask(other), { name: 'TapeError', code: 'miss' })
})

test('a recorder that was handed a fetch goes nowhere else', async (t) => {
  const url = 'http://nowhere.invalid/'
  await using recorder = await record(newTape(t), { mode: 'all', fetch: async () => new Response('handed') })
  recorder.install()
  assert.deepEqual(await askAll(url), all('handed'))
  assert.equal(await (await recorder.fetch(url)).text(), 'handed')
})

test('a recorder in use beside what it has installed records each call once', async (t) => {
  let count = 0
  const base = await serve(t, (_, response) => response.end(`answer ${(count += 1)}`))
  const recorder = await record(newTape(t), { mode: 'all' })
  recorder.install()
  assert.equal(await (await recorder.fetch(base)).text(), 'answer 1')
  assert.equal(await askNode(base), 'answer 2')
  await recorder.stop()
  const replay = await record(recorder.file, { mode: 'replay' })
  assert.equal(replay.unused.length, 2)
  assert.equal(await askNode(base), 'answer 3')
})

test('recorders of scopes keep their tapes apart, by one that is installed', async (t) => {
  const base = await serve(t, (request, response) => response.end(request.url))
  await using around = await record(newTape(t), { mode: 'all' })
  around.install()
  const files = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      await using recorder = await record(newTape(t))
      const answers = await recorder.scope(() => askAll(`${base}/${name}`))
      assert.deepEqual(answers, all(`/${name}`))
      return recorder.file
    }),
  )
  for (const [index, file] of files.entries()) {
    const { unused } = await record(file, { mode: 'replay' })
    assert.deepEqual(
      unused.map(({ request }) => request.url),
      all(`${base}/${'abc'[index]}`),
    )
  }
})
