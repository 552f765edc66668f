/** How `playhead run` ends: always, with all that there is to say, and with its tape. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { openCassette } from '@playhead/tape'
import { calculator, ended, jsonLines, newFile, newFolder, playhead, start, withImports } from './command.ts'
import { answering, finalText, serveProvider, toolCalls } from './provider.ts'

const env = { OPENROUTER_API_KEY: 'test' }

describe('the end of a run', { concurrency: 4 }, () => {
  test('a tool that never answers is no success', async (t) => {
    const { baseUrl } = await serveProvider(t, toolCalls)
    const source = withImports(`const names = ['add', 'multiply']
      const tools = names.map((name) => tool({ name, description: 'd', input: { type: 'object' }, run: () => new Promise(() => {}) }))
      export default agent({ model: calculator.model, tools })
      export const prompt = question`)
    const tape = join(newFolder(t), 'tape.yaml')
    const args = ['run', newFile(t, 'stuck.mjs', source), '--base-url', baseUrl, '--tape', tape]
    const { code, stdout, stderr } = await playhead([...args, '--mode', 'once', '--json'], { env })
    assert.equal(code, 1)
    assert.match(stderr, /^playhead: the work is not done, but nothing goes on: .*\n$/)
    const message = stderr.slice('playhead: '.length, -1)
    assert.deepEqual(jsonLines(stdout).at(-1), { type: 'error', code: 'aborted', message })
    assert.equal((await openCassette(tape))?.length, 1)
  })

  for (const isJson of [false, true]) {
    test(`what keeps its process busy does not keep the command${isJson ? ', with --json' : ''}`, async (t) => {
      const { baseUrl } = await serveProvider(t, finalText)
      const source = withImports(`setInterval(() => {}, 1000)
        export default calculator
        export const prompt = question`)
      const args = ['run', newFile(t, 'busy.mjs', source), '--base-url', baseUrl]
      const { code, stdout } = await playhead([...args, ...(isJson ? ['--json'] : [])], { env })
      assert.equal(code, 0)
      assert.match(stdout, isJson ? /"type":"finish".*\n$/ : /\ntotal 1 step .*\n$/)
    })
  }

  test('a file that cannot be used and keeps its process busy does not keep the command', async (t) => {
    const { code } = await playhead(['run', newFile(t, 'busy.mjs', 'setInterval(() => {}, 1000)')])
    assert.equal(code, 2)
  })

  test('a slow reader gets all of it', async (t) => {
    const chunk = {
      choices: [{ index: 0, delta: { content: 'x'.repeat(1_000_000) }, finish_reason: 'stop' }],
    }
    const body = `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`
    const { baseUrl } = await serveProvider(t, answering(200, body, { 'content-type': 'text/event-stream' }))
    const child = start(['run', calculator, '--base-url', baseUrl, '--json'], { env })
    await setTimeout(1000)
    const { code, stdout } = await ended(child)
    assert.equal(code, 0)
    assert.equal(jsonLines(stdout).at(-1)?.['type'], 'finish')
  })

  test('what a run that failed had used is said, before the error', async (t) => {
    const broken = answering(500, 'Internal Server Error')
    const { baseUrl } = await serveProvider(t, toolCalls, broken, toolCalls, broken)
    const source = withImports(`const { model, tools } = calculator
      export default agent({ model, tools, maxRetries: 0 })
      export const prompt = question`)
    const args = ['run', newFile(t, 'impatient.mjs', source), '--base-url', baseUrl]
    const { code, stdout, stderr } = await playhead(args, { env })
    assert.deepEqual([code, stderr], [1, 'playhead: openrouter: Internal Server Error\n'])
    assert.match(stdout, /step 2\n\ntotal 1 step · 197 in, 41 out · \$0\.00013718\n$/)
    const json = await playhead([...args, '--json'], { env })
    const error = jsonLines(json.stdout).at(-1) ?? {}
    assert.deepEqual(Object.keys(error), ['type', 'code', 'message', 'steps', 'usage', 'cost'])
    assert.deepEqual([error['code'], error['cost']], ['model', '0.00013718'])
    const steps = error['steps'] as { readonly toolResults: unknown[] }[]
    assert.deepEqual(
      steps.map(({ toolResults }) => toolResults.length),
      [2],
    )
  })

  test('a module that never loads is no success', async (t) => {
    const file = newFile(t, 'stuck.mjs', 'await new Promise(() => {})')
    const { code, stdout, stderr } = await playhead(['run', file], { env })
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /^playhead: the work is not done/)
  })
})
