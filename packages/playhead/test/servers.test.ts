/** `playhead record` and `playhead replay`, as processes: what they say, save and how they end. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import OpenAI from 'openai'
import {
  calculator,
  type Child,
  ended,
  type Ended,
  jsonLines,
  newFolder,
  playhead,
  retryTape,
  start,
} from './command.ts'
import { finalText, serveProvider, stalling, toolCalls } from './provider.ts'

/** Starts a server and waits until it says where it is. */
async function serving(
  args: readonly string[],
): Promise<{ readonly url: string; readonly child: Child; readonly end: Promise<Ended> }> {
  const child = start([...args, '--port', '0', '--json'])
  const end = ended(child)
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    end.then(({ stderr }) => assert.fail(stderr)),
  ])) as [string]
  return { url: (JSON.parse(line) as { readonly url: string }).url, child, end }
}

async function stopped(
  server: Awaited<ReturnType<typeof serving>>,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<Ended> {
  server.child.kill(signal)
  return server.end
}

async function ask(
  url: string,
  question = 'Add 2 and 3',
  headers: Record<string, string> = {},
): Promise<string> {
  const client = new OpenAI({ baseURL: `${url}/api/v1`, apiKey: 'sk-test-of-nobody', maxRetries: 0 })
  const stream = await client.chat.completions.create(
    { model: 'm', stream: true, messages: [{ role: 'user', content: question }] },
    { headers },
  )
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

describe('the openai SDK', { concurrency: 2 }, () => {
  test('is recorded, and replayed as often as it asks', async (t) => {
    const provider = await serveProvider(t, finalText)
    const tape = join(newFolder(t), 'a.tape.jsonl')
    const recorder = await serving(['record', '--upstream', new URL(provider.baseUrl).origin, '--to', tape])
    const said = await ask(recorder.url)
    assert.match(said, /gives 6/)
    const end = await stopped(recorder)
    assert.deepEqual([end.code, end.stderr], [0, ''])
    assert.ok(!readFileSync(tape, 'utf8').includes('sk-test-of-nobody'))
    assert.equal(provider.requests[0]?.headers.authorization, 'Bearer sk-test-of-nobody')

    const player = await serving(['replay', tape])
    assert.deepEqual([await ask(player.url), await ask(player.url)], [said, said])
    await assert.rejects(
      ask(player.url, 'Add 2 and 4'),
      /404[^]*message 1 \(user\): "Add 2 and 3" → "Add 2 and 4"/,
    )
    assert.equal((await stopped(player)).code, 0)
    assert.equal(provider.requests.length, 1)
  })

  test('Ctrl-C while a stream is under way: what came is saved, as broken off', async (t) => {
    const provider = await serveProvider(
      t,
      stalling(() => {}),
    )
    const tape = join(newFolder(t), 'a.tape.jsonl')
    const recorder = await serving(['record', '--upstream', new URL(provider.baseUrl).origin, '--to', tape])
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const client = new OpenAI({ baseURL: `${recorder.url}/api/v1`, apiKey: 'x', maxRetries: 0 })
    const reading = (async () => {
      const stream = await client.chat.completions.create({ model: 'm', stream: true, messages: [] })
      for await (const _ of stream) begin()
    })().catch(() => {})
    await begun
    const end = await stopped(recorder)
    assert.equal(end.code, 0)
    await reading
    const { stdout } = await playhead(['tape', 'inspect', '--json', tape])
    const [line] = jsonLines(stdout)
    assert.equal(line?.['text'], 'Well')
    assert.notEqual((line['ending'] as { type: string }).type, 'end')
    assert.match((await playhead(['tape', 'inspect', tape])).stdout, /\n✂ /)
  })

  test('an agent runs through a recorder, and its tape replays without one', async (t) => {
    const provider = await serveProvider(t, toolCalls, finalText)
    const folder = newFolder(t)
    const recorder = await serving([
      'record',
      '--upstream',
      new URL(provider.baseUrl).origin,
      '--to',
      `${folder}/`,
    ])
    const args = ['run', calculator, '--base-url', `${recorder.url}/api/v1`, '--api-key', 'k-123456789']
    assert.equal((await playhead(args)).code, 0)
    assert.equal((await stopped(recorder, 'SIGTERM')).code, 143)
    const player = await serving(['replay', folder])
    const again = await playhead(['run', calculator, '--base-url', `${player.url}/api/v1`, '--api-key', 'k'])
    assert.equal(again.code, 0, again.stderr)
    const { stdout } = await stopped(player)
    const statuses = jsonLines(stdout)
      .slice(1)
      .map(({ status }) => status)
    assert.deepEqual(statuses, [200, 200])
  })
})

describe('faults', { concurrency: 2 }, () => {
  const faults = JSON.stringify([{ type: 'status', status: 503, at: 0 }])
  const question = 'Add and multiply the number 2 and 3'

  test('by name', async (t) => {
    const file = join(newFolder(t), 'f.json')
    writeFileSync(file, faults)
    const player = await serving(['replay', retryTape, '--faults', file])
    const args = ['run', calculator, question, '--base-url', `${player.url}/api/v1`, '--api-key', 'k']
    const run = await playhead([...args, '--json'])
    assert.equal(run.code, 0, run.stderr)
    const { stdout } = await stopped(player)
    assert.deepEqual(
      jsonLines(stdout)
        .slice(1, 3)
        .map(({ status }) => status),
      [503, 200],
    )
  })

  test('that take time are said to take none at once', async (t) => {
    const folder = newFolder(t)
    writeFileSync(join(folder, 'a.yaml'), readFileSync(retryTape))
    writeFileSync(join(folder, 'a.faults.json'), '[{"type": "stall", "for": 300}]')
    for (const [speed, isSaid] of [
      ['0', true],
      ['1', false],
    ] as const) {
      const player = await serving(['replay', folder, '--speed', speed])
      const { stderr } = await stopped(player)
      assert.equal(stderr.includes('takes no time at --speed 0'), isSaid, stderr)
    }
  })

  test('beside the cassette: said in one line', async (t) => {
    const tape = join(newFolder(t), 'a.yaml')
    writeFileSync(tape, readFileSync(retryTape))
    writeFileSync(tape.replace('.yaml', '.faults.json'), faults)
    const player = await serving(['replay', tape])
    const { stderr } = await stopped(player)
    const line = `playhead: ${tape.replace('.yaml', '.faults.json')}: its faults lie over the cassette\n`
    assert.equal(stderr, line)
    const run = await playhead(['run', calculator, '--tape', tape])
    assert.deepEqual([run.code, run.stderr], [0, line])
    assert.match(run.stdout, /503/)
  })
})

const wrong: readonly [name: string, args: readonly string[], message: RegExp][] = [
  ['no upstream', ['record', '--to', 'a.yaml'], /--upstream/],
  ['an upstream that is none', ['record', '--to', 'a.yaml', '--upstream', 'x'], /an upstream is like https:/],
  ['a port that is none', ['replay', retryTape, '--port', '70000'], /must be a port/],
  ['a cassette that is not there', ['replay', 'nowhere.yaml'], /nowhere\.yaml: there is no such file/],
  ['a folder that has none', ['replay', 'packages/playhead/bin'], /bin: there is no cassette in this folder/],
  ['a folder with data of others', ['replay', 'packages/playhead'], /there is no cassette in this folder/],
  [
    'a place that is nobody’s',
    ['replay', retryTape, '--host', 'nowhere.invalid'],
    /cannot listen on nowhere/,
  ],
  [
    'faults that are not there',
    ['replay', retryTape, '--faults', 'nowhere.json'],
    /nowhere\.json: there is no such file/,
  ],
  [
    'nothing to replay from',
    ['record', '--upstream', 'https://x', '--to', 'nowhere.yaml', '--mode', 'replay'],
    /nowhere\.yaml: there is no such cassette; --mode once records it\n$/,
  ],
]

const broken: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
  ['a cassette that is none', ['replay', 'package.json'], /no cassette of a format/],
  ['faults that are none', ['replay', retryTape, '--faults', 'package.json'], /faults cannot be read/],
  [
    'a tape that cannot be recorded on',
    ['record', '--upstream', 'https://x', '--to', 'package.json'],
    /no cassette/,
  ],
]

describe('what cannot begin', { concurrency: 2 }, () => {
  const rows = [...wrong.map((row) => [2, ...row] as const), ...broken.map((row) => [1, ...row] as const)]
  for (const [exitCode, name, args, message] of rows) {
    test(name, async () => {
      const { code, stdout, stderr } = await playhead(args)
      assert.deepEqual([code, stdout], [exitCode, ''], stderr)
      assert.match(stderr, message)
    })
  }

  test('a port that is taken', async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const { code, stderr } = await playhead(['replay', retryTape, '--port', String(port)])
    assert.equal(code, 2)
    assert.equal(stderr, `playhead: port ${port} is taken: --port 0 finds one that is free\n`)
  })
})
