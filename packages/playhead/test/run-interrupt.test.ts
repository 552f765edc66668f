/** A run that is ended from outside: Ctrl-C, SIGTERM, an error that nothing catches, a reader that has seen enough. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { openCassette } from '@playhead/tape'
import {
  basetenTape,
  calculator,
  type Child,
  ended,
  jsonLines,
  newFile,
  newFolder,
  retryTape,
  root,
  start,
  withImports,
} from './command.ts'
import { finalText, serveProvider, stalling, toolCalls } from './provider.ts'

const env = { OPENROUTER_API_KEY: 'test' }

/** Waits until the process has said so. */
async function said(child: Child, words: string): Promise<void> {
  let text = ''
  while (!text.includes(words)) text += String((await once(child.stdout, 'data'))[0])
}

function closing(): { readonly isClosed: Promise<void>; readonly close: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { isClosed: promise, close: resolve }
}

test('SIGTERM saves what came, too', async (t) => {
  const { isClosed, close } = closing()
  const { baseUrl } = await serveProvider(t, stalling(close))
  const file = join(newFolder(t), 'tape.yaml')
  const child = start(['run', calculator, '--base-url', baseUrl, '--tape', file, '--mode', 'once'], { env })
  const ending = ended(child)
  await said(child, 'Well')
  child.kill('SIGTERM')
  await isClosed
  const { code, stderr } = await ending
  assert.deepEqual([code, stderr], [143, 'playhead: the run was terminated\n'])
  assert.equal((await openCassette(file))?.length, 1)
})

test('an error that nothing in the agent’s file catches ends the run, without a stack, and saves what came', async (t) => {
  const { baseUrl } = await serveProvider(t, toolCalls, finalText)
  const source = withImports(`const tools = ['add', 'multiply'].map((name) => tool({
      name, description: 'd', input: { type: 'object' },
      run: () => { setTimeout(() => { throw new Error('lost') }); return new Promise(() => {}) },
    }))
    export default agent({ model: calculator.model, tools })
    export const prompt = question`)
  const folder = newFolder(t)
  const file = join(folder, 'tape.yaml')
  const args = [
    'run',
    newFile(t, 'careless.mjs', source),
    '--base-url',
    baseUrl,
    '--tape',
    file,
    '--mode',
    'once',
  ]
  const child = start(args, { env })
  const { code, stderr } = await ended(child)
  assert.deepEqual([code, stderr], [1, 'playhead: an error was thrown where nothing catches it: lost\n'])
  assert.equal((await openCassette(file))?.length, 1)
})

describe('Ctrl-C', { concurrency: 4 }, () => {
  for (const isJson of [false, true]) {
    test(`the request is aborted and what came is saved${isJson ? ', with --json' : ''}`, async (t) => {
      const { isClosed, close } = closing()
      const { baseUrl } = await serveProvider(t, toolCalls, stalling(close))
      const file = join(newFolder(t), 'tape.yaml')
      const args = ['run', calculator, '--base-url', baseUrl, '--tape', file, '--mode', 'once']
      const child = start([...args, ...(isJson ? ['--json'] : [])], { env })
      const ending = ended(child)
      await said(child, 'Well')
      child.kill('SIGINT')
      await isClosed
      const { code, stdout, stderr } = await ending
      assert.deepEqual([code, stderr], [130, 'playhead: the run was aborted\n'])
      if (isJson)
        assert.deepEqual(jsonLines(stdout).at(-1), {
          type: 'error',
          code: 'aborted',
          message: 'the run was aborted',
        })
      else assert.ok(stdout.endsWith('Well\n'))
      const interactions = [...((await openCassette(file)) ?? [])]
      assert.deepEqual(
        interactions.map(({ response }) => response?.status),
        [200, 200],
      )
      assert.match(String(interactions[1]?.response?.body), /^data: .*Well.*\n\n$/)
    })
  }

  test('before anything came, there is nothing to save', async (t) => {
    const { isClosed: isAsked, close: ask } = closing()
    const { isClosed, close } = closing()
    const { baseUrl } = await serveProvider(t, (response) => {
      response.on('close', close)
      ask()
    })
    const file = join(newFolder(t), 'tape.yaml')
    const child = start(['run', calculator, '--base-url', baseUrl, '--tape', file, '--mode', 'once'], { env })
    const ending = ended(child)
    await isAsked
    child.kill('SIGINT')
    await isClosed
    assert.equal((await ending).code, 130)
    assert.equal(existsSync(file), false)
  })

  test('a tool that ignores it does not keep the run alive', async (t) => {
    const { baseUrl } = await serveProvider(t, toolCalls, finalText)
    const source = withImports(`const tools = ['add', 'multiply'].map((name) => tool({
        name, description: 'd', input: { type: 'object' },
        run: () => { console.log('running'); return new Promise((resolve) => setTimeout(resolve, 3_600_000)) },
      }))
      export default agent({ model: calculator.model, tools })
      export const prompt = question`)
    const child = start(['run', newFile(t, 'stubborn.mjs', source), '--base-url', baseUrl], { env })
    const ending = ended(child)
    await said(child, 'running')
    child.kill('SIGINT')
    assert.equal((await ending).code, 130)
  })

  test('while nobody reads what it writes', async (t) => {
    const chunk = { id: 'g', model: 'm', choices: [{ index: 0, delta: { content: 'x'.repeat(10_000) } }] }
    const { isClosed: isFull, close: fill } = closing()
    const { baseUrl } = await serveProvider(t, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const line = `data: ${JSON.stringify(chunk)}\n\n`
      // The whole way is full when no more is taken for a while.
      const write = (): void => {
        const timer = globalThis.setTimeout(fill, 300)
        response.write(line, () => {
          clearTimeout(timer)
          write()
        })
      }
      write()
    })
    const file = join(newFolder(t), 'tape.yaml')
    const child = start(['run', calculator, '--base-url', baseUrl, '--tape', file, '--mode', 'once'], { env })
    const exit = once(child, 'exit')
    await isFull
    child.kill('SIGINT')
    assert.deepEqual(await Promise.race([exit, setTimeout(5000, 'it goes on')]), [130, null])
    child.stdout.destroy()
    assert.equal((await openCassette(file))?.length, 1)
  })

  test('while it waits for another try', async (t) => {
    const { baseUrl, requests } = await serveProvider(t, (response) =>
      response.writeHead(503, { 'retry-after': '50' }).end(),
    )
    const child = start(['run', calculator, '--base-url', baseUrl], { env })
    const ending = ended(child)
    await said(child, 'again in 50.00 s')
    child.kill('SIGINT')
    assert.equal((await ending).code, 130)
    assert.equal(requests.length, 1)
  })
})

describe('a reader that has seen enough', { concurrency: 4 }, () => {
  for (const args of [
    ['run', calculator, '--tape', retryTape],
    ['run', calculator, '--tape', retryTape, '--json'],
    ['tape', 'inspect', ...Array<string>(40).fill(retryTape)],
    ['tape', 'inspect', '--json', ...Array<string>(40).fill(retryTape)],
  ]) {
    test(`playhead ${args.slice(0, 2).join(' ')} ${args.includes('--json') ? '--json' : ''} | head -1`, async () => {
      const child = start(args)
      child.stdout.once('data', () => child.stdout.destroy())
      const ending = await Promise.all([once(child, 'close'), text(child.stderr)])
      assert.deepEqual(ending, [[0, null], ''])
    })
  }

  for (const [sentence, args, code] of [
    ['two tapes that differ', ['diff', basetenTape, retryTape], 1],
    ['two that say the same', ['diff', retryTape, retryTape], 0],
    ['a finding', ['check', 'package.json', retryTape], 1],
    ['a file that is not there', ['check', 'nowhere.yaml'], 2],
  ] as const) {
    test(`has left before the first line: ${sentence} end with exit code ${code} all the same`, async () => {
      const child = start(['tape', ...args])
      child.stdout.destroy()
      const ending = await Promise.all([once(child, 'close'), text(child.stderr)])
      assert.deepEqual(ending, [[code, null], ''])
    })
  }

  test('a live run ends, and what was recorded is saved', async (t) => {
    const { isClosed, close } = closing()
    const { baseUrl } = await serveProvider(t, toolCalls, (response) => {
      response.on('close', close)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const chunk = JSON.stringify({
        id: 'g',
        model: 'm',
        choices: [{ index: 0, delta: { content: 'and so on ' } }],
      })
      const timer = setInterval(() => response.write(`data: ${chunk}\n\n`), 5)
      response.on('close', () => clearInterval(timer))
    })
    const file = join(newFolder(t), 'tape.yaml')
    const child = start(['run', calculator, '--base-url', baseUrl, '--tape', file, '--mode', 'once'], { env })
    const ending = Promise.all([once(child, 'close'), text(child.stderr)])
    await said(child, 'and so on')
    child.stdout.destroy()
    await isClosed
    assert.deepEqual(await ending, [[0, null], ''])
    assert.equal((await openCassette(file))?.length, 2)
  })

  test('a full disk is a failure', { skip: process.platform !== 'linux' && 'there is no /dev/full' }, () => {
    const command = `"${process.execPath}" packages/playhead/bin/playhead.js run ${calculator} --tape ${retryTape} > /dev/full`
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(stderr, /^playhead: standard output cannot be written: ENOSPC: .*\n$/)
  })
})
