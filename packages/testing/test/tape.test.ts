/** A test on tape: recorded by its first run, replayed by the others, and told what it did not ask for. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { newProject, run, tapesIn, write } from './programs.ts'

test('the example of the README runs: once online, then offline', (t) => {
  const [, example = ''] =
    /```ts\n([^`]+)```/.exec(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')) ?? []
  const folder = newProject(t)
  const file = write(folder, 'calculator.test.ts', example)
  const first = run(file, { online: true })
  assert.ok(first.isPassed, first.output)
  assert.match(first.output, /network calls: 1/)
  assert.deepEqual(tapesIn(folder), ['calculator.test.ts/adds.tape.jsonl'])
  const second = run(file, { CI: '1' })
  assert.ok(second.isPassed, second.output)
})

/** Asks by all ways that a program has. */
const asking = `
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import http from 'node:http'
import { tape } from '@playhead/testing'
const url = 'http://chat.invalid/v1/chat/completions'
async function ask(content, fetch = globalThis.fetch) {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] })
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  return (await response.json()).choices[0].message.content
}
`

test('tests that run side by side have their own tapes, also by the global fetch', (t) => {
  const folder = newProject(t)
  const file = write(
    folder,
    'side.test.ts',
    `${asking}
describe('A suite: "side by side"', { concurrency: true }, () => {
  for (const name of ['one', 'Two/2', '…', 'x'.repeat(300)])
    test(name, async (t) => {
      await using recorder = await tape(t)
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.equal(await ask(name), name)
      assert.equal(await ask(name + ' again', recorder.fetch), name + ' again')
    })
})`,
  )
  const first = run(file, { online: true })
  assert.ok(first.isPassed, first.output)
  assert.match(first.output, /network calls: 8/)
  const suite = 'side.test.ts/a-suite-side-by-side'
  const names = ['[0-9a-f]{8}', 'one', 'two-2', 'x{70}-[0-9a-f]{8}']
  const tapes = tapesIn(folder)
  assert.match(
    tapes.join('\n'),
    new RegExp(`^${names.map((name) => `${suite}/${name}.tape.jsonl`).join('\n')}$`),
  )
  for (const tape of tapes) {
    const lines = readFileSync(join(folder, '__tapes__', tape), 'utf8').split('\n')
    assert.equal(lines.filter((line) => line.startsWith('{"type":"request"')).length, 2)
  }
  const before = tapes.map((tape) => readFileSync(join(folder, '__tapes__', tape), 'utf8'))
  const again = run(file, { CI: 'true' })
  assert.ok(again.isPassed, again.output)
  assert.deepEqual(
    tapesIn(folder).map((tape) => readFileSync(join(folder, '__tapes__', tape), 'utf8')),
    before,
  )
})

const one = `${asking}
test('adds', async (t) => {
  await using recorder = await tape(t, JSON.parse(process.env.OPTIONS ?? '{}'))
  for (const word of process.env.WORDS.split(' ')) assert.equal(await ask(word), word)
})`

test('CI means no network and no writes; PLAYHEAD_MODE says otherwise', (t) => {
  const folder = newProject(t)
  const file = write(folder, 'a.test.ts', one)
  for (const [CI, isRecorded] of [
    ['1', false],
    ['true', false],
    ['0', true],
  ] as const) {
    const { isPassed, output } = run(file, { online: true, CI, WORDS: 'a' })
    assert.equal(isPassed, isRecorded, output)
    assert.equal(tapesIn(folder).length, isRecorded ? 1 : 0)
  }
  const missed = run(file, { online: true, CI: '1', WORDS: 'b', OPTIONS: '{"mode":"all"}' })
  assert.ok(!missed.isPassed)
  assert.match(missed.output, /network calls: 0/)
  const renewed = run(file, { online: true, CI: '1', WORDS: 'b', PLAYHEAD_MODE: 'all' })
  assert.ok(renewed.isPassed, renewed.output)
  assert.match(
    run(file, { WORDS: 'a', PLAYHEAD_MODE: 'al' }).output,
    /PLAYHEAD_MODE is "al"; it can be replay, once/,
  )
})

test('what a test did not ask for, and what stands there twice, is said; in a strict one it fails', (t) => {
  const folder = newProject(t)
  const file = write(folder, 'a.test.ts', one)
  assert.ok(run(file, { online: true, WORDS: 'a b a' }).isPassed)
  const said = run(file, { WORDS: 'a' })
  assert.ok(said.isPassed, said.output)
  assert.match(said.output, /interaction 1 was not asked for: POST http:\/\/chat\.invalid/)
  assert.match(said.output, /interaction 2 is on the tape twice/)
  const strict = run(file, { WORDS: 'a', OPTIONS: '{"strict":true}' })
  assert.ok(!strict.isPassed)
  assert.match(strict.output, /interaction 1 was not asked for/)
})

test('a failed first run says how to record anew', (t) => {
  const folder = newProject(t)
  const file = write(folder, 'a.test.ts', one)
  const failed = run(file, { WORDS: 'a' })
  assert.ok(!failed.isPassed)
  assert.match(failed.output, /adds\.tape\.jsonl: the test failed while it was recorded; PLAYHEAD_MODE=all /)
  assert.doesNotMatch(run(file, { WORDS: 'a' }).output, /while it was recorded/)
  assert.ok(run(file, { online: true, PLAYHEAD_MODE: 'all', WORDS: 'a' }).isPassed)
})

test('two tests that would be one tape are told', (t) => {
  const folder = newProject(t)
  const file = write(
    folder,
    'a.test.ts',
    `${asking}
for (const name of ['a b', 'a/b']) test(name, async (t) => { await tape(t) })
test('A-b', async (t) => { await tape(t, { name: 'another' }) })`,
  )
  const { output } = run(file, { online: true })
  assert.match(output, /"a b" and "a\/b" would be one tape; give one of them a name/)
  assert.match(output, /# pass 2/)
})
