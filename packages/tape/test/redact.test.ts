/** Secrets stay off the tape, wherever an exchange shows them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type HeaderList, record } from '../src/index.ts'
import { createRedaction, redactUrl } from '../src/redact.ts'
import type { ExchangeRedactor } from '../src/redaction.ts'
import { newCassette, serve, signalOnce } from './servers.ts'

const key = 'sk-or-v1-0123456789abcdef'
const json: HeaderList = [['Content-Type', 'application/json']]

function redactorFor(url: string, list: HeaderList): ExchangeRedactor {
  return createRedaction({ env: {} }).exchange(url, list)
}

/** What stands on the tape of a body that breaks off. */
function cut(redactor: ExchangeRedactor, text: string): string {
  const body = redactor.response(json)
  const pieces = [...body.push({ bytes: Buffer.from(text), at: 0 }), ...body.end(true)]
  return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()
}

const headers: readonly (readonly [name: string, value: string, secret: string])[] = [
  ['Authorization', `Bearer ${key}`, key],
  ['authorization', key, key],
  ['Authorization', 'Basic YWxpY2U6b3BlbiBzZXNhbWU=', 'open sesame'],
  ['Authorization', 'Basic YWxpY2U6b3BlbiBzZXNhbWU=', 'YWxpY2U6b3BlbiBzZXNhbWU='],
  ['Authorization', 'Basic c2tfbGl2ZV8xMjM0NTY6', 'sk_live_123456'],
  ['Authorization', 'Token token="abcdefgh12"', 'abcdefgh12'],
  [
    'Authorization',
    'AWS4-HMAC-SHA256 Credential=AKIA/x/bedrock, SignedHeaders=a;b, Signature=0123456789',
    '0123456789',
  ],
  ['Proxy-Authorization', `Bearer ${key}`, key],
  ['X-Api-Key', key, key],
  ['api-key', key, key],
  ['X-Goog-Api-Key', key, key],
  ['X-Auth-Token', key, key],
  ['xi-api-key', key, key],
  ['Ocp-Apim-Subscription-Key', key, key],
  ['cf-aig-authorization', `Bearer ${key}`, key],
  ['X-Amz-Security-Token', key, key],
  ['Cookie', 'theme=dark; session=abcdefgh1234', 'abcdefgh1234'],
  ['Set-Cookie', 'session=abcdefgh1234; Path=/; HttpOnly', 'abcdefgh1234'],
  ...[
    'cf-access-client-secret',
    'x-vault-token',
    'Private-Token',
    'x-token',
    'token',
    'Key',
    'x-apikey',
    'x-functions-key',
    'x-litellm-key',
    'x-portkey-virtual-key',
    'x-my-secret',
    'X-My-Secrets',
    'x_password',
    'x-passwd',
    'x-client-secret',
    'x-credential',
    'x-hub-signature',
    'x-auth',
  ].map((name) => [name, key, key] as const),
]

for (const [name, value, secret] of headers) {
  test(`${name}: ${value} is left out, and ${secret} is masked elsewhere`, () => {
    const redactor = redactorFor('http://a/', [[name, value]])
    const list: HeaderList = [
      [name, value],
      ['X-Echo', `<${secret}>`],
    ]
    assert.deepEqual(redactor.headers(list), [['X-Echo', '<REDACTED>']])
    assert.equal(redactor.body(`{"a":"${secret} ${secret}"}`, json), '{"a":"REDACTED REDACTED"}')
    assert.equal(redactor.url(`http://a/${encodeURIComponent(secret)}/b`), 'http://a/REDACTED/b')
    const bytes = Buffer.concat([Buffer.of(0xff), Buffer.from(secret), Buffer.of(0xfe)])
    assert.deepEqual(
      redactor.body(bytes, json),
      Buffer.concat([Buffer.of(0xff), Buffer.from('REDACTED'), Buffer.of(0xfe)]),
    )
  })
}

const kept: HeaderList = [
  ['Content-Type', 'application/json'],
  ['Idempotency-Key', 'abcdefgh1234'],
  ['X-Idempotency-Key', 'abcdefgh1234'],
  ['X-Ratelimit-Limit-Tokens', '100000000'],
  ['X-Ratelimit-Remaining-Tokens', '100000'],
  ['X-Ratelimit-Reset-Tokens', '6m0s'],
  ['X-Rate-Limit-Tokens', '100000'],
  ['X-Ratelimit-Key', 'grok-4-1-fast'],
  ['Num_tokens', '12'],
  ['X-Time-Per-Token', '0.0123456'],
  ['Access-Control-Allow-Credentials', 'true'],
  ['Anthropic-Ratelimit-Input-Tokens-Reset', '2026-01-01T00:00:00Z'],
  ['Retry-After', '7'],
  ['Anthropic-Ratelimit-Tokens-Limit', '100000'],
  ['X-Request-Id', 'req_12345678'],
  ['Www-Authenticate', 'Bearer realm="a"'],
  ['X-Continuation-Token', 'abcdefgh1234'],
  ['X-Cache-Key', 'http://a/'],
  ['Author', 'somebody'],
  ['X-Monkey', 'abcdefgh1234'],
  ['X-Token-Count', '100000'],
]

test('what is no credential is kept', () => {
  assert.deepEqual(redactorFor('http://a/', kept).headers(kept), kept)
})

test('words of a credential header that are no secret are left alone', () => {
  const redactor = redactorFor('http://a/', [
    [
      'Authorization',
      'AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=content-type;accept;x-amz-date, Signature=0123456789',
    ],
    ['Set-Cookie', 'a=12345678; Domain=example.com; SameSite=Strict; HttpOnly; Max-Age=31536000'],
    ['Cookie', 'lang=en'],
  ])
  const text =
    'Bearer acceptable content-type x-amz-date example.com Strict HttpOnly 31536000 en SignedHeaders'
  assert.equal(redactor.body(text, json), text)
})

test('a key that is a word changes no text', () => {
  for (const word of ['ollama', 'test', 'EMPTY', 'secret']) {
    const redactor = redactorFor('http://a/', [['Authorization', `Bearer ${word}`]])
    assert.equal(redactor.body(`an ${word} model`, json), `an ${word} model`)
  }
})

test('a secret within another one leaves nothing of it', () => {
  const redactor = redactorFor(`http://a/?key=${key}-long`, [['X-Api-Key', key]])
  assert.equal(redactor.body(`${key}-long ${key}`, json), 'REDACTED REDACTED')
})

test('a secret is found in the ways that JSON and URLs write it', () => {
  const redactor = redactorFor('http://a/', [['Authorization', 'Bearer ab/cd+ef"gh\\ij==']])
  for (const form of [
    'ab/cd+ef"gh\\ij==',
    'ab/cd+ef\\"gh\\\\ij==',
    'ab\\/cd+ef\\"gh\\\\ij==',
    'ab%2Fcd%2Bef%22gh%5Cij%3D%3D',
  ]) {
    assert.equal(redactor.body(`<${form}>`, json), '<REDACTED>', form)
  }
})

test('a body that was cut off within a secret shows nothing of it', () => {
  const redactor = redactorFor('http://a/', [['Authorization', `Bearer ${key}`]])
  for (let length = 8; length <= key.length; length += 1) {
    assert.equal(cut(redactor, `key: ${key.slice(0, length)}`), 'key: REDACTED')
  }
  assert.equal(cut(redactor, 'key: sk-or'), 'key: sk-or')
  assert.equal(redactor.body('keys begin with sk-or-v1-', json), 'keys begin with sk-or-v1-')
})

const urls: readonly (readonly [url: string, clean: string])[] = [
  ['http://a/', 'http://a/'],
  ['http://a/?q=a%20b&page=2', 'http://a/?q=a%20b&page=2'],
  ['http://a/?key=abc', 'http://a/?key=REDACTED'],
  ['http://a/?b=1&API-KEY=abc&c=2#d', 'http://a/?b=1&API-KEY=REDACTED&c=2#d'],
  ['http://a/?access_token=abc', 'http://a/?access_token=REDACTED'],
  ['http://a/?%6bey=abc', 'http://a/?%6bey=REDACTED'],
  ['http://a/?key=a&key=b', 'http://a/?key=REDACTED&key=REDACTED'],
  ['http://a/?key', 'http://a/?key'],
  ['http://a/?q=a%20b&key=abc', 'http://a/?q=a%20b&key=REDACTED'],
  ['http://a/?X-Amz-Signature=abc&X-Amz-Date=1', 'http://a/?X-Amz-Signature=REDACTED&X-Amz-Date=1'],
  ['http://user:password@a:81/b?c=d', 'http://a:81/b?c=d'],
  ['http://user@a/', 'http://a/'],
  ['http://a/@b', 'http://a/@b'],
  ['<AZURE_API_BASE>/x?key=abc', '<AZURE_API_BASE>/x?key=REDACTED'],
  ['/path?key=abc&b=c', '/path?key=REDACTED&b=c'],
  ...['pwd', 'password', 'auth', 'Authorization', 'jwt', 'code', 'client_secret', 'secret'].map(
    (name) => [`http://a/?${name}=abc&b=c`, `http://a/?${name}=REDACTED&b=c`] as const,
  ),
  ['http://a/?barcode=abc&author=c', 'http://a/?barcode=abc&author=c'],
]

for (const [url, clean] of urls) {
  test(`${url} is ${clean} on a tape`, () => {
    assert.equal(redactUrl(url), clean)
    assert.equal(redactUrl(clean), clean)
  })
}

test('no secret reaches the file, whatever the server does with it', { timeout: 10_000 }, async (t) => {
  const file = newCassette(t)
  const [query, cookie] = ['query-secret/1', 'cookie-secret-1']
  const secrets = [key, query, cookie]
  const base = await serve(t, (request, response) => {
    const all = `${request.headers.authorization} ${decodeURIComponent(request.url ?? '')} ${request.headers.cookie}`
    if (request.url?.startsWith('/gzip') === true) {
      response.writeHead(401, { 'content-encoding': 'gzip' }).end(gzipSync(`Wrong key: ${all}`))
      return
    }
    response.writeHead(200, { 'x-echo': encodeURI(all), 'set-cookie': 'next=set-secret-12; Path=/' })
    // One byte a chunk: no chunk holds a secret.
    for (const character of `${all} set-secret-12 ${JSON.stringify(all)}`) response.write(character)
    response.end()
  })
  const init = { method: 'POST', headers: { authorization: `Bearer ${key}`, cookie: `session=${cookie}` } }
  const ask = async (fetch: typeof globalThis.fetch, path: string): Promise<string> => {
    const url = `${base}${path}?key=${encodeURIComponent(query)}`
    return (await fetch(url, { ...init, body: JSON.stringify({ key, nested: [`${cookie}!`] }) })).text()
  }
  const recorder = await record(file)
  for (const path of ['/plain', '/gzip', `/keys/${key}`])
    assert.match(await ask(recorder.fetch, path), new RegExp(key))
  await recorder.stop()
  const text = readFileSync(file, 'utf8')
  for (const secret of [...secrets, 'set-secret-12', encodeURIComponent(query)])
    assert.ok(!text.includes(secret), secret)
  const replay = await record(file, { mode: 'replay' })
  for (const path of [`/keys/${key}`, '/gzip', '/plain'])
    assert.match(await ask(replay.fetch, path), /REDACTED/)
})

test('an echo that breaks off within the key shows nothing of it', { timeout: 10_000 }, async (t) => {
  const file = newCassette(t)
  const seen = signalOnce()
  const base = await serve(t, (_, response) => {
    response.writeHead(200).write(`Your key is ${key.slice(0, -1)}`)
    void seen.said.then(() => response.destroy())
  })
  const recorder = await record(file)
  const response = await recorder.fetch(base, { headers: { authorization: `Bearer ${key}` } })
  const reader = response.body?.getReader() ?? assert.fail()
  await reader.read()
  seen.say()
  await assert.rejects(reader.read())
  await recorder.stop()
  assert.ok(!readFileSync(file, 'utf8').includes(key.slice(0, 12)))
})
