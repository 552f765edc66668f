/** Google's access tokens, from both kinds of credentials files. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import type { Authorize } from '@playhead/wire'
import { authorize } from '../src/index.ts'
import { vertex } from '../../wire/src/hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'playhead-auth-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const account = {
  type: 'service_account',
  private_key_id: 'key-1',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  client_email: 'agent@my-project.iam.gserviceaccount.com',
  token_uri: 'https://tokens.test/token',
}
const user = {
  type: 'authorized_user',
  client_id: 'client-1',
  client_secret: 'secret-2',
  refresh_token: 'secret-3',
}

const start = Date.UTC(2026, 0, 1)
const request = { url: 'https://aiplatform.googleapis.com/', method: 'POST', headers: {}, body: '{}' }

interface Bench {
  readonly ask: Authorize
  readonly sent: { readonly url: string; readonly form: URLSearchParams }[]
  readonly clock: { now: number }
}

/** Vertex with a file of these contents, and a token endpoint that answers so. */
function bench(content: unknown, answer: () => Response = () => token('token-1')): Bench {
  const file = join(folder, `${Math.random()}.json`)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  const sent: Bench['sent'] = []
  const clock = { now: start }
  const ask = authorize(vertex, {
    environment: { GOOGLE_APPLICATION_CREDENTIALS: file },
    now: () => clock.now,
    fetch: (url, init) => {
      sent.push({ url, form: new URLSearchParams(init.body as string) })
      return Promise.resolve(answer())
    },
  })
  return { ask, sent, clock }
}

function token(value: string): Response {
  return Response.json({ access_token: value, expires_in: 3599, token_type: 'Bearer' })
}

function part(jwt: string, index: number): unknown {
  return JSON.parse(Buffer.from(jwt.split('.')[index] ?? '', 'base64url').toString())
}

test('a service account exchanges a signed assertion for a token', async () => {
  const { ask, sent } = bench(account)
  assert.deepEqual(await ask(request), { authorization: 'Bearer token-1' })
  const [{ url, form } = { url: '', form: new URLSearchParams() }] = sent
  assert.equal(url, account.token_uri)
  assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer')
  const jwt = form.get('assertion') ?? ''
  assert.deepEqual(part(jwt, 0), { alg: 'RS256', typ: 'JWT', kid: 'key-1' })
  assert.deepEqual(part(jwt, 1), {
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    iss: account.client_email,
    aud: account.token_uri,
    iat: start / 1000,
    exp: start / 1000 + 3600,
  })
  const [head = '', claims = '', signature = ''] = jwt.split('.')
  const signed = Buffer.from(`${head}.${claims}`)
  assert.ok(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url')))
})

/** As in ruby-vcr/ruby_llm, chat_citations_with_vertexai_gemini-2_5-flash_…: the form that gcloud's own credentials take. */
test('a user’s credentials exchange their refresh token', async () => {
  const { ask, sent } = bench(user)
  assert.deepEqual(await ask(request), { authorization: 'Bearer token-1' })
  assert.equal(sent[0]?.url, 'https://oauth2.googleapis.com/token')
  assert.deepEqual(Object.fromEntries(sent[0]?.form ?? []), {
    grant_type: 'refresh_token',
    refresh_token: 'secret-3',
    client_id: 'client-1',
    client_secret: 'secret-2',
  })
})

test('a token is kept until shortly before it expires, and asked for once by many', async () => {
  let count = 0
  const { ask, sent, clock } = bench(user, () => token(`token-${++count}`))
  await Promise.all([ask(request), ask(request), ask(request)])
  clock.now = start + 3500_000
  assert.deepEqual(await ask(request), { authorization: 'Bearer token-1' })
  assert.equal(sent.length, 1)
  clock.now = start + 3540_000
  assert.deepEqual(await ask(request), { authorization: 'Bearer token-2' })
  assert.equal(sent.length, 2)
})

function refusal(): Response {
  const said = { error: 'invalid_grant', error_description: 'secret-3 is expired' }
  return Response.json(said, { status: 400 })
}

test('a refusal names the file and Google’s code, and is not kept', async () => {
  let isRefused = true
  const { ask } = bench(user, () => (isRefused ? refusal() : token('token-1')))
  await assert.rejects(ask(request), (error: Error) => {
    assert.equal(Reflect.get(error, 'code'), 'refused')
    assert.match(error.message, /\.json: status 400, invalid_grant$/)
    assert.doesNotMatch(inspect(error), /secret/)
    return true
  })
  isRefused = false
  assert.deepEqual(await ask(request), { authorization: 'Bearer token-1' })
})

for (const [sentence, body] of [
  ['no token', '{}'],
  ['no JSON', '<html>'],
  ['a token that is no text', '{"access_token":5,"expires_in":3599}'],
  ['a token that would break a header', '{"access_token":"a\\r\\nb","expires_in":3599}'],
] as const) {
  test(`an answer with ${sentence} is a refusal`, async () => {
    await assert.rejects(bench(user, () => new Response(body)).ask(request), { code: 'refused' })
  })
}

for (const [sentence, content, message] of [
  ['no JSON', 'secret', /no file of Google credentials/],
  ['no type', { private_key: 'secret' }, /no file of Google credentials/],
  ['a type that is not known', { type: 'external_account', secret: 1 }, /type "external_account"/],
  ['a key that is none', { ...account, private_key: 'secret' }, /the private_key in .* is none/],
  ['no key', { ...account, private_key: undefined }, /has no private_key/],
  ['no refresh token', { ...user, refresh_token: '' }, /has no refresh_token/],
  [
    'a token endpoint that is none',
    { ...user, token_uri: 'file:///secret' },
    /no file of Google credentials/,
  ],
] as const) {
  test(`a file with ${sentence} is refused`, async () => {
    const { ask, sent } = bench(content)
    await assert.rejects(ask(request), (error: Error) => {
      assert.equal(Reflect.get(error, 'code'), 'invalid')
      assert.match(error.message, message)
      assert.doesNotMatch(inspect(error), /secret/)
      return true
    })
    assert.equal(sent.length, 0)
  })
}

test('a file that is not there is named', async () => {
  const environment = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'absent.json') }
  await assert.rejects(authorize(vertex, { environment })(request), {
    code: 'invalid',
    message: /absent\.json.*ENOENT/,
  })
})

test('a network that fails is the network’s own error', async () => {
  const { ask } = bench(user, () => {
    throw new TypeError('fetch failed')
  })
  await assert.rejects(ask(request), { name: 'TypeError' })
})
