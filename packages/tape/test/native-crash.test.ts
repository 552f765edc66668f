/** A recording that is stopped at any moment keeps what had come to its end. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Interaction } from '../src/interaction.ts'
import { openNativeTape } from '../src/native/read.ts'
import { exchange, interactionOf, newTape, openJournal, readAll, recordAll } from './native-tape.ts'
import { serve } from './servers.ts'

const kills = Number(process.env['PLAYHEAD_KILLS'] ?? 20)

/** What the server answers to each path. */
function answerOf(path: string): readonly string[] {
  const length = 1 + ((path.length * 7 + Number(path.at(-1))) % 9)
  return Array.from({ length }, (_, place) => `data: ${path} 🙂 ${place}\n\n`)
}

test(`what had finished before one of ${kills} kills is there, all else is marked`, async (t) => {
  const base = await serve(t, (request, response) => {
    const pieces = [...answerOf(request.url ?? '')]
    const next = (): void => {
      const piece = pieces.shift()
      if (piece === undefined) return void response.end()
      response.write(piece)
      setImmediate(next)
    }
    next()
  })
  const file = newTape(t)
  const finished = new Map<number, string>()
  for (let kill = 0; kill < kills; kill++) {
    await recordAndKill(file, base, String(kill), (id, name) => finished.set(id, name))
    using tape = openNativeTape(file)
    for (const [id, name] of finished) checkFinished(tape.at(id), `/${name}`)
    const unfinished = [...tape].filter(({ id }) => !finished.has(id))
    for (const { ending } of unfinished) assert.ok(['unfinished', 'end'].includes(ending.type))
    assert.ok(unfinished.length <= 4 * (kill + 1), `${unfinished.length} unfinished`)
  }
  assert.ok(finished.size > kills, `${finished.size} finished`)
  const journal = await openJournal(file)
  recordAll(journal, [exchange('after all of it', 'a piece')])
  await journal.close()
  const all = readAll(file)
  assert.deepEqual(all.at(-1), interactionOf(exchange('after all of it', 'a piece'), all.length - 1))
  for (const [id, name] of finished) checkFinished(all[id], `/${name}`)
})

/** Kills the recording some time after its first interaction is over, or sometimes while it starts. */
async function recordAndKill(
  file: string,
  base: string,
  seed: string,
  see: (id: number, name: string) => void,
): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'native-recording.ts'), file, base, seed],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let said = ''
  // Every fourth one early, perhaps before there is a tape.
  let isKilling = Number(seed) % 4 === 3
  if (isKilling) setTimeout(() => child.kill('SIGKILL'), Math.random() * 300)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (!isKilling) setTimeout(() => child.kill('SIGKILL'), Math.random() * 40)
    isKilling = true
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...end) => resolve(end))
  })
  assert.deepEqual([code, signal], [null, 'SIGKILL'])
  for (const line of said.split('\n').slice(0, -1)) {
    const [id, name = ''] = line.split(' ')
    see(Number(id), name)
  }
}

function checkFinished(interaction: Interaction | undefined, path: string): void {
  assert.ok(interaction !== undefined && interaction.request.url.endsWith(path), `no ${path}`)
  assert.equal(interaction.request.body, 'the same start '.repeat(100) + path.slice(1))
  assert.equal(interaction.ending.type, 'end')
  assert.equal(interaction.response?.body, answerOf(path).join(''))
}

test('a tape that is cut at any byte opens, keeps what was over, and goes on', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  const exchanges = [exchange('first', 'ä'), exchange('second 🙂', 'b', 'c')]
  recordAll(journal, exchanges)
  await journal.close()
  const whole = readFileSync(file)
  const header = whole.indexOf(10) + 1
  const ends = exchanges.map((_, id) => {
    const line = whole.indexOf(`{"type":"end","id":${id}`)
    return whole.indexOf(10, line)
  })
  for (let size = header; size <= whole.length; size++) {
    writeFileSync(file, whole.subarray(0, size))
    const over = ends.filter((end) => end <= size).length
    const read = readAll(file)
    assert.deepEqual(read.slice(0, over), exchanges.slice(0, over).map(interactionOf), `cut at ${size}`)
    for (const { ending } of read.slice(over)) assert.equal(ending.type, 'unfinished', `cut at ${size}`)
    const again = await openJournal(file)
    recordAll(again, [exchange('more', 'e')])
    await again.close()
    using tape = openNativeTape(file)
    assert.deepEqual(tape.warnings, [], `cut at ${size}`)
    assert.deepEqual(
      Array.from(tape, ({ request }) => request.body),
      [...read.map(({ request }) => request.body), 'more'],
    )
    assert.deepEqual(readAll(file).at(-1), interactionOf(exchange('more', 'e'), read.length))
  }
})

test('a torn last line is left out with a warning that says where', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  recordAll(journal, [exchange('first', 'a')])
  await journal.close()
  appendFileSync(file, '{"type":"request","id":1,"ke')
  using tape = openNativeTape(file)
  assert.deepEqual(tape.warnings, [
    'line 6 is torn and left out: whoever recorded this was stopped while writing it',
  ])
  assert.equal(tape.length, 1)
})

test('zeros at the end, as a machine leaves them that lost its power, are a torn line', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  recordAll(journal, [exchange('first', 'a')])
  await journal.close()
  const { length } = readFileSync(file)
  truncateSync(file, length + 4096)
  assert.deepEqual(readAll(file), [interactionOf(exchange('first', 'a'), 0)])
  await (await openJournal(file)).close()
  assert.equal(readFileSync(file).length, length)
})

test('a process that exits in order leaves its last pieces on the tape, and no lock', async (t) => {
  const file = newTape(t)
  const script = `
    const { openJournal, ask } = await import(${JSON.stringify(join(import.meta.dirname, 'native-tape.ts'))})
    const journal = await openJournal(${JSON.stringify(file)})
    const id = journal.begin(ask('last'), 0)
    journal.head(id, { status: 200, statusText: '', headers: [], duration: 1 })
    journal.chunk(id, Buffer.from('a piece'), 2)
    process.exit()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  await new Promise((resolve) => child.on('close', resolve))
  const [last] = readAll(file)
  assert.equal(last?.response?.body, 'a piece')
  assert.deepEqual(last.ending, { type: 'unfinished', at: 2 })
  assert.equal(existsSync(`${file}.lock`), false)
})
