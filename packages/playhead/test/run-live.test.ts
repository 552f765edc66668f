/** `playhead run` against a provider on this machine: live, recorded, and replayed without it. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { calculator, jsonLines, newFile, newFolder, playhead, withImports } from './command.ts'
import { answering, finalText, rateLimit, serveProvider, toolCalls } from './provider.ts'

const key = 'sk-or-v1-very-secret-0123456789'
const env = { OPENROUTER_API_KEY: key }
const answer = 'Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6.'

/** Agents that do not wait before they give up. */
const impatient = withImports(`export default agent({ model: calculator.model, maxRetries: 0 })
export const prompt = question`)

describe('live', { concurrency: 4 }, () => {
  test('it speaks to the provider as the agent says', async (t) => {
    const provider = await serveProvider(t, toolCalls, rateLimit, finalText)
    const { code, stdout, stderr } = await playhead(['run', calculator, '--base-url', provider.baseUrl], {
      env,
    })
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /↻ 429 rate-limited by GMICloud: .*; again in 1 ms\n/)
    assert.match(stdout, new RegExp(answer))
    assert.match(stdout, /\ntotal 2 steps · 470 in, 63 out · \$0\.00027436 · /)
    assert.deepEqual(
      provider.requests.map(({ headers }) => headers.authorization),
      Array.from({ length: 3 }, () => `Bearer ${key}`),
    )
    const [, , last] = provider.requests.map(
      ({ body }) => JSON.parse(body) as { readonly messages: unknown[] },
    )
    assert.equal(last?.messages.length, 5)
  })

  test('the key may be an option, and another model and provider too', async (t) => {
    const provider = await serveProvider(t, finalText)
    const args = ['--base-url', `${provider.baseUrl}/`, '--model', 'custom/other', '--api-key', 'given-key']
    const { code } = await playhead(['run', calculator, 'hi', ...args], { env })
    assert.equal(code, 0)
    const [request] = provider.requests
    assert.equal(request?.headers.authorization, 'Bearer given-key')
    assert.equal(Reflect.get(JSON.parse(request?.body ?? '') as object, 'model'), 'other')
  })

  for (const [sentence, respond, message] of [
    [
      'a wrong key',
      answering(401, '{"error":{"message":"No auth credentials found","code":401}}'),
      /openrouter: No auth credentials found/,
    ],
    ['a failure', answering(500, 'Internal Server Error'), /openrouter: Internal Server Error/],
    [
      'a page',
      answering(502, '<html><style>a{}</style><h1>Bad gateway</h1></html>'),
      /openrouter: Bad gateway/,
    ],
    [
      'a page that says it is well',
      answering(200, '<html>Welcome</html>', { 'content-type': 'text/html' }),
      /openrouter: /,
    ],
    [
      'garbage',
      answering(200, '\u0000\u001b[2Jdata: {{{\n\n', { 'content-type': 'text/event-stream' }),
      /openrouter: /,
    ],
    ['nothing', answering(200, ''), /openrouter: /],
    [
      'a stream that is cut off',
      answering(200, 'data: {"choices":[{"index":0,"delta":{"content":"We"}}]}\n\n'),
      /openrouter: /,
    ],
    [
      'words that steer a terminal',
      answering(400, '{"error":{"message":"\\u001b[2J\\u009b1mno"}}'),
      /openrouter: \ufffd\[2J\ufffd1mno/,
    ],
  ] as const) {
    test(`${sentence}: one message, exit code 1`, async (t) => {
      const { baseUrl } = await serveProvider(t, respond)
      const file = newFile(t, 'impatient.mjs', impatient)
      const { code, stdout, stderr } = await playhead(['run', file, '--base-url', baseUrl], { env })
      assert.equal(code, 1)
      assert.match(stdout, /^step 1\n(We)?\n$/)
      assert.match(stderr, /^playhead: [^\n]+\n$/)
      assert.match(stderr, message)
      // oxlint-disable-next-line no-control-regex -- they must not be there
      assert.doesNotMatch(stderr, new RegExp(`${key}|[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]`))
    })
  }

  test('no server: one message, exit code 1', async (t) => {
    const { baseUrl, close } = await serveProvider(t, finalText)
    close()
    const file = newFile(t, 'impatient.mjs', impatient)
    const { code, stderr } = await playhead(['run', file, '--base-url', baseUrl], { env })
    assert.equal(code, 1)
    assert.match(stderr, /^playhead: openrouter: The network failed: .*ECONNREFUSED.*\n$/)
  })
})

describe('recorded', { concurrency: 4 }, () => {
  test('once records, and its replay needs neither key nor server', async (t) => {
    const file = join(newFolder(t), 'new', 'tape.yaml')
    const provider = await serveProvider(t, toolCalls, rateLimit, finalText)
    const args = ['run', calculator, '--base-url', provider.baseUrl, '--tape', file]
    const live = await playhead([...args, '--mode', 'once'], { env })
    assert.deepEqual([live.code, live.stderr], [0, ''])
    const text = readFileSync(file, 'utf8')
    assert.ok(!text.includes(key))
    assert.match(text, /Retry-After-Ms/)
    assert.deepEqual(readdirSync(join(file, '..')), ['tape.yaml'])
    provider.close()
    for (const mode of ['replay', 'once']) {
      const replay = await playhead([...args, '--mode', mode])
      assert.equal(replay.code, 0)
      assert.equal(withoutTimes(replay.stdout), withoutTimes(live.stdout))
    }
    assert.equal(readFileSync(file, 'utf8'), text)
    assert.equal(provider.requests.length, 3)
    const inspected = await playhead(['tape', 'inspect', '--json', file])
    assert.deepEqual(
      jsonLines(inspected.stdout).map(({ status, stream, finishReason }) => [status, stream, finishReason]),
      [
        [200, true, 'tool-calls'],
        [429, false, null],
        [200, true, 'stop'],
      ],
    )
  })

  test('a key that the provider repeats is not on the tape', async (t) => {
    const file = join(newFolder(t), 'tape.yaml')
    const echo = `{"error":{"message":"Incorrect API key provided: ${key}"}}`
    const { baseUrl } = await serveProvider(t, answering(401, echo, { 'x-key': key }))
    const agent = newFile(t, 'impatient.mjs', impatient)
    const args = ['run', agent, '--base-url', baseUrl, '--tape', file]
    const live = await playhead([...args, '--mode', 'once'], { env })
    assert.equal(live.code, 1)
    assert.ok(!readFileSync(file, 'utf8').includes(key))
    const replay = await playhead(args)
    assert.equal(replay.code, 1)
    assert.match(live.stderr, /Incorrect API key provided: REDACTED\n$/)
    assert.equal(replay.stderr, live.stderr)
  })

  test('a run that fails is recorded, and its replay fails the same', async (t) => {
    const cut = answering(200, 'data: {"choices":[{"index":0,"delta":{"content":"We"}}]}\n\n')
    const broken = answering(503, '{"error":{"message":"overloaded"}}')
    for (const respond of [cut, broken]) {
      const file = join(newFolder(t), 'tape.yaml')
      const { baseUrl } = await serveProvider(t, respond)
      const agent = newFile(t, 'impatient.mjs', impatient)
      const args = ['run', agent, '--base-url', baseUrl, '--tape', file]
      const live = await playhead([...args, '--mode', 'once'], { env })
      assert.equal(live.code, 1)
      assert.deepEqual(await playhead(args), live)
    }
  })

  test('new goes on where the tape ends', async (t) => {
    const file = join(newFolder(t), 'tape.yaml')
    const provider = await serveProvider(t, finalText)
    const args = ['--base-url', provider.baseUrl, '--tape', file]
    for (const [prompt, mode, requests] of [
      ['one', 'once', 1],
      ['one', 'new', 1],
      ['two', 'new', 2],
      ['two', 'new', 2],
      ['two', 'all', 3],
    ] as const) {
      const { code, stderr } = await playhead(['run', calculator, prompt, ...args, '--mode', mode], { env })
      assert.deepEqual([code, stderr, provider.requests.length], [0, '', requests])
    }
    const { stdout } = await playhead(['tape', 'inspect', '--json', file])
    assert.equal(jsonLines(stdout).length, 1)
  })

  test('live leaves the tape alone', async (t) => {
    const file = newFile(t, 'tape.yaml', 'no cassette')
    const { baseUrl } = await serveProvider(t, finalText)
    const args = ['run', calculator, '--base-url', baseUrl, '--tape', file, '--mode', 'live']
    assert.equal((await playhead(args, { env })).code, 0)
    assert.equal(readFileSync(file, 'utf8'), 'no cassette')
  })

  test('a server that is not there leaves no tape behind', async (t) => {
    const { baseUrl, close } = await serveProvider(t, finalText)
    close()
    const file = join(newFolder(t), 'tape.yaml')
    const agent = newFile(t, 'impatient.mjs', impatient)
    const args = ['run', agent, '--base-url', baseUrl, '--tape', file, '--mode', 'once']
    assert.equal((await playhead(args, { env })).code, 1)
    assert.equal(existsSync(file), false)
  })

  test('a tape that cannot be saved is said, beside the answer', async (t) => {
    const { baseUrl } = await serveProvider(t, finalText)
    const tape = join(newFolder(t), 'tape.yaml')
    // A folder takes the tape's name while the agent runs.
    const source = withImports(`import { mkdirSync } from 'node:fs'
      const { model } = calculator
      const run = (...args) => { mkdirSync(${JSON.stringify(tape)}); return calculator.run(...args) }
      export default { type: 'agent', model, run }
      export const prompt = question`)
    const args = ['run', newFile(t, 'spoiler.mjs', source), '--base-url', baseUrl, '--tape', tape]
    const { code, stdout, stderr } = await playhead([...args, '--mode', 'once', '--json'], { env })
    assert.equal(code, 1)
    const [finish, error] = jsonLines(stdout).slice(-2)
    assert.deepEqual([finish?.['type'], error?.['type'], error?.['code']], ['finish', 'error', 'unwritable'])
    assert.match(
      stderr,
      /^playhead: .*tape\.yaml: the cassette cannot be saved: EISDIR: illegal operation on a directory\n$/,
    )
    assert.deepEqual(readdirSync(join(tape, '..')), ['tape.yaml'])
  })
})

function withoutTimes(printed: string): string {
  return printed.replaceAll(/\d+(\.\d+)? m?s\b/g, 'TIME')
}
