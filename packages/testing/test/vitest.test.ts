/** Vitest's side: over contexts of its shape, and run by Vitest itself. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { recorderFixture, tape, type VitestContext } from '@playhead/testing/vitest'
import { newProject } from './programs.ts'

interface Finished extends VitestContext {
  readonly said: string[]
  finish(): Promise<void>
}

/** A test `adds` in the suites `calculator` and `sums`. */
function contextIn(folder: string): Finished {
  const ends: (() => Promise<void>)[] = []
  const said: string[] = []
  const suite = { name: 'sums', suite: { name: 'calculator' } }
  return {
    task: { name: 'adds', suite, file: { filepath: join(folder, 'a.test.ts') } },
    said,
    annotate: (message) => said.push(message),
    onTestFinished: (run) => ends.push(run),
    finish: async () => {
      for (const end of ends) await end()
    },
  }
}

const tapeOf = (folder: string): string => join(folder, '__tapes__/a.test.ts/calculator/sums/adds.tape.jsonl')

/** As outside of CI, wherever these tests run. */
function atHome(t: TestContext): void {
  const { CI, PLAYHEAD_MODE } = process.env
  delete process.env['CI']
  delete process.env['PLAYHEAD_MODE']
  t.after(() =>
    Object.assign(process.env, CI !== undefined && { CI }, PLAYHEAD_MODE !== undefined && { PLAYHEAD_MODE }),
  )
}

const answering = async (): Promise<Response> => new Response('answer')

test('a context gives a recorder, and its global fetch', async (t) => {
  atHome(t)
  const folder = newProject(t)
  const first = contextIn(folder)
  const recorder = await tape(first, { fetch: answering })
  assert.equal(await (await recorder.fetch('http://a.invalid/')).text(), 'answer')
  assert.equal(await (await fetch('http://b.invalid/')).text(), 'answer')
  await first.finish()
  assert.ok(existsSync(tapeOf(folder)))
  const second = contextIn(folder)
  await tape(second)
  assert.equal(await (await fetch('http://b.invalid/')).text(), 'answer')
  await second.finish()
  assert.match(second.said.join(), /interaction 0 was not asked for: GET http:\/\/a\.invalid/)
  const strict = contextIn(folder)
  await tape(strict, { strict: true })
  await assert.rejects(strict.finish(), /interaction 0 was not asked for/)
})

test('a fixture gives a recorder as long as the test uses it', async (t) => {
  atHome(t)
  const folder = newProject(t)
  const ask = async (fixture: ReturnType<typeof recorderFixture>): Promise<void> =>
    fixture(contextIn(folder), async (recorder) => {
      const asked = await recorder.scope(() => fetch('http://a.invalid/'))
      assert.equal(await asked.text(), 'answer')
    })
  await ask(recorderFixture({ fetch: answering }))
  await ask(recorderFixture({ strict: true }))
  assert.match(
    String(recorderFixture()),
    /^async \(\s*(\/\/.*\s*)?\{/,
    'Vitest reads which fixtures are asked for',
  )
})

/** Runs Vitest on a folder, and gives all that it says. */
function runVitest(folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs')
  // What a test runner tells its children is not for another one.
  const { NODE_TEST_CONTEXT: _context, CI: _ci, PLAYHEAD_MODE: _mode, ...rest } = process.env
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...rest, ...env }, timeout: 60_000 }
    execFile(process.execPath, [vitest, 'run', '--root', folder], options, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

test('Vitest itself: recorded once, replayed without a network, tests side by side', async (t) => {
  const folder = newProject(t)
  const server = createServer((request, response) => response.end(`answer to ${request.url}`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  writeFileSync(
    join(folder, 'sums.test.ts'),
    `import { expect, suite, test } from 'vitest'
     import { recorderFixture, tape } from '@playhead/testing/vitest'
     const url = 'http://127.0.0.1:${port}/'
     suite('sums', () => {
       for (const name of ['one', 'two']) {
         test.concurrent(name, async (context) => {
           await tape(context, { strict: true })
           expect(await (await fetch(url + name)).text()).toBe('answer to /' + name)
         })
       }
       test.extend({ recorder: recorderFixture({ strict: true }) })('three', async ({ recorder }) => {
         expect(await (await recorder.fetch(url + 'three')).text()).toBe('answer to /three')
       })
     })`,
  )
  assert.match(await runVitest(folder, {}), /3 passed/)
  for (const name of ['one', 'two', 'three']) {
    const file = join(folder, '__tapes__/sums.test.ts/sums', `${name}.tape.jsonl`)
    assert.equal(readFileSync(file, 'utf8').match(/"type":"request"/g)?.length, 1, file)
  }
  server.closeAllConnections()
  server.close()
  assert.match(await runVitest(folder, { CI: '1' }), /3 passed/)
})
