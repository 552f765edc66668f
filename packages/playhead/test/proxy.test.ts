/** The command where only a proxy leads to the internet. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test, type TestContext } from 'node:test'
import { ours, proxyServer, host } from '../../gateway/test/transport/proxy-server.ts'
import { calculator, jsonLines, newFile, newFolder, playhead, retryTape, start } from './command.ts'

const answered = {
  id: 'a',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

/** Answers as a provider does. Gives its port. */
async function listening(t: TestContext, server: Server): Promise<number> {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const body = request.method === 'GET' ? { data: [{ id: 'proxied' }] } : answered
    void text(request).then(() =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

async function secureProvider(t: TestContext): Promise<{ readonly url: string; readonly env: Env }> {
  const port = await listening(t, createSecureServer(ours))
  return {
    url: `https://${host}:${port}/v1`,
    env: { NODE_EXTRA_CA_CERTS: newFile(t, 'ca.pem', ours.cert), KEY: 'x' },
  }
}

type Env = Readonly<Record<string, string>>

const credentials = 'al:p@ssword'
const leadingTo = (port: number): string => `http://al:p%40ssword@127.0.0.1:${port}`

describe('behind a proxy', { concurrency: 2 }, () => {
  test('the gateway asks its providers through it, and its password is nowhere', async (t) => {
    const { url, env } = await secureProvider(t)
    const proxy = await proxyServer(t, { credentials })
    const home = newFolder(t)
    const providers = `{ far: { kind: custom, base_url: '${url}', dialects: [openai-chat], api_key: env:KEY } }`
    const config = newFile(t, 'playhead.yaml', `port: 0\nunpriced: free\nproviders: ${providers}\n`)
    const set = { ...env, HTTPS_PROXY: leadingTo(proxy.port) }
    const child = start(['serve', '--json', '--config', config, '--home', home], { env: set })
    t.after(() => child.kill('SIGKILL'))
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { url: gateway, key } = JSON.parse(String(line)) as { readonly url: string; readonly key: string }
    const ask = async (): Promise<Response> =>
      fetch(`${gateway}/api/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'far/m', messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 }),
      })
    for (let round = 0; round < 2; round += 1) {
      const response = await ask()
      assert.match(await response.text(), /"Hello"/)
    }
    assert.deepEqual(proxy.asked, [`CONNECT ${new URL(url).host}`])
    const metrics = await (await fetch(`${gateway}/metrics`)).text()
    child.kill('SIGTERM')
    const [log] = await Promise.all([text(child.stderr), once(child, 'exit')])
    const { stdout } = await playhead(['ledger', '--json', '--home', home])
    assert.doesNotMatch(metrics + log + stdout, /p@ssword|p%40ssword|YWw6/)
    assert.match(stdout, /answered/)
  })

  test('models and doctor ask through it', async (t) => {
    const { url, env } = await secureProvider(t)
    const proxy = await proxyServer(t, { credentials })
    const set = { ...env, https_proxy: leadingTo(proxy.port), NO_PROXY: 'other.com' }
    const { stdout } = await playhead(['models', 'custom', '--base-url', url, '--json'], { env: set })
    assert.equal(jsonLines(stdout)[0]?.['id'], 'proxied')

    const home = newFolder(t)
    const providers = `{ far: { kind: custom, base_url: '${url}', api_key: env:KEY } }`
    const config = newFile(t, 'playhead.yaml', `port: 0\nproviders: ${providers}\n`)
    const args = ['doctor', '--online', '--json', '--config', config, '--home', home]
    const doctor = await playhead(args, { env: set })
    const said = jsonLines(doctor.stdout).map(({ what, state, message }) =>
      [what, state, message].map(String).join(' | '),
    )
    const by = `https: by 127.0.0.1:${proxy.port}; http: directly; directly: this machine, other.com`
    assert.ok(said.includes(`proxy | fine | ${by}`), said.join('\n'))
    assert.ok(said.includes('provider far | fine | it answers, with 1 model'), said.join('\n'))
    assert.equal(proxy.asked.length, 2)
  })

  test('this machine is asked directly', async (t) => {
    const port = await listening(t, createServer())
    const proxy = await proxyServer(t)
    const env = { HTTP_PROXY: leadingTo(proxy.port), HTTPS_PROXY: leadingTo(proxy.port) }
    for (const name of ['127.0.0.1', 'localhost']) {
      const { stdout } = await playhead(['models', 'custom', '--base-url', `http://${name}:${port}/v1`], {
        env,
      })
      assert.match(stdout, /proxied/)
    }
    assert.deepEqual(proxy.asked, [])
  })

  test('a variable that names no proxy is told, without what it says', async (t) => {
    const env = { HTTPS_PROXY: 'socks5://al:p@ssword@proxy:1080' }
    const home = newFolder(t)
    for (const args of [
      ['serve', '--home', home],
      ['models', 'groq'],
    ]) {
      const { code, stderr } = await playhead(args, { env })
      assert.equal(code, 2)
      assert.match(stderr, /^playhead: HTTPS_PROXY/)
      assert.doesNotMatch(stderr, /p@ssword/)
    }
    const doctor = await playhead(['doctor', '--online', '--home', home], { env })
    assert.equal(doctor.code, 1)
    assert.match(
      doctor.stdout,
      /✗ proxy +HTTPS_PROXY: proxies are spoken to by http: and https:, not by socks5:/,
    )
    assert.doesNotMatch(doctor.stdout + doctor.stderr, /p@ssword/)
    const replayed = await playhead(['run', calculator, '--tape', retryTape], { env })
    assert.equal(replayed.code, 0)
  })

  test('record asks through it', async (t) => {
    const { url, env } = await secureProvider(t)
    const proxy = await proxyServer(t)
    const tape = join(newFolder(t), 'a.tape.jsonl')
    const args = ['record', '--upstream', new URL(url).origin, '--to', tape, '--port', '0', '--json']
    const child = start(args, { env: { ...env, HTTPS_PROXY: leadingTo(proxy.port) } })
    t.after(() => child.kill('SIGKILL'))
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { url: recorder } = JSON.parse(String(line)) as { readonly url: string }
    assert.match(await (await fetch(`${recorder}/v1/models`)).text(), /proxied/)
    assert.equal(proxy.asked.length, 1)
  })
})
