/** `playhead serve`: from the first line it prints to the last stream it lets finish. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { type Child, ended, newFolder, playhead, start } from './command.ts'
import { shortLine } from '../src/gateway/log.ts'

interface Serving {
  readonly child: Child
  readonly home: string
  /** What it said at its start. */
  readonly said: string
  readonly url: string
  /** The first key. */
  readonly key: string
}

async function serve(
  t: TestContext,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Serving> {
  const home = newFolder(t)
  const child = start(['serve', '--port', '0', '--home', home, ...args], { env })
  t.after(() => child.kill('SIGKILL'))
  const said = await until(child, /\n\n$/)
  const [url = ''] = /http:\/\/[\d.:]+/.exec(said) ?? []
  const [key = ''] = /sk-ph-\w{12}-[\w-]{43}/.exec(said) ?? []
  return { child, home, said, url, key }
}

/** What came on standard output until it looked so. */
async function until(child: Child, pattern: RegExp): Promise<string> {
  let said = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)))
  child.stdout.on('data', (chunk: Buffer) => (said += String(chunk)))
  while (!pattern.test(said)) {
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error(`it ended: ${said}${errors}`)
  }
  return said
}

async function modelsAt(url: string, key: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/v1/models`, { headers: { authorization: `Bearer ${key}` } })
  const { data } = (await response.json()) as { readonly data: readonly { readonly id: string }[] }
  return data.map(({ id }) => id)
}

describe('playhead serve', { concurrency: 2 }, () => {
  test('is up without the platform’s fetch', async (t) => {
    const list = "process.once('exit', () => console.error(process.moduleLoadList.join()))"
    const { child } = await serve(t, [], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(list)}`,
    })
    let loaded = ''
    child.stderr.on('data', (chunk: Buffer) => (loaded += String(chunk)))
    child.kill('SIGTERM')
    await once(child, 'close')
    assert.match(loaded, /NativeModule _http_server/)
    assert.doesNotMatch(loaded, /deps\/undici/)
  })

  test('without anything it prints a line for curl that works', async (t) => {
    const { said, child, home } = await serve(t)
    const line = said.split('\n').find((one) => one.startsWith('curl '))
    assert.ok(line !== undefined, said)
    const { stdout } = await promisify(execFile)('sh', ['-c', `${line} -sS -w ' %{http_code}'`])
    const [body = '', status] = stdout.split(/ (?=\d+$)/)
    assert.equal(status, '200')
    assert.ok(body.length < 1000, body)
    const { choices } = JSON.parse(body) as {
      readonly choices: readonly { readonly message: { readonly content: string } }[]
    }
    assert.match(choices[0]?.message.content ?? '', /2 \+ 3 = 5/)
    assert.match(said, / \(2 tapes, no provider\)\n/)
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    assert.equal(code, 0)
    const { stdout: ledger } = await playhead(['ledger', '--home', home])
    assert.match(ledger, /tape\/calculator .*answered/)
  })

  test('with a provider the line asks one of its models, not a tape', async (t) => {
    const file = join(newFolder(t), 'playhead.yaml')
    const models = ['b', 'a'].map((name) => `${name}: { endpoints: [{ provider: groq, model: x }] }`)
    writeFileSync(file, `models: { ${models.join(', ')} }\n`)
    const env = { GROQ_API_KEY: 'x' }
    const [configured, listed] = await Promise.all([serve(t, ['--config', file], env), serve(t, [], env)])
    assert.match(configured.said, / \(\d+ models of 1 provider, 2 tapes\)\n/)
    assert.match(configured.said, /-d '\{"model":"b","messages":/)
    assert.match(listed.said, /-d '\{"model":"groq\/[^"]+","messages":/)
  })

  test('the first key is shown once', async (t) => {
    const first = await serve(t)
    first.child.kill('SIGTERM')
    await once(first.child, 'exit')
    const again = start(['serve', '--port', '0', '--home', first.home])
    t.after(() => again.kill('SIGKILL'))
    const said = await until(again, /\n\n$/)
    assert.doesNotMatch(said, /sk-ph-/)
    const [url = ''] = /http:\/\/[\d.:]+/.exec(said) ?? []
    assert.ok((await modelsAt(url, first.key)).includes('tape/calculator'))
  })

  test('a configuration that changes holds at once; one with a mistake does not', async (t) => {
    const file = join(newFolder(t), 'playhead.yaml')
    const cassette = join(import.meta.dirname, '../../../examples/calculator/baseten.yaml')
    writeFileSync(file, `tapes: { one: ${cassette} }\n`)
    const { child, url, key } = await serve(t, ['--config', file])
    let log = ''
    child.stderr.on('data', (chunk: Buffer) => (log += String(chunk)))
    const logged = async (event: string): Promise<void> => {
      while (!log.includes(`"event":"${event}"`)) await once(child.stderr, 'data')
    }
    assert.ok((await modelsAt(url, key)).includes('tape/one'))
    writeFileSync(file, `tapes: { two: ${cassette} }\n`)
    await logged('configuration read')
    assert.ok((await modelsAt(url, key)).includes('tape/two'))
    writeFileSync(file, 'prot: 1\n')
    await logged('configuration refused')
    assert.match(log, /playhead\.yaml:1:1 prot: there is no such field/)
    assert.ok((await modelsAt(url, key)).includes('tape/two'))
  })

  const refused: readonly (readonly [name: string, config: string, says: RegExp])[] = [
    ['a mistake in the configuration', 'prot: 1', /playhead\.yaml:1:1 prot: .*did you mean port/],
    ['a store that cannot be reached', 'store: postgres://127.0.0.1:1/x', /postgres|store/i],
  ]
  for (const [name, config, says] of refused)
    test(`${name} ends it before it begins`, async (t) => {
      const home = newFolder(t)
      const file = join(home, 'playhead.yaml')
      writeFileSync(file, config)
      const { code, stdout, stderr } = await playhead([
        'serve',
        '--port',
        '0',
        '--home',
        home,
        '--config',
        file,
      ])
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, says)
    })

  test('a port that is taken is said', async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await playhead(['serve', '--port', String(port), '--home', newFolder(t)])
    assert.equal(code, 2)
    assert.match(stderr, /is taken: --port 0 finds one that is free/)
  })

  test('--json says it in one line', async (t) => {
    const child = start(['serve', '--port', '0', '--home', newFolder(t), '--json'], {
      env: { GROQ_API_KEY: 'x' },
    })
    t.after(() => child.kill('SIGKILL'))
    const told = JSON.parse(await until(child, /\n$/)) as Readonly<Record<string, unknown>>
    assert.deepEqual(Object.keys(told), ['url', 'adminUrl', 'key', 'providers', 'models', 'tapes'])
    assert.deepEqual([told['providers'], told['tapes']], [['groq'], 2])
    child.kill('SIGTERM')
    assert.equal((await ended(child)).code, 0)
  })
})

test('a line of the log for people', () => {
  const line = JSON.stringify({
    time: '2026-11-22T08:30:01.000Z',
    level: 'warn',
    event: 'attempt failed',
    endpoint: 'groq:x',
    status: 429,
    message: 'slow\u001b[31m down',
    key: null,
  })
  assert.equal(
    shortLine(line),
    '08:30:01 warn attempt failed endpoint=groq:x status=429 message="slow\\u001b[31m down"\n',
  )
})
