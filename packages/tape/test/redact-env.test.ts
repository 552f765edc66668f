/** The process's own credentials are secret, in every way that they are written; its other variables are not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HeaderList } from '../src/index.ts'
import { createRedaction } from '../src/redact.ts'

const json: HeaderList = [['content-type', 'application/json']]

const secret: readonly (readonly [name: string, value: string])[] = [
  ['OPENAI_API_KEY', 'zq81-vnw2_ppl0'],
  ['SERVICE_TOKEN', 'hunter22'],
  ['github_token', '0123456789abcdef'],
  ['DB_PASSWORD', 'correct horse battery staple'],
  ['DB_PASSWORD', 'pä$$wörd"1\\x/+='],
  ['AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY'],
  ['AWS_ACCESS_KEY_ID', 'QKIA0123456789AB'],
  ['CLIENT_SECRET', 'aBcDeFgHiJ'],
  ['SIGNING_KEY', '-----BEGIN X-----\nab1\ncd2\n-----END X-----'],
  ['KEY', '7c9e6679-7425-40de-944b-e07fc1f90ae7'],
]

const plain: readonly (readonly [name: string, value: string])[] = [
  ['OLLAMA_API_KEY', 'ollama'],
  ['LOCAL_API_KEY', 'lm-studio'],
  ['LOCAL_API_KEY', 'not-needed'],
  ['LOCAL_API_KEY', 'undefined'],
  ['SSH_KEY', '/home/somebody/.ssh/id_ed25519'],
  ['SSH_KEY', '~/.ssh/id_ed25519'],
  ['TLS_KEY', './certificates/key1.pem'],
  ['TOKEN', 'https://example.com/token1'],
  ['MAX_TOKEN', '123456789012'],
  ['SORT_KEY', 'created_at'],
  ['MODEL_KEY', 'gpt-4o-mini'],
  ['MODEL_KEY', 'claude-sonnet-4-5-20250929'],
  ['PASSWORD', 'password'],
  ['EXPIRY_KEY', '2026-01-01'],
  ['TOKENIZER', 'abcdefgh1234'],
  ['KEYBOARD', 'abcdefgh1234'],
  ['PATH', 'abcdefgh1234'],
]

for (const [name, value] of secret) {
  test(`${name}=${value} is masked in every form`, () => {
    const exchange = createRedaction({ env: { [name]: value } }).exchange('http://a/', [])
    const quoted = JSON.stringify(value)
    const ascii = quoted.replaceAll(
      /[\u0080-\uffff]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    for (const form of [
      value,
      quoted.slice(1, -1),
      quoted.slice(1, -1).replaceAll('/', '\\/'),
      ascii.slice(1, -1),
      JSON.stringify(quoted).slice(3, -3),
      encodeURIComponent(value),
      encodeURIComponent(value).replaceAll(/%../g, (one) => one.toLowerCase()),
      new URLSearchParams({ a: value }).toString().slice(2),
    ]) {
      assert.equal(exchange.body(`<${form}>`, json), '<REDACTED>', form)
      assert.equal(exchange.text(`<${form}>`), '<REDACTED>', form)
    }
  })

  test(`${name}=${value} is masked in base64, whatever stands around it`, () => {
    const exchange = createRedaction({ env: { [name]: value } }).exchange('http://a/', [])
    for (const before of ['', 'a:', 'user:', 'somebody:']) {
      for (const after of ['', 'b', '\n', ':x']) {
        for (const encoding of ['base64', 'base64url'] as const) {
          const encoded = Buffer.from(before + value + after).toString(encoding)
          const clean = exchange.body(encoded, json)
          assert.match(String(clean), /REDACTED/)
          // What is left of it are the characters that it shares with what stands around it.
          const left = String(clean).replace('REDACTED', '')
          assert.ok(left.length <= Math.ceil(((before.length + after.length) * 4) / 3) + 5, left)
        }
      }
    }
  })
}

for (const [name, value] of plain) {
  test(`${name}=${value} is nothing to look for`, () => {
    const exchange = createRedaction({ env: { [name]: value } }).exchange('http://a/', [])
    assert.equal(exchange.body(`<${value}>`, json), `<${value}>`)
  })
}

test('values and names are added by hand', () => {
  const redaction = createRedaction({ env: {}, values: ['canary-value'], names: ['X-Tenant', 'pin'] })
  const exchange = redaction.exchange('http://a/?pin=1', [['x-tenant', 'tenant-value-1']])
  assert.equal(exchange.url('http://a/?PIN=1&b=2'), 'http://a/?PIN=REDACTED&b=2')
  assert.deepEqual(
    exchange.headers([
      ['X-Tenant', 'a'],
      ['b', 'canary-value'],
    ]),
    [['b', 'REDACTED']],
  )
  assert.equal(
    exchange.body('{"pin":"1","x-tenant":"a","b":"canary-value tenant-value-1"}', json),
    '{"pin":"REDACTED","x-tenant":"REDACTED","b":"REDACTED REDACTED"}',
  )
})

test('a name of one letter is looked for, too', () => {
  const exchange = createRedaction({ env: {}, names: ['k'] }).exchange('http://a/', [])
  assert.equal(exchange.body('{"model":"m","k":"canary"}', json), '{"model":"m","k":"REDACTED"}')
})

test('the variables of the process itself count where none are given', (t) => {
  process.env['CANARY_API_KEY'] = 'canary-0f8e7d6c'
  t.after(() => delete process.env['CANARY_API_KEY'])
  assert.equal(createRedaction().exchange('http://a/', []).text('canary-0f8e7d6c'), 'REDACTED')
})

test('account headers are masked, and what they say is masked elsewhere', () => {
  const exchange = createRedaction({ env: {} }).exchange('http://a/', [])
  const headers: HeaderList = [
    ['Openai-Organization', 'user-iq2bd8fhw0'],
    ['Openai-Project', 'proj_aBcDeFgHiJkLmNoPqRsT1234'],
    ['Anthropic-Organization-Id', '7c9e6679-7425-40de-944b-e07fc1f90ae7'],
    ['X-Amzn-Account-Id', '210987654321'],
    ['X-User-Id', 'me'],
    ['X-Goog-User-Project', 'my-project'],
    ['X-Request-Id', 'req_1'],
  ]
  const body = exchange.response(headers)
  assert.deepEqual(
    exchange.headers(headers),
    headers.map(([name, value]) => [name, name === 'X-Request-Id' ? value : 'REDACTED']),
  )
  const pieces = body.push({ bytes: Buffer.from('in organization user-iq2bd8fhw0: me, my-project\n'), at: 0 })
  assert.equal(String(pieces[0]?.bytes), 'in organization REDACTED: me, my-project\n')
})
