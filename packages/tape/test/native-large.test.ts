/** Native tapes that are large: bodies, and many interactions. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { digest } from '../src/match.ts'
import { openNativeTape } from '../src/native/read.ts'
import { digestsOf } from './cassettes.ts'
import {
  ask,
  exchange,
  interactionOf,
  matcher,
  newTape,
  openJournal,
  readAll,
  recordAll,
} from './native-tape.ts'

/** Megabytes; on demand 1024. */
const large = Number(process.env['PLAYHEAD_LARGE'] ?? 64)

test(`a body of ${large} MB is recorded, read and copied by pieces, in little memory`, async (t) => {
  const file = newTape(t)
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'native-streaming.ts'),
    file,
    String(large),
  ])
  const { memory, whole, ...read } = JSON.parse(stdout) as { memory: number; whole: unknown }
  assert.deepEqual(read, { pieces: large * 16, status: 200, size: large * 2 ** 20, isSame: true })
  // It counts what was not collected yet, too; beyond some size it does not grow with the body.
  assert.ok(memory < Math.min(40 + large, 256), `${memory} MB`)
  assert.equal(whole, large >= 512 ? 'too-large' : whole)
  const [tape, copy] = [file, `${file}.copy`].map((each) => statSync(each).size)
  assert.ok(Math.abs((tape ?? 0) - (copy ?? 0)) < 100)
})

test('100,000 interactions open quickly, and each is found', (t) => {
  const file = newTape(t)
  const count = 100_000
  writeFileSync(
    file,
    '{"type":"tape","version":1,"recordedAt":null,"matcher":"test","normalise":[],"parent":null}\n',
  )
  for (let start = 0; start < count; start += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, place) => {
      const id = start + place
      return [
        `{"type":"request","id":${id},"key":"${key(id)}","at":null,"method":"POST","url":"http://x","headers":[],"body":"${id}"}`,
        `{"type":"response","id":${id},"at":1,"status":200,"statusText":"OK","headers":[]}`,
        `{"type":"chunk","id":${id},"at":2,"text":"answer ${id}"}`,
        `{"type":"end","id":${id},"at":3,"bytes":${7 + String(id).length}}\n`,
      ].join('\n')
    })
    appendFileSync(file, lines.join(''))
  }
  const started = performance.now()
  const memory = process.memoryUsage().heapUsed
  using tape = openNativeTape(file)
  const digests = digestsOf(tape, matcher)
  const took = performance.now() - started
  assert.equal(tape.length, count)
  // Half of it is what it takes where nothing else goes on.
  assert.ok(took < 2000, `${took} ms`)
  assert.ok(process.memoryUsage().heapUsed - memory < 100e6)
  for (const id of [0, 99_999, 50_000, 12_345]) {
    assert.equal(digests[id], key(id))
    assert.equal(tape.at(id).request.body, String(id))
    assert.equal(tape.at(id).response?.body, `answer ${id}`)
  }
})

function key(id: number): string {
  return digest(matcher.key(ask(String(id))))
}

test('a large piece and a large body without times stand on lines of a bearable length', async (t) => {
  const file = newTape(t)
  const text = '🙂 and "text"\n'.repeat(2 ** 20 * 1.5)
  const journal = await openJournal(file)
  recordAll(journal, [exchange('?', text)])
  await journal.close()
  const lines = readFileSync(file, 'utf8').split('\n')
  assert.ok(Math.max(...lines.map((line) => line.length)) < 2 ** 25)
  const [read] = readAll(file)
  const { response, ...rest } = interactionOf(exchange('?', text), 0)
  assert.deepEqual({ ...read, response: null }, { ...rest, response: null })
  assert.equal(read?.response?.body, response?.body)
  assert.equal(read?.response?.chunks?.length, 2)
})

test('streams that arrive at once are read each for itself, in time that grows with the tape only', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  const streams = 64
  const pieces = 300
  const ids = Array.from({ length: streams }, (_, place) => journal.begin(ask(`stream ${place}`), 0))
  for (const id of ids) journal.head(id, { status: 200, statusText: 'OK', headers: [], duration: 1 })
  for (let piece = 0; piece < pieces; piece++)
    for (const id of ids) journal.chunk(id, Buffer.from(`data: ${id} ${piece} ${'x'.repeat(150)}\n\n`), piece)
  for (const id of ids) journal.end(id, { type: 'end', at: pieces })
  await journal.close()
  const started = performance.now()
  const all = readAll(file)
  for (const { id, response } of all) {
    assert.equal(response?.chunks?.length, pieces)
    const expected = Array.from(
      { length: pieces },
      (_, piece) => `data: ${id} ${piece} ${'x'.repeat(150)}\n\n`,
    )
    assert.equal(response.body, expected.join(''))
  }
  assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`)
})
