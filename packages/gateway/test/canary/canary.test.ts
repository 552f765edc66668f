/** Secrets and prompts reach no sink: logs, metrics, error bodies, the ledger's file, tapes. */
import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createKey } from '../../src/keys.ts'
import { readSeeds } from '../recorded.ts'
import { modelsOf, providersOf, type Running, startGateway, upstreamKeyOf } from '../running.ts'
import { type Act, refusal, startUpstream } from '../upstream.ts'

/** What must be found nowhere. */
const prompt = 'canary-prompt-7f3a91'
const answered = 'canary-answer-5b20cc'
/** What a provider says in its errors, which may be a piece of the prompt: the client and `explain` see it, the log does not. */
const echoed = 'canary-echo-91d4e0'
const upstreamKey = upstreamKeyOf('chutes')
/** A caller's own. It looks like no key: that it is one is known by its having been sent. */
const ownKey = 'canary.caller.own.4c1d'
const wrongKey = createKey('another secret, of another gateway', { name: 'x', createdAt: 0 }).key

const seeds = await readSeeds()
const { chutes } = seeds.text
const recorded = {
  ...chutes,
  frames: chutes.frames.map((frame) => frame.replaceAll('Adding', answered)),
  plain: chutes.plain.replaceAll('Adding', answered),
}

/** Everything that an upstream may do, with the key that it was sent in its mouth where it has words. */
const actsWith = (upstreamKey: string): readonly Act[] => [
  { type: 'answer', recorded },
  refusal(401, `Incorrect API key provided: ${upstreamKey}. You asked: ${echoed}`, {
    code: 'invalid_api_key',
  }),
  refusal(400, `Bad request with ${upstreamKey}`, { code: 'invalid_request_error' }),
  refusal(429, `Too many for ${upstreamKey}`, {
    headers: { 'x-echo': upstreamKey, 'set-cookie': `k=${upstreamKey}` },
  }),
  {
    type: 'refusal',
    status: 502,
    body: `<html><h1>Bad gateway</h1>authorization: Bearer ${upstreamKey}</html>`,
  },
  { type: 'refusal', status: 500, body: { detail: [{ msg: `Bearer ${upstreamKey}` }] } },
  { type: 'error-event', recorded, events: 4, error: { code: 500, message: `crashed: ${upstreamKey}` } },
  { type: 'cut', recorded, events: 4 },
  { type: 'malformed', recorded, events: 4 },
  { type: 'reset' },
  { type: 'silence' },
]

const acts = actsWith(upstreamKey)

const bodies: Readonly<Record<string, (model: string) => object>> = {
  'chat/completions': (model) => ({ model, messages: [{ role: 'user', content: prompt }] }),
  responses: (model) => ({ model, input: prompt }),
  messages: (model) => ({ model, max_tokens: 99, messages: [{ role: 'user', content: prompt }] }),
}

test('no secret and no prompt is in any sink, whatever goes wrong', async () => {
  await using upstream = await startUpstream()
  const names = Array.from({ length: acts.length * 6 }, (_, index) => `m/${index}`)
  await using running = await startGateway({
    providers: providersOf({ chutes: { kind: 'openrouter', baseUrl: upstream.baseUrl } }),
    models: modelsOf(Object.fromEntries(names.map((name) => [name, [['chutes', ['0.38', '1.52']]]]))),
    timeouts: { connect: 500, head: 200, firstToken: 200, idle: 200 },
    failover: { attempts: 1, afterFirstToken: 'error' },
  })
  const said: string[] = []
  let used = 0
  for (const act of acts) {
    for (const [path, bodyOf] of Object.entries(bodies)) {
      for (const stream of [false, true]) {
        upstream.play(act)
        const body = JSON.stringify({ ...bodyOf(names[used++] ?? ''), stream })
        const text = await post(running, path, body)
        const [asked] = upstream.requests
        assert.ok(asked !== undefined && asked.text.includes(prompt), `${act.type}: it was asked`)
        assert.equal(asked.headers.authorization, `Bearer ${upstreamKey}`)
        assert.ok(!JSON.stringify(asked).includes(running.key), 'the key goes no further')
        if (act.type !== 'answer') said.push(text)
      }
    }
  }
  said.push(...(await mistakes(running)))
  const metrics = await get(running, '/metrics')
  const secrets = { key: running.key, 'key, its secret part': running.key.slice(-43), upstreamKey, wrongKey }
  const texts = { prompt, answered }
  const sinks: readonly (readonly [
    sink: string,
    content: string,
    ofWhat: Readonly<Record<string, string>>,
  ])[] = [
    ['errors', said.join('\n'), secrets],
    ['log', JSON.stringify(running.log), { ...secrets, ...texts, echoed }],
    ['metrics', metrics, { ...secrets, ...texts, echoed }],
    [
      'pages',
      (await Promise.all(['/', '/health', '/ready', '/openapi.json'].map((path) => get(running, path)))).join(
        '\n',
      ),
      { ...secrets, ...texts },
    ],
    ['ledger', await ledgerOf(running), { ...secrets, ...texts }],
    ...filesOf(running.home).map(({ name, content }) => [name, content, { ...secrets, ...texts }] as const),
  ]
  for (const [sink, content, forbidden] of sinks) {
    for (const [what, secret] of Object.entries(forbidden)) {
      const at = content.indexOf(secret)
      assert.equal(at, -1, `${what} is in ${sink}: ${content.slice(Math.max(0, at - 150), at + 40)}`)
    }
  }
  assert.ok(running.log.length > 0 && metrics.length > 0, 'there is something to look through')
})

test('a tape keeps what was asked, and no key', async () => {
  await using upstream = await startUpstream()
  await using running = await startGateway({
    providers: providersOf({ chutes: { kind: 'openrouter', baseUrl: upstream.baseUrl } }),
    models: modelsOf({ 'm/m': [['chutes', ['0.38', '1.52']]], 'm/n': [['chutes', ['0.38', '1.52']]] }),
  })
  const { key } = await running.createKey({ record: 1 })
  upstream.play({ type: 'answer', recorded })
  await post({ ...running, key }, 'chat/completions', JSON.stringify(bodies['chat/completions']?.('m/m')))
  upstream.play(refusal(401, `Incorrect API key provided: ${upstreamKey}`))
  await post({ ...running, key }, 'chat/completions', JSON.stringify(bodies['chat/completions']?.('m/n')))
  const tapes = filesOf(join(running.home, 'tapes')).map(({ content }) => content)
  const whole = tapes.join('\n')
  assert.ok(whole.includes(prompt), 'the question is on tape')
  for (const secret of [key, key.slice(-43), upstreamKey])
    assert.ok(!whole.includes(secret), 'a key is on tape')
})

test('an upstream key of a caller’s own is in no sink, on no tape and in no answer, whatever goes wrong', async () => {
  await using upstream = await startUpstream()
  const ownActs = actsWith(ownKey)
  const names = Array.from({ length: ownActs.length * 6 }, (_, index) => `m/${index}`)
  await using running = await startGateway({
    providers: providersOf({ chutes: { kind: 'openrouter', baseUrl: upstream.baseUrl } }),
    models: modelsOf(Object.fromEntries(names.map((name) => [name, [['chutes', ['0.38', '1.52']]]]))),
    timeouts: { connect: 500, head: 200, firstToken: 200, idle: 200 },
    failover: { attempts: 1, afterFirstToken: 'error' },
  })
  const { key: admin } = await running.createKey({ isAdmin: true })
  const asAdmin = { ...running, key: admin }
  const wish = { name: 'own', byok: { chutes: ownKey }, record: 1 }
  const made = await fetch(`${running.baseUrl}/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}` },
    body: JSON.stringify(wish),
  })
  const { key, data } = (await made.json()) as {
    readonly key: string
    readonly data: { readonly hash: string }
  }
  const said = [
    JSON.stringify(data),
    await post(asAdmin, 'keys', JSON.stringify({ ...wish, record: 'all' })),
    await post(asAdmin, 'keys', JSON.stringify({ ...wish, byok: { chutes: `${ownKey}\n` } })),
    await post(asAdmin, 'keys', JSON.stringify({ ...wish, byok: { nobody: ownKey } })),
    await post(asAdmin, 'keys', JSON.stringify({ ...wish, byok: ownKey })),
    await post(asAdmin, 'keys', `{"byok":{"chutes":"${ownKey}"`),
  ]
  let used = 0
  for (const act of ownActs) {
    for (const [path, bodyOf] of Object.entries(bodies)) {
      for (const stream of [false, true]) {
        upstream.play(act)
        const body = JSON.stringify({ ...bodyOf(names[used++] ?? ''), stream })
        said.push(await post({ ...running, key }, path, body))
        assert.equal(upstream.requests[0]?.headers.authorization, `Bearer ${ownKey}`, act.type)
      }
    }
  }
  for (const path of ['keys', `keys/${data.hash}`, 'activity'])
    said.push(await get(asAdmin, `/api/v1/${path}`))
  for (const path of ['key', 'models', 'providers'])
    said.push(await get({ ...running, key }, `/api/v1/${path}`))
  const files = filesOf(running.home)
  assert.ok(
    files.some(({ name }) => name.endsWith('.jsonl')),
    'there are tapes',
  )
  const sinks = [
    ['answers', said.join('\n')],
    ['log', JSON.stringify(running.log)],
    ['metrics', await get(asAdmin, '/metrics')],
    ['ledger', await ledgerOf(running)],
    ...files.map(({ name, content }) => [name, content] as const),
  ] as const
  for (const [sink, content] of sinks) {
    const at = content.indexOf(ownKey)
    assert.equal(at, -1, `the key is in ${sink}: ${content.slice(Math.max(0, at - 150), at + 40)}`)
  }
})

/** Requests that are refused before a model is asked, with secrets wherever they do not belong. */
async function mistakes(running: Running): Promise<string[]> {
  const bad = { ...running, key: wrongKey }
  const question = JSON.stringify({ model: 'm/0', messages: [{ role: 'user', content: prompt }] })
  return await Promise.all([
    post(bad, 'chat/completions', question),
    post(running, 'chat/completions', question.slice(0, -2)),
    post(running, 'chat/completions', JSON.stringify({ model: 'm/0', messages: prompt })),
    post(
      running,
      'chat/completions',
      JSON.stringify({ model: 'm/0', messages: [], provider: { order: prompt } }),
    ),
    post(
      running,
      'messages',
      JSON.stringify({
        model: 'm/0',
        max_tokens: 9,
        messages: [{ role: 'user', content: [{ type: 'odd' }] }],
      }),
    ),
    post(running, `nowhere?key=${running.key}`, question),
    get(running, `/v1beta/models?key=${running.key}`),
    get(running, `/v1beta/nowhere?key=${wrongKey}`),
  ])
}

/** Status, headers and body, as far as they come. */
async function post(
  { baseUrl, key }: Pick<Running, 'baseUrl' | 'key'>,
  path: string,
  body: string,
): Promise<string> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return await textOf(fetch(`${baseUrl}/${path}`, { method: 'POST', headers, body }))
}

async function get({ origin, key }: Running, path: string): Promise<string> {
  return await textOf(fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${key}` } }))
}

async function textOf(asking: Promise<Response>): Promise<string> {
  const response = await asking
  return JSON.stringify([...response.headers]) + (await response.text().catch(String))
}

async function ledgerOf({ gateway }: Running): Promise<string> {
  const generations = await gateway.store.listGenerations({}, 1000, null)
  assert.ok(generations.length > 0)
  return JSON.stringify(generations, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}

function filesOf(folder: string): { readonly name: string; readonly content: string }[] {
  return globSync('**/*', { cwd: folder })
    .filter((name) => name !== 'secret' && statSync(join(folder, name)).isFile())
    .map((name) => ({ name, content: readFileSync(join(folder, name), 'latin1') }))
}
