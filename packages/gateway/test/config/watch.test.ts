/** A configuration that changes is read again, however it was written. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { watchConfiguration } from '../../src/config/watch.ts'

interface Watched {
  readonly folder: string
  readonly file: string
  /** What came next: a text, or what went wrong. */
  readonly next: () => Promise<string>
}

function watched(
  t: TestContext,
  onChange: (text: string) => void = () => {},
  prepare: (folder: string, file: string) => void = (_, file) => writeFileSync(file, 'port: 1\n'),
): Watched {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-watch-'))
  const file = join(folder, 'playhead.yaml')
  prepare(folder, file)
  const came: string[] = []
  const waiting: ((said: string) => void)[] = []
  const tell = (said: string): void => {
    const next = waiting.shift()
    if (next === undefined) came.push(said)
    else next(said)
  }
  const watching = watchConfiguration(
    file,
    (text) => {
      onChange(text)
      tell(text)
    },
    (error) => tell(`error: ${error instanceof Error ? error.message : String(error)}`),
  )
  t.after(() => {
    watching.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const next = (): Promise<string> =>
    new Promise((resolve) => {
      const said = came.shift()
      if (said === undefined) waiting.push(resolve)
      else resolve(said)
    })
  return { folder, file, next }
}

/** What is watched does not keep a process: a test that waits has to. */
function alive(t: TestContext): void {
  const timer = setInterval(() => {}, 1000)
  t.after(() => clearInterval(timer))
}

const writers: readonly (readonly [
  name: string,
  write: (folder: string, file: string, text: string) => void,
])[] = [
  ['written over', (_, file, text) => writeFileSync(file, text)],
  [
    'replaced by another',
    (folder, file, text) => {
      writeFileSync(join(folder, '.playhead.yaml.swp'), text)
      renameSync(join(folder, '.playhead.yaml.swp'), file)
    },
  ],
  [
    'removed and written again',
    (_, file, text) => {
      unlinkSync(file)
      writeFileSync(file, text)
    },
  ],
]

describe('a file that is', { timeout: 20_000 }, () => {
  for (const [name, write] of writers)
    test(name, async (t) => {
      alive(t)
      const { folder, file, next } = watched(t)
      for (const port of [2, 3]) {
        write(folder, file, `port: ${port}\n`)
        assert.equal(await next(), `port: ${port}\n`)
      }
    })

  test('mounted as Kubernetes mounts it: only a link beside it is exchanged', async (t) => {
    alive(t)
    const { folder, next } = watched(
      t,
      () => {},
      (folder, file) => {
        for (const port of [1, 2]) {
          mkdirSync(join(folder, `..${port}`))
          writeFileSync(join(folder, `..${port}`, 'playhead.yaml'), `port: ${port}\n`)
        }
        symlinkSync('..1', join(folder, '..data'))
        symlinkSync('..data/playhead.yaml', file)
      },
    )
    symlinkSync('..2', join(folder, '..new'))
    renameSync(join(folder, '..new'), join(folder, '..data'))
    assert.equal(await next(), 'port: 2\n')
  })

  test('refused is told, and the next one is taken', async (t) => {
    alive(t)
    const { file, next } = watched(t, (text) => {
      if (text.includes('bad')) throw new Error('refused')
    })
    writeFileSync(file, 'bad')
    assert.equal(await next(), 'error: refused')
    writeFileSync(file, 'port: 2')
    assert.equal(await next(), 'port: 2')
  })

  test('asked for by SIGHUP is read though it is the same', async (t) => {
    alive(t)
    const { next } = watched(t)
    process.kill(process.pid, 'SIGHUP')
    assert.equal(await next(), 'port: 1\n')
  })

  test('gone is told', async (t) => {
    alive(t)
    const { file, next } = watched(t)
    unlinkSync(file)
    assert.match(await next(), /^error: ENOENT/)
  })

  test('written in several strokes is read once', async (t) => {
    alive(t)
    const { file, next } = watched(t)
    for (const stroke of ['p', 'po', 'por', 'port: 2\n']) writeFileSync(file, stroke)
    assert.equal(await next(), 'port: 2\n')
    writeFileSync(file, 'port: 3\n')
    assert.equal(await next(), 'port: 3\n')
  })
})
