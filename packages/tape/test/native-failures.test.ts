/** Recording on a native tape that cannot go well: the call goes on, and the error says what to do. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { writeNativeTape } from '../src/native/copy.ts'
import { openNativeTape } from '../src/native/read.ts'
import { ask, exchange, interactionOf, newTape, openJournal, readAll, recordAll } from './native-tape.ts'
import type { Scope } from './servers.ts'

const library = JSON.stringify(join(import.meta.dirname, 'native-tape.ts'))

async function tapeWith(t: Scope, ...texts: readonly string[]): Promise<string> {
  const file = newTape(t)
  const journal = await openJournal(file)
  recordAll(
    journal,
    texts.map((text) => exchange(text, text)),
  )
  await journal.close()
  return file
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder).toSorted()
}

test('a full disk ends the recording with an error, not the calls; what was over before is there', (t) => {
  const file = newTape(t)
  // Like a full disk, but for one process: its files grow up to 64 blocks of 1024 bytes.
  const script = `
    process.on('SIGXFSZ', () => {})
    const { openJournal, recordAll, exchange } = await import(${library})
    const journal = await openJournal(${JSON.stringify(file)})
    let over = 0
    for (let call = 0; call < 100; call++) {
      recordAll(journal, [exchange('call ' + call, 'x'.repeat(3000))])
      if (journal.problem === null) over++
    }
    const error = await journal.close().catch((error) => error)
    console.log(JSON.stringify([over, error?.code, error?.message, journal.problem === error]))`
  const child = spawnSync(
    'bash',
    ['-c', 'ulimit -f 64; exec "$0" --input-type=module -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  )
  const [over, code, message, isProblem] = JSON.parse(child.stdout) as [number, string, string, boolean]
  assert.deepEqual([code, isProblem], ['unwritable', true])
  assert.match(message, /calls\.tape\.jsonl: the tape cannot be recorded: EFBIG: file too large$/)
  assert.ok(over > 10 && over < 22, String(over))
  using tape = openNativeTape(file)
  assert.deepEqual(tape.warnings, [])
  const all = readAll(file)
  const expected = Array.from({ length: over }, (_, call) => exchange(`call ${call}`, 'x'.repeat(3000)))
  assert.deepEqual(all.slice(0, over), expected.map(interactionOf))
  for (const { ending } of all.slice(over)) assert.equal(ending.type, 'unfinished')
  assert.equal(existsSync(`${file}.lock`), false)
})

test('a disk that is full from the start leaves no half of a tape', async (t) => {
  const file = newTape(t)
  mkdirSync(dirname(file), { recursive: true })
  const script = `
    process.on('SIGXFSZ', () => {})
    const { openJournal } = await import(${library})
    console.log((await openJournal(${JSON.stringify(file)}).catch((error) => error)).code)`
  const child = spawnSync(
    'bash',
    ['-c', 'ulimit -f 0; exec "$0" --input-type=module -e "$1" | cat', process.execPath, script],
    { encoding: 'utf8' },
  )
  assert.equal(child.stdout, 'unwritable\n')
  assert.deepEqual(filesIn(dirname(file)), [])
})

test('a folder that may not be written in is said', async (t) => {
  const file = newTape(t)
  const folder = dirname(file)
  chmodSync(folder, 0o555)
  const asRoot = process.getuid?.() === 0
  if (asRoot) process.seteuid?.(65_534)
  try {
    await assert.rejects(openJournal(file), {
      code: 'unwritable',
      message: `${file}: the tape cannot be recorded: EACCES: permission denied`,
    })
  } finally {
    if (asRoot) process.seteuid?.(0)
    chmodSync(folder, 0o755)
  }
  assert.deepEqual(filesIn(folder), [])
})

const impossible: readonly (readonly [name: string, at: (folder: string) => string, message: RegExp])[] = [
  ['below a file', (folder) => join(folder, 'file', 'calls.tape.jsonl'), /ENOTDIR: not a directory/],
  ['that is a folder', (folder) => folder, /it is not a file/],
  ['that is a device', () => '/dev/full', /it is not a file/],
  ['whose name is too long', (folder) => join(folder, 'x'.repeat(300)), /ENAMETOOLONG/],
]
for (const [name, at, message] of impossible) {
  test(`a tape ${name} is refused, and nothing is left behind`, async (t) => {
    const folder = dirname(newTape(t))
    writeFileSync(join(folder, 'file'), '')
    for (const mode of ['append', 'replace'] as const)
      await assert.rejects(openJournal(at(folder), mode), (error: Error & { code?: string }) => {
        assert.match(error.message, message)
        return error.code === 'unwritable' || error.code === 'unreadable'
      })
    assert.deepEqual(filesIn(folder), ['file'])
    assert.equal(existsSync('/dev/full.lock'), false)
    assert.ok(statSync('/dev/full').isCharacterDevice())
  })
}

test('a folder that is not there yet is made', async (t) => {
  const file = join(dirname(newTape(t)), 'a/b/calls.tape.jsonl')
  await (await openJournal(file)).close()
  assert.deepEqual(readAll(file), [])
})

test('what is no tape is not written to', async (t) => {
  for (const content of ['', 'version: 2\n', '{"log":{}}\n', '{"type":"tape","version":2}\n']) {
    const file = newTape(t)
    writeFileSync(file, content)
    await assert.rejects(openJournal(file, 'append'), { code: 'unreadable' })
    assert.equal(readFileSync(file, 'utf8'), content)
    assert.deepEqual(filesIn(dirname(file)), ['calls.tape.jsonl'])
  }
})

test('a folder that vanishes while it is recorded in is said, and the calls go on', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  recordAll(journal, [exchange('first', 'a')])
  rmSync(dirname(file), { recursive: true })
  recordAll(journal, [exchange('second', 'b')])
  assert.match(String(journal.problem), /calls\.tape\.jsonl: .*somebody deleted or replaced it/)
  recordAll(journal, [exchange('third', 'c')])
  await assert.rejects(journal.close(), { code: 'unwritable' })
})

test('a tape that is deleted at the very end is said', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  recordAll(journal, [exchange('first', 'a')])
  unlinkSync(file)
  await assert.rejects(journal.close(), { code: 'unwritable' })
  assert.deepEqual(filesIn(dirname(file)), [])
})

test('a tape that is moved away keeps what is recorded on it', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  renameSync(file, `${file}.moved`)
  recordAll(journal, [exchange('first', 'a')])
  await journal.close()
  assert.deepEqual(readAll(`${file}.moved`), [interactionOf(exchange('first', 'a'), 0)])
})

test('whatever comes after the journal was closed is dropped', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  const id = journal.begin(ask('open'), 0)
  await journal.close()
  journal.chunk(id, Buffer.from('late'), 1)
  journal.end(id, { type: 'end', at: 2 })
  recordAll(journal, [exchange('later', 'x')])
  await journal.close()
  assert.equal(journal.problem, null)
  assert.deepEqual(
    readAll(file).map(({ ending }) => ending),
    [{ type: 'unfinished', at: 0 }],
  )
})

test('a tape behind a link is recorded where it is', async (t) => {
  const file = newTape(t)
  const link = join(dirname(file), 'link.tape.jsonl')
  symlinkSync('calls.tape.jsonl', link)
  for (const mode of ['append', 'append', 'replace'] as const) {
    const journal = await openJournal(link, mode)
    await assert.rejects(openJournal(file), { code: 'locked' })
    recordAll(journal, [exchange(mode, 'x')])
    await journal.close()
  }
  assert.deepEqual(filesIn(dirname(file)), ['calls.tape.jsonl', 'link.tape.jsonl'])
  assert.deepEqual(
    readAll(file).map(({ request }) => request.body),
    ['replace'],
  )
})

test('a new recording in the place of an old one does not disturb who reads that', async (t) => {
  const file = await tapeWith(t, 'old')
  chmodSync(file, 0o640)
  using tape = openNativeTape(file)
  const journal = await openJournal(file, 'replace')
  recordAll(journal, [exchange('new', 'n')])
  await journal.close()
  assert.equal(tape.at(0).request.body, 'old')
  assert.equal(readAll(file)[0]?.request.body, 'new')
  assert.equal(statSync(file).mode & 0o777, 0o640)
})

test('one process at a time records on a tape; the other is told who does', async (t) => {
  const file = newTape(t)
  const script = `
    const { openJournal, recordAll, exchange } = await import(${library})
    const journal = await openJournal(${JSON.stringify(file)})
    recordAll(journal, [exchange('theirs', 'x')])
    console.log('ready')
    process.stdin.once('end', () => journal.close()).resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const isLocked = {
    code: 'locked',
    message: new RegExp(`calls\\.tape\\.jsonl: process ${child.pid} on .* delete .*\\.lock$`),
  }
  await assert.rejects(openJournal(file), isLocked)
  await assert.rejects(openJournal(file, 'replace'), isLocked)
  using tape = openNativeTape(file)
  await assert.rejects(writeNativeTape(file, tape), isLocked)
  assert.equal(tape.length, 1)
  child.stdin.end()
  await new Promise((resolve) => child.on('close', resolve))
  const journal = await openJournal(file)
  recordAll(journal, [exchange('ours', 'y')])
  await journal.close()
  assert.deepEqual(
    readAll(file).map(({ request }) => request.body),
    ['theirs', 'ours'],
  )
  assert.deepEqual(filesIn(dirname(file)), ['calls.tape.jsonl'])
})

test('a process that records on a tape cannot begin so twice', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  await assert.rejects(openJournal(file), { code: 'locked', message: /this process records on this tape/ })
  await journal.close()
})

/** Locks that were left behind, by their content, and whether they still hold. */
const left: readonly (readonly [name: string, content: () => string, holds: boolean])[] = [
  ['of a process that is gone', () => lockOf({ pid: 2 ** 22 + 1 }), false],
  ['of a process whose number another one has', () => lockOf({ pid: process.ppid, started: '1' }), false],
  ['of a process that had our number', () => lockOf({ started: '1' }), false],
  ['of a process that lives', () => lockOf({ pid: process.ppid, started: null }), true],
  ['of a process on another machine', () => lockOf({ pid: 2 ** 22 + 1, host: 'elsewhere' }), true],
  ['that says nothing', () => '', true],
  ['that says something else', () => '[]', true],
]
for (const [name, content, holds] of left) {
  test(`a lock ${name} ${holds ? 'holds' : 'is taken over'}`, async (t) => {
    const file = await tapeWith(t, 'first')
    writeFileSync(`${file}.lock`, content())
    if (holds) {
      await assert.rejects(openJournal(file), { code: 'locked' })
      assert.equal(readFileSync(`${file}.lock`, 'utf8'), content())
    } else {
      const journal = await openJournal(file)
      await assert.rejects(openJournal(file), { code: 'locked', message: /this process/ })
      await journal.close()
      assert.deepEqual(filesIn(dirname(file)), ['calls.tape.jsonl'])
    }
  })
}

function lockOf(owner: object): string {
  return JSON.stringify({ pid: process.pid, host: hostname(), started: null, at: 'then', ...owner })
}

test('of many processes that find a lock left behind, one at a time takes it over', async (t) => {
  const file = await tapeWith(t, 'first')
  writeFileSync(`${file}.lock`, lockOf({ pid: 2 ** 22 + 1 }))
  const script = `
    const { openJournal, recordAll, exchange } = await import(${library})
    for (;;) {
      const journal = await openJournal(${JSON.stringify(file)}).catch(() => undefined)
      if (journal === undefined) { await new Promise((resolve) => setTimeout(resolve, 1)); continue }
      recordAll(journal, [exchange('one of many', 'a', 'b')])
      await journal.close()
      break
    }`
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }),
  )
  await Promise.all(children.map((child) => new Promise((resolve) => child.on('close', resolve))))
  using tape = openNativeTape(file)
  assert.deepEqual(tape.warnings, [])
  assert.deepEqual(
    readAll(file).slice(1),
    Array.from({ length: 6 }, (_, place) => interactionOf(exchange('one of many', 'a', 'b'), place + 1)),
  )
})
