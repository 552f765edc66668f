/** A secret is planted wherever an exchange can show one, and appears in no file and in no message. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { get, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { type Fetch, record, type RecordOptions } from '../src/index.ts'
import { cassetteNames, newCassette, serve } from './servers.ts'

/** Known by its variable: it may stand anywhere. */
const canary = 'cnry/7f3a+"9b1c\\é='
/** Known by its place alone; each place has one of its own. */
const placed = (place: string): string => `cnry-${place}-4e8d21c7`

const places = [
  'bearer',
  'basic',
  'cookie',
  'set-cookie',
  'user',
  'query',
  'field',
  'nested',
  'part',
  'form',
  'echo',
]
const host = 'cnry-host-7c1d9e02'
const all = [canary, host, ...places.map(placed)]
const redact = { env: { CANARY_API_KEY: canary }, values: [host] }

async function parrot(t: TestContext): Promise<string> {
  return serve(t, (request, response) => void answer(request, response))
}

/** Repeats whatever it is told, in every part of an answer, and cuts its body into single bytes. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const told = `${await text(request)} ${decodeURIComponent(request.url ?? '')} ${JSON.stringify(request.headers)}`
  if (request.url?.startsWith('/gzip') === true) {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(told))
    return
  }
  response.writeHead(200, `Not ${encodeURIComponent(canary)}`, {
    'content-type': 'text/event-stream',
    'set-cookie': `next=${placed('set-cookie')}; Path=/`,
    'x-echo': encodeURIComponent(told).slice(0, 4000),
    location: `https://user:${placed('echo')}@127.0.0.1/?token=${placed('echo')}`,
    trailer: 'x-trailer',
  })
  const events = [
    { delta: { content: told } },
    { error: { message: `Incorrect API key provided: ${canary}` }, password: placed('echo') },
    { nested: JSON.stringify({ client_secret: placed('echo'), set: placed('set-cookie') }) },
    { base64: Buffer.from(`user:${canary}`).toString('base64') },
  ]
  const bytes = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
  for (const byte of bytes) response.write(Uint8Array.of(byte))
  response.addTrailers({ 'x-trailer': encodeURIComponent(canary) })
  response.end()
}

function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function parts(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

const requests: readonly (readonly [position: string, path: string, init: RequestInit])[] = [
  ['authorization header', '/', { headers: { authorization: `Bearer ${placed('bearer')}` } }],
  ['basic authorization', '/', { headers: { authorization: `Basic ${btoa(`me:${placed('basic')}`)}` } }],
  ['custom header', '/', { headers: { 'x-note': encodeURIComponent(canary) } }],
  ['cookie', '/', { headers: { cookie: `a=b; session=${placed('cookie')}` } }],
  ['query', `/?api_key=${placed('query')}&q=${encodeURIComponent(canary)}`, {}],
  ['path', `/keys/${encodeURIComponent(canary)}/x`, {}],
  ['JSON body', '/', json({ a: `is ${canary}!`, password: placed('field') })],
  ['JSON within JSON', '/', json({ a: JSON.stringify({ api_key: placed('nested'), b: canary }) })],
  ['parts of a form', '/', { method: 'POST', body: parts({ a: canary, api_key: placed('part') }) }],
  ['form', '/', { method: 'POST', body: new URLSearchParams({ a: canary, client_secret: placed('form') }) }],
  ['packed answer', '/gzip', json({ a: canary, password: placed('field') })],
  ['host', `http://${host}.invalid/`, json({})],
]

for (const name of cassetteNames) {
  for (const [position, path, init] of requests) {
    // What got no answer is on no cassette of go-vcr.
    if (position === 'host' && name.endsWith('.yaml')) continue
    test(`${name}: nothing of a secret in the ${position}`, { timeout: 20_000 }, async (t) => {
      const file = newCassette(t, name)
      const url = new URL(path, await parrot(t))
      const asked = async (options: RecordOptions): Promise<string> => {
        const recorder = await record(file, { redact, ...options })
        const answer = await said(recorder.fetch, url.href, init)
        return `${answer}${await messageOf(recorder.stop())}`
      }
      const live = await asked({})
      assert.ok(
        all.some((secret) => live.includes(secret)) || position === 'host' || position.includes('form'),
      )
      assertClean(file)
      const again = await asked({ mode: 'replay' })
      if (position !== 'host') assert.match(again, /REDACTED/)
      assertNothingIn(again, 'the replay')
    })
  }

  test(`${name}: nothing of what node:http sends, and of trailers`, { timeout: 20_000 }, async (t) => {
    const file = newCassette(t, name)
    const url = await parrot(t)
    const recorder = await record(file, { redact })
    recorder.install()
    const trailer = await new Promise<string | undefined>((resolve, reject) => {
      const headers = { 'x-note': encodeURIComponent(canary) }
      get(url.replace('//', `//me:${placed('user')}@`), { headers }, (response) => {
        response.resume().on('end', () => resolve(response.trailers['x-trailer']))
      }).on('error', reject)
    })
    assert.ok(trailer === undefined || trailer === encodeURIComponent(canary))
    await recorder.stop()
    assertClean(file)
  })

  test(`${name}: nothing of a secret in the report of a miss`, async (t) => {
    const file = newCassette(t, name)
    const base = await parrot(t)
    const recorder = await record(file, { redact })
    await said(
      recorder.fetch,
      `${base}/a?token=${placed('query')}`,
      json({ password: placed('field'), n: 1 }),
    )
    await recorder.stop()
    const replay = await record(file, { redact, mode: 'replay' })
    for (const [, path, init] of requests) {
      const message = await messageOf(replay.fetch(new URL(path, base), { ...init, method: 'PUT' }))
      assert.match(message, /no recorded/)
      assertNothingIn(message, 'the report')
    }
    await replay.stop()
  })

  test(`${name}: nothing of an answer that breaks off within a secret`, { timeout: 20_000 }, async (t) => {
    const file = newCassette(t, name)
    const start = canary.slice(0, -3)
    const base = await serve(t, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write(`is ${start}`, () => response.destroy())
    })
    const recorder = await record(file, { redact })
    await said(recorder.fetch, base, {})
    await recorder.stop()
    assert.ok(!contentOf(file).includes(start.slice(0, 10)))
  })
}

/** What a caller gets to see. */
async function said(fetch: Fetch, url: string, init: RequestInit): Promise<string> {
  try {
    const response = await fetch(url, init)
    return `${response.statusText} ${JSON.stringify([...response.headers])} ${await response.text()}`
  } catch (error) {
    return String(error)
  }
}

async function messageOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return ''
  } catch (error) {
    return String(error)
  }
}

function contentOf(file: string): string {
  const folder = join(file, '..')
  return readdirSync(folder)
    .map((name) => `${name}\n${readFileSync(join(folder, name), 'latin1')}`)
    .join('\n')
}

function assertClean(file: string): void {
  const content = contentOf(file)
  assert.match(content, /REDACTED/)
  assertNothingIn(content, file)
}

function assertNothingIn(content: string, where: string): void {
  const bytes = Buffer.from(content, 'utf8').toString('latin1')
  for (const secret of all) {
    const inJson = JSON.stringify(secret).slice(1, -1)
    const forms = [secret, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret)]
    const packed = ['', 'a', 'ab'].map((before) =>
      Buffer.from(before + secret)
        .toString('base64')
        .slice(4, -4),
    )
    const urlPacked = packed.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))
    for (const form of [...forms, ...packed, ...urlPacked]) {
      assert.ok(!content.includes(form), `${form} in ${where}`)
      assert.ok(!bytes.includes(Buffer.from(form).toString('latin1')), `${form} in ${where}`)
    }
  }
}
