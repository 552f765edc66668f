/** `playhead doctor`: what is wrong with a configuration and what it needs. */
import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { jsonLines, newFolder, playhead, type Scope } from './command.ts'

interface Looked {
  readonly code: unknown
  /** The state of each thing that was looked at, with what is said of it. */
  readonly said: readonly string[]
}

async function look(
  t: Scope,
  config: string | null,
  env: Readonly<Record<string, string>> = {},
  ...args: readonly string[]
): Promise<Looked> {
  const home = newFolder(t)
  const file = join(home, 'playhead.yaml')
  if (config !== null) writeFileSync(file, config)
  const named = config === null ? [] : ['--config', file]
  const { code, stdout } = await playhead(['doctor', '--json', '--home', home, ...named, ...args], { env })
  return {
    code,
    said: jsonLines(stdout).map(
      ({ state, what, message }) => `${String(state)} ${String(what)}: ${String(message)}`,
    ),
  }
}

function has(said: readonly string[], pattern: RegExp): void {
  assert.ok(
    said.some((line) => pattern.test(line)),
    `${String(pattern)}\n${said.join('\n')}`,
  )
}

describe('playhead doctor', { concurrency: 2 }, () => {
  test('without anything, all is well, and it says that only tapes answer', async (t) => {
    const { code, said } = await look(t, 'port: 0')
    assert.equal(code, 0, said.join('\n'))
    has(said, /^doubtful providers: .*only tapes answer/)
    has(said, /^fine configuration: .*playhead\.yaml: 2 tapes, no provider$/)
    has(said, /^fine secret: it is made at the first start/)
    has(said, /^fine store: .* is made at the first start/)
  })
  test('it counts models as serve does: those that the catalogue lists too', async (t) => {
    const { said } = await look(t, 'port: 0\nproviders: { groq: }', { GROQ_API_KEY: 'x' })
    has(said, /^fine configuration: .*: \d{2} models of 1 provider, 2 tapes$/)
  })
  test('a configuration that is not there', async (t) => {
    const file = join(newFolder(t), 'nope.yaml')
    const { code, stderr } = await playhead(['doctor', '--config', file])
    assert.equal(code, 2)
    assert.ok(stderr.includes(`${file}: there is no such file`), stderr)
  })
  test('each mistake of the configuration is a line', async (t) => {
    const { code, said } = await look(t, 'prot: 0\ntimeouts: { idle: 3 }')
    assert.equal(code, 1)
    has(said, /^wrong configuration: .*playhead\.yaml:1:1 prot: .*did you mean port/)
    has(said, /^wrong configuration: .*playhead\.yaml:2:19 timeouts\.idle: /)
  })
  test('a port that is taken by another program', async (t) => {
    const { port, close } = await listen(() => ({ status: 404, body: {} }))
    t.after(close)
    const { code, said } = await look(t, `port: ${port}`)
    assert.equal(code, 1)
    has(said, /^wrong port: .* is taken by another program/)
  })
  test('a port where a gateway answers', async (t) => {
    const { port, close } = await listen(({ url }) => ({ status: url === '/health' ? 200 : 404, body: {} }))
    t.after(close)
    has((await look(t, `port: ${port}`)).said, /^fine port: a gateway answers/)
  })
  test('a secret that others can read', async (t) => {
    const home = newFolder(t)
    writeFileSync(join(home, 'secret'), 'x'.repeat(40))
    chmodSync(join(home, 'secret'), 0o644)
    const { code, stdout } = await playhead(['doctor', '--home', home])
    assert.equal(code, 1)
    assert.match(stdout, /✗ secret .*chmod 600/)
  })
  test('a key’s file that others can read', async (t) => {
    const folder = newFolder(t)
    const file = join(folder, 'key')
    writeFileSync(file, 'abc')
    chmodSync(file, 0o644)
    has(
      (await look(t, `port: 0\nproviders: { groq: { api_key: "file:${file}" } }`)).said,
      /^wrong secret file: .*chmod 600/,
    )
  })
  test('a database that cannot be reached', async (t) => {
    const { code, said } = await look(t, 'port: 0\nstore: postgres://127.0.0.1:1/x')
    assert.equal(code, 1)
    has(said, /^wrong store: /)
  })
  test('a model whose price nobody knows', async (t) => {
    const config =
      'port: 0\nproviders: { groq: }\nmodels: { m: { endpoints: [{ provider: groq, model: nobody-knows-it }] } }'
    has(
      (await look(t, config, { GROQ_API_KEY: 'x' })).said,
      /^doubtful price: m at groq: nobody knows its price, so it is refused/,
    )
  })
  test('a price that looks mistaken', async (t) => {
    const config = 'port: 0\nunpriced: { input: 100, output: 1 }'
    has((await look(t, config)).said, /^doubtful price: unpriced: output costs/)
  })
  test('--online asks each provider for its models, with its key', async (t) => {
    const keys: unknown[] = []
    const { port, close } = await listen(({ headers }) => {
      keys.push(headers.authorization)
      return headers.authorization === 'Bearer right'
        ? { status: 200, body: { data: [{ id: 'a' }, { id: 'b' }] } }
        : { status: 401, body: { error: { message: 'no such key' } } }
    })
    t.after(close)
    const at = (key: string): string =>
      `{ kind: custom, base_url: "http://127.0.0.1:${port}/v1", allow_private: true, api_key: env:${key} }`
    const config = `port: 0\nproviders: { good: ${at('RIGHT')}, bad: ${at('WRONG')} }`
    const { code, said } = await look(t, config, { RIGHT: 'right', WRONG: 'wrong-key' }, '--online')
    assert.equal(code, 1)
    has(said, /^fine provider good: it answers, with 2 models/)
    has(said, /^wrong provider bad: .*no such key/)
    assert.ok(!said.join('\n').includes('wrong-key'))
    assert.equal(keys.length, 2)
  })
})

interface Listening {
  readonly port: number
  readonly close: () => void
}

function listen(
  answer: (request: IncomingMessage) => { readonly status: number; readonly body: object },
): Promise<Listening> {
  const server = createServer((request, response) => {
    const { status, body } = answer(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      resolve({ port, close: () => void server.close() })
    })
  })
}
