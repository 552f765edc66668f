/** `playhead run` on the seeds' tapes: what it prints, and how it ends. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  basetenTape,
  calculator,
  jsonLines,
  newFile,
  playhead,
  retryTape,
  root,
  type Settings,
  withImports,
} from './command.ts'

const replay = ['run', calculator, '--tape', retryTape]

const printed = `step 1
  → add {"a": 2, "b": 3}
  → multiply {"a": 2, "b": 3}
  ← add 5
  ← multiply 6
  197 in, 41 out · $0.00013718 · 0.97 s · Chutes

step 2
  ↻ 429 rate-limited by GMICloud: moonshotai/kimi-k2-0905 is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations; again in 2.00 s
Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6.
  273 in, 22 out · $0.00013718 · 3.81 s · Chutes

total 2 steps · 470 in, 63 out · $0.00027436 · 4.78 s
`

describe('the seeds’ agent', { concurrency: 4 }, () => {
  test('prints the run, without colour where there is no terminal', async () => {
    assert.deepEqual(await playhead(replay), { code: 0, stdout: printed, stderr: '' })
  })

  test('colour only adds to the text, and can be had and refused', async () => {
    const runs: readonly [env: Settings['env'], isColoured: boolean][] = [
      [{ FORCE_COLOR: '1' }, true],
      [{ FORCE_COLOR: '0' }, false],
      [{ NO_COLOR: '1' }, false],
      [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
      [{ NO_COLOR: '', FORCE_COLOR: '1' }, true],
    ]
    for (const [env = {}, isColoured] of runs) {
      const { code, stdout } = await playhead(replay, { env })
      assert.equal(code, 0)
      assert.equal(stdout.includes('\u001b['), isColoured, JSON.stringify(env))
      // oxlint-disable-next-line no-control-regex -- colours are made of them
      assert.equal(stdout.replaceAll(/\u001b\[\d+m/g, ''), printed)
    }
  })

  test('the question may be an argument or stand on standard input', async () => {
    const question = 'Add and multiply the number 2 and 3'
    for (const [prompt, input] of [
      [question, ''],
      ['-', question],
      ['-', `${question}\n`],
      ['-', `${question}\r\n`],
    ] as const) {
      const ended = await playhead(['run', calculator, prompt, '--tape', retryTape], { input })
      assert.deepEqual(ended, { code: 0, stdout: printed, stderr: '' }, JSON.stringify([prompt, input]))
    }
  })

  test('the cassette stays as it is, in every mode that finds all of it', async () => {
    const before = readFileSync(join(root, retryTape))
    for (const mode of ['replay', 'once']) {
      assert.equal((await playhead([...replay, '--mode', mode])).stdout, printed, mode)
    }
    assert.deepEqual(readFileSync(join(root, retryTape)), before)
  })

  test('a replay at a speed takes its time', async () => {
    const started = performance.now()
    assert.equal((await playhead([...replay, '--speed', '100'])).code, 0)
    assert.ok(performance.now() - started >= 47)
  })
})

describe('--json', { concurrency: 4 }, () => {
  test('one event a line, the last one with the whole result', async () => {
    const { code, stdout, stderr } = await playhead([...replay, '--json'])
    assert.deepEqual([code, stderr], [0, ''])
    const events = jsonLines(stdout)
    const types = events.map(({ type }) => type).filter((type) => type !== 'text' && type !== 'tool-input')
    const firstStep = ['step', 'tool-call', 'tool-call', 'usage', 'tool-result', 'tool-result']
    assert.deepEqual(types, [...firstStep, 'step', 'retry', 'usage', 'finish'])
    const told = events.flatMap(({ type, text }) => (type === 'text' ? [text] : []))
    const answer = 'Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6.'
    assert.equal(told.join(''), answer)
    const { text, ending, usage, cost, steps } = Reflect.get(events.at(-1) ?? {}, 'result') as Readonly<
      Record<string, unknown>
    >
    assert.deepEqual(
      { text, ending, usage, cost },
      {
        text: answer,
        ending: 'answer',
        usage: { inputTokens: 470, outputTokens: 63, cachedInputTokens: 0, reasoningTokens: 0 },
        cost: '0.00027436',
      },
    )
    assert.equal(Array.isArray(steps) && steps.length, 2)
  })

  test('what the agent’s file prints goes to standard error, however it does', async (t) => {
    const file = newFile(
      t,
      'loud.mjs',
      withImports(`import own from 'node:console'
        console.log('log'); console.info('info'); console.table([1]); own.log('own')
        process.stdout.write('written')
        const loud = tool({ name: 'add', description: 'd', input: { type: 'object' }, run: () => console.log('ran') })
        export default agent({ model: calculator.model, tools: [loud] })
        export const prompt = question`),
    )
    const { stdout, stderr } = await playhead(['run', file, '--tape', retryTape, '--json'])
    for (const event of jsonLines(stdout)) assert.equal(typeof event['type'], 'string')
    for (const word of ['log', 'info', 'own', 'written']) assert.match(stderr, new RegExp(word))
  })

  test('a failure is the last line', async () => {
    const { code, stdout, stderr } = await playhead([
      'run',
      calculator,
      'else',
      '--tape',
      retryTape,
      '--json',
    ])
    assert.equal(code, 1)
    const last = jsonLines(stdout).at(-1) ?? {}
    assert.deepEqual([last['type'], last['code']], ['error', 'miss'])
    assert.equal(stderr, `playhead: ${String(last['message'])}\n`)
  })
})

describe('a run that does not answer', { concurrency: 4 }, () => {
  test('a request that is not on the tape: where it differs, and how to record it', async () => {
    assert.deepEqual(await playhead(['run', calculator, 'Add 2 and 4', '--tape', retryTape]), {
      code: 1,
      stdout: 'step 1\n\n',
      stderr: `playhead: ${retryTape}: no recorded interaction answers POST https://openrouter.ai/api/v1/chat/completions; nearest is interaction 0:
  message 2 (user): "Add and multiply the number 2 and 3" → "Add 2 and 4"
  --mode new records it
`,
    })
  })

  test('the tape of another agent', async () => {
    const { code, stderr } = await playhead(['run', calculator, '--tape', basetenTape])
    assert.equal(code, 1)
    assert.match(stderr, /nearest is interaction 0:\n {2}provider: {"only":\["baseten"\]} → nothing\n/)
  })

  test('an end at the limit of steps', async (t) => {
    const file = newFile(
      t,
      'short.mjs',
      withImports(`
        const [add, multiply] = ['add', 'multiply'].map((name) => tool({
          name, description: name === 'add' ? 'Add two numbers' : 'Multiply two numbers', input: {
            type: 'object',
            properties: { a: { type: 'integer', description: 'first number' }, b: { type: 'integer', description: 'second number' } },
            required: ['a', 'b'],
          }, run: ({ a, b }) => a + b,
        }))
        export const short = agent({
          model: openrouter('moonshotai/kimi-k2-0905'),
          instructions: 'You are a helpful assistant. Always use both add and multiply at the same time.',
          tools: [add, multiply], maxOutputTokens: 4000, maxSteps: 1,
        })
        export const prompt = question`),
    )
    const { code, stdout, stderr } = await playhead(['run', file, '--tape', retryTape])
    assert.deepEqual([code, stderr], [3, ''])
    assert.match(stdout, /\ntotal 1 step · .*\nthe steps were used up before an answer came\n$/)
    const json = await playhead(['run', file, '--tape', retryTape, '--json'])
    assert.equal(json.code, 3)
    assert.equal(jsonLines(json.stdout).at(-1)?.['type'], 'finish')
  })
})
