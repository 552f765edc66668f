/** Clients that mean harm: they leave nothing behind, get nowhere, and take nothing from others. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { configurationOf } from '../running.ts'
import { type Attack, answer, frames, json, ledgerOf, question, startAttack } from './attacking.ts'

/** Sends bytes by a socket and gives all that comes until the other side closes. */
function sent({ running }: Attack, ...pieces: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(running.origin).port), '127.0.0.1')
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(said))
    for (const piece of pieces) socket.write(piece, 'latin1')
  })
}

function request({ running }: Attack, headers: readonly string[], body: string): string {
  const all = [
    `host: here`,
    `authorization: Bearer ${running.key}`,
    `content-length: ${body.length}`,
    ...headers,
  ]
  return `POST /api/v1/chat/completions HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`
}

const hello = JSON.stringify(question())

function timers(): number {
  return process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length
}

test('a question that turns out to be none leaves no timer behind', async () => {
  await using attack = await startAttack({ dialects: ['anthropic-messages'] })
  const odd = { stream: true, messages: [{ role: 'nobody', content: 'Hi' }] }
  assert.match(await attack.said(question(odd)), /^400 /)
  const before = timers()
  for (let count = 0; count < 50; count++) assert.match(await attack.said(question(odd)), /^400 /)
  assert.ok(timers() <= before + 5, `${before} timers before, ${timers()} after`)
})

test('a slow reader that leaves lets go of a provider that is read to its end', async () => {
  const { server } = configurationOf('', {})
  await using attack = await startAttack({
    changes: {
      clientLeft: 'drain',
      server: { ...server, bufferLimit: 65_536 },
      timeouts: { connect: 500, head: 500, firstToken: 500, idle: 500 },
    },
  })
  const { key, record } = await attack.running.createKey()
  const piece = frames.words('x'.repeat(100_000))
  attack.play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let left = 300
    const more = (): void => {
      while (left-- > 0) if (!response.write(piece)) return void response.once('drain', more)
    }
    more()
  }
  const leaving = new AbortController()
  await attack.ask(question({ stream: true }), { key, signal: leaving.signal })
  // What nobody reads has filled every buffer on the way by then.
  await new Promise((resolve) => setTimeout(resolve, 200))
  leaving.abort()
  assert.equal((await ledgerOf(attack, record)).outcome, 'cancelled')
})

/** What a client's request made wrong, in its provider's words. */
const refusals: readonly (readonly [status: number, error: object, body: object])[] = [
  [400, { message: 'no' }, {}],
  [413, { message: 'no' }, {}],
  [422, { message: 'no' }, {}],
  [404, { message: 'no response resp_1', code: 'not_found' }, { previous_response_id: 'resp_1' }],
  [404, { message: 'no container', type: 'not_found_error' }, { container: 'c1' }],
  [403, { message: 'no', status: 'PERMISSION_DENIED' }, { cachedContent: 'cachedContents/1' }],
  [
    404,
    { message: 'no file' },
    { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] },
  ],
]

for (const [status, error, body] of refusals)
  test(`${status} for ${JSON.stringify(body)} says nothing of the endpoint's health`, async () => {
    await using attack = await startAttack()
    attack.play = json({ error }, {}, status)
    for (let count = 0; count < 8; count++) assert.match(await attack.said(question(body)), /^[45]/)
    assert.equal(attack.running.gateway.router().health.of('acme:m/m').state, 'good')
  })

test('a model that is not there is the endpoint’s failure', async () => {
  await using attack = await startAttack()
  attack.play = json({ error: { message: 'no such model', code: 'model_not_found' } }, {}, 404)
  for (let count = 0; count < 8; count++) await attack.said(question())
  assert.equal(attack.running.gateway.router().health.of('acme:m/m').state, 'paused')
})

test('leaving says nothing of the endpoint’s health', async () => {
  await using attack = await startAttack()
  for (let count = 0; count < 8; count++) {
    const leaving = new AbortController()
    attack.play = () => leaving.abort()
    await attack.said(question({ stream: count % 2 === 0 }), { signal: leaving.signal }).catch(() => null)
  }
  assert.equal(attack.running.gateway.router().health.of('acme:m/m').state, 'good')
})

/** Names of models that would lead elsewhere, or out of their line. */
const names = [
  '../../secret',
  'm/../../x',
  'a?key=1#',
  'a b',
  '%2e%2e/x',
  'x\r\nx-evil: 1',
  'x\u0000',
  '\ud800',
  '',
]

test('a model’s name is no way out of its path', async () => {
  for (const [kind, dialect] of [
    ['google', 'gemini'],
    ['custom', 'openai-chat'],
  ] as const) {
    await using attack = await startAttack({
      kind,
      dialects: [dialect],
      changes: { unpriced: 'free', models: new Map() },
    })
    const paths: string[] = []
    attack.play = (response, text, { url = '', headers }) => {
      paths.push(url)
      assert.equal(headers['x-evil'], undefined)
      json(answer())(response, text, undefined as never)
    }
    for (const name of names) {
      assert.doesNotMatch(await attack.said(question({ model: `acme/${name}` })), /^500 .*Internal/)
      const path = `models/${encodeURIComponent(`acme/${name.toWellFormed()}`)}:generateContent`
      const said = await attack.said(question(), { path })
      assert.doesNotMatch(said, /^500 .*Internal/)
    }
    for (const path of paths) {
      assert.match(path, /^\/v1\/(chat\/completions|models\/[^?#]+:generateContent)$/)
      assert.doesNotMatch(decodeURIComponent(path), /(^|[\\/])\.\.?($|[\\/])/)
    }
  }
})

test('headers of a client cannot break out, and only few go on', async () => {
  await using attack = await startAttack({ dialects: ['anthropic-messages'] })
  let heads: readonly string[] = []
  attack.play = (response, text, { rawHeaders }) => {
    heads = rawHeaders
    json(answer())(response, text, undefined as never)
  }
  const headers = [
    'anthropic-beta: a\u00ff\tb',
    'http-referer: http://x/',
    'cookie: a=b',
    'x-forwarded-for: 1.2.3.4',
    'proxy-authorization: Basic x',
    'openai-organization: org',
    'transfer-Encoding-x: chunked',
    'connection: close, anthropic-beta',
  ]
  await sent(attack, request(attack, headers, hello))
  const all = heads.join('\n').toLowerCase()
  for (const name of ['cookie', 'x-forwarded-for', 'proxy-authorization', 'openai-organization', 'referer'])
    assert.ok(!all.includes(name), name)
  assert.ok(!all.includes(attack.running.key.toLowerCase()))
  assert.match(
    await sent(attack, request(attack, ['anthropic-beta: a\u0001b', 'connection: close'], hello)),
    / 400 /,
  )
})

test('in process, a header that HTTP cannot carry is left out, and is nobody’s failure', async () => {
  await using attack = await startAttack({ dialects: ['anthropic-messages'] })
  attack.play = json({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  })
  const { status } = await attack.running.gateway.fetch(
    new Request('http://gateway/api/v1/messages', {
      method: 'POST',
      headers: { authorization: `Bearer ${attack.running.key}`, 'anthropic-beta': 'a\u0001b' },
      body: JSON.stringify(question({ max_tokens: 9 })),
    }),
  )
  assert.equal(status, 200)
})

test('a request within a request is not one', async () => {
  await using attack = await startAttack()
  attack.play = json(answer())
  const inner = request(attack, ['connection: close'], hello)
  const chunked = `POST /api/v1/chat/completions HTTP/1.1\r\nhost: here\r\nauthorization: Bearer ${attack.running.key}\r\n`
  for (const framing of [
    `content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    `transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner}`,
    `content-length: 0\r\ncontent-length: ${inner.length}\r\n\r\n${inner}`,
    `content-length: +5\r\n\r\n${inner}`,
    `transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`,
  ]) {
    const said = await sent(attack, chunked + framing)
    assert.match(said, /^(HTTP\/1\.1 400 |$)/, framing)
    assert.equal(said.split('HTTP/1.1 ').length, said === '' ? 1 : 2, said)
  }
  assert.deepEqual(attack.asked, [])
})

test('keys that differ, keys twice and halves of keys let nobody in', async () => {
  await using attack = await startAttack()
  attack.play = json(answer())
  const { key } = attack.running
  const wrong = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`
  const status = async (headers: readonly string[]): Promise<string> =>
    (
      await sent(
        attack,
        `POST /api/v1/chat/completions HTTP/1.1\r\nhost: here\r\nconnection: close\r\n` +
          `content-length: ${hello.length}\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n${hello}`,
      )
    ).slice(9, 12)
  assert.equal(await status([`authorization: Bearer ${key}`]), '200')
  for (const headers of [
    [],
    [`authorization: Bearer ${wrong}`],
    [`authorization: Bearer ${key.slice(0, 20)}`],
    [`authorization: Bearer ${key}x`],
    [`authorization: Bearer ${key}`, `authorization: Bearer ${wrong}`],
    [`authorization: Bearer ${wrong}`, `x-api-key: ${key}`],
    [`x-api-key: ${wrong}`, `x-api-key: ${key}`],
    [`authorization: Bearer ${key.toLowerCase()}`],
    [`authorization: Basic ${Buffer.from(key).toString('base64')}`],
    [`cookie: authorization=Bearer ${key}`],
  ])
    assert.equal(await status(headers), '401', headers.join())
})
