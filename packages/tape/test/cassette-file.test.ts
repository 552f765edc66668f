/** Cassettes on disk: a process that is killed while it writes leaves a whole one. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { writeGoVcrFile } from '../src/cassette-file.ts'
import { openCassette } from '../src/open.ts'
import type { GoVcrFile } from '../src/index.ts'
import { answered, exchange } from './cassettes.ts'
import { filesBeside, newCassette } from './servers.ts'

/** Writes cassettes of 200 equal interactions, each larger than the one before, until it is killed. */
const endlessWriter = (file: string): string => `
  import { writeGoVcrFile } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../src/cassette-file.ts')).href)}
  const style = { library: 'go-yaml', indent: 4, compact: true }
  for (let round = 1; ; round += 1) {
    const request = { method: 'GET', url: 'http://a/', headers: [], body: '' }
    const response = { status: 200, statusText: 'OK', headers: [], body: String(round).repeat(2000), duration: 0 }
    const interactions = Array.from({ length: 200 }, (_, id) => ({ id, request, response }))
    await writeGoVcrFile(${JSON.stringify(file)}, { style, interactions })
    if (round === 1) console.log('begun')
  }`

test('a kill at any moment leaves a whole cassette', { timeout: 30_000 }, async (t) => {
  const file = newCassette(t)
  for (const wait of [0, 3, 9, 20]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', endlessWriter(file)], {
      stdio: 'pipe',
    })
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, wait))
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
    const interactions = [...((await openCassette(file)) ?? [])]
    assert.equal(interactions.length, 200)
    assert.equal(new Set(interactions.map((interaction) => answered(interaction).response.body)).size, 1)
  }
})

test('a reader never sees half a cassette', async (t) => {
  const file = newCassette(t)
  await writeGoVcrFile(file, large('a'))
  const whole = statSync(file).size
  const sizes = new Set<number>()
  const writing = writeGoVcrFile(file, large('b'))
  const written = writing.then(() => true)
  do sizes.add(statSync(file).size)
  while (!(await Promise.race([written, new Promise<boolean>((resolve) => setImmediate(resolve, false))])))
  assert.deepEqual([...sizes], [whole])
  assert.equal((await openCassette(file))?.at(0).response?.body[0], 'b')
})

/** Some megabytes. */
function large(character: string): GoVcrFile {
  return {
    style: { library: 'go-yaml', indent: 4, compact: true },
    interactions: [exchange(0, {}, { body: character.repeat(4_000_000) })],
  }
}

test('a cassette in folders that are not there makes them', async (t) => {
  const file = join(newCassette(t), 'a', 'b', 'cassette.yaml')
  await writeGoVcrFile(file, { style: { library: 'go-yaml', indent: 4, compact: true }, interactions: [] })
  assert.deepEqual([...((await openCassette(file)) ?? ['none'])], [])
})

const empty: GoVcrFile = {
  style: { library: 'go-yaml', indent: 4, compact: true },
  interactions: [],
}

const links: readonly [sentence: string, target: (real: string) => string, isThere: boolean][] = [
  ['to a file', (real) => real, true],
  ['to a file, by a relative path', () => 'real/cassette.yaml', true],
  ['to no file yet', (real) => real, false],
  ['to no file yet, by a relative path', () => 'real/cassette.yaml', false],
]

for (const [sentence, target, isThere] of links) {
  test(`a link stays one, and what it points to is saved: ${sentence}`, async (t) => {
    const file = newCassette(t)
    const real = join(file, '..', 'real', 'cassette.yaml')
    mkdirSync(join(real, '..'))
    if (isThere) writeFileSync(real, '')
    symlinkSync(target(real), file)
    await writeGoVcrFile(file, empty)
    assert.ok(lstatSync(file).isSymbolicLink())
    assert.match(readFileSync(real, 'utf8'), /^---\nversion: 2\n/)
    assert.deepEqual([filesBeside(file), filesBeside(real)], [['cassette.yaml', 'real'], ['cassette.yaml']])
  })
}

test('a link that leads to itself cannot be saved', async (t) => {
  const file = newCassette(t)
  symlinkSync(file, file)
  await assert.rejects(writeGoVcrFile(file, empty), { name: 'TapeError', code: 'unwritable' })
  assert.deepEqual(filesBeside(file), ['cassette.yaml'])
})

test('a file keeps its permissions, whatever new files get', async (t) => {
  const file = newCassette(t)
  await writeGoVcrFile(file, empty)
  for (const mode of [0o600, 0o666, 0o640]) {
    chmodSync(file, mode)
    await writeGoVcrFile(file, empty)
    assert.equal(statSync(file).mode & 0o777, mode)
  }
})

test('no file is no cassette', async (t) => {
  assert.equal(await openCassette(newCassette(t)), undefined)
  assert.equal(await openCassette(join(newCassette(t), 'a', 'b.yaml')), undefined)
})

const unreadable: readonly [sentence: string, make: (file: string) => void, why: RegExp][] = [
  [
    'a folder',
    (file) => mkdirSync(file),
    /: the cassette cannot be read: EISDIR: illegal operation on a directory$/,
  ],
  [
    'bytes that are no text',
    (file) => writeFileSync(file, Uint8Array.of(0xc3, 0x28)),
    /: it is not UTF-8 text, so it is no cassette of a format that is known: .*docs\/recording\.md/,
  ],
  ['an empty file', (file) => writeFileSync(file, ''), /: the file is empty/],
  [
    'a text that goes on',
    (file) => writeFileSync(file, 'version: 2\ninteractions:\n  - [\n'),
    /:\d+: this is not valid YAML/,
  ],
]

for (const [sentence, make, why] of unreadable) {
  test(`unreadable: ${sentence}`, async (t) => {
    const file = newCassette(t)
    make(file)
    await assert.rejects(openCassette(file), (error: Error) => {
      assert.ok(error.message.startsWith(file))
      assert.match(error.message, why)
      return true
    })
  })
}
