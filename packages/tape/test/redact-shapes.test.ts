/** What is shaped like a key is masked and reported, and nothing else is. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { HeaderList } from '../src/index.ts'
import { createRedaction } from '../src/redact.ts'

const json: HeaderList = [['content-type', 'application/json']]

/** Letters and digits without a pattern: no key stands in this file. */
function random(length: number, alphabet = /[A-Za-z\d]/g): string {
  let text = ''
  for (let count = 0; text.length < length; count += 1) {
    const digest = createHash('sha512').update(`${count}`).digest('base64')
    text += (digest.match(alphabet) ?? []).join('')
  }
  return text.slice(0, length)
}

const hex = (length: number): string => createHash('sha512').update('a').digest('hex').slice(0, length)
const upper = random(16, /[A-Z\d]/g)
const pem = (kind: string, line: string): string =>
  [
    `-----BEGIN ${kind}PRIVATE KEY-----`,
    ...Array<string>(20).fill(random(64)),
    `-----END ${kind}PRIVATE KEY-----`,
  ].join(line)

const keys: readonly (readonly [name: string, key: string])[] = [
  ['openai-key', `sk-${random(48)}`],
  ['openai-key', `sk-proj-${random(70)}_${random(70)}-${random(12)}`],
  ['openai-key', `sk-svcacct-${random(60)}`],
  ['openai-key', `sk-${hex(32)}`],
  ['anthropic-key', `sk-ant-api03-${random(40)}-${random(40)}_${random(11)}AA`],
  ['openrouter-key', `sk-or-v1-${hex(64)}`],
  ['playhead-key', `sk-ph-${random(32)}`],
  ['google-key', `AIza${random(35)}`],
  ['google-access-token', `ya29.a0${random(120)}`],
  ['google-client-secret', `GOCSPX-${random(28)}`],
  ['aws-access-key', `AKIA${upper}`],
  ['aws-access-key', `ASIA${upper}`],
  ['aws-bedrock-key', `ABSK${random(128)}`],
  ['github-token', `ghp_${random(36)}`],
  ['github-token', `github_pat_${random(22)}_${random(59)}`],
  ['gitlab-token', `glpat-${random(20)}`],
  ['slack-token', `xoxb-123456789012-123456789012-${random(24)}`],
  ['groq-key', `gsk_${random(52)}`],
  ['hugging-face-token', `hf_${random(34)}`],
  ['xai-key', `xai-${random(80)}`],
  ['perplexity-key', `pplx-${random(48)}`],
  ['nvidia-key', `nvapi-${random(64)}`],
  ['cerebras-key', `csk-${random(48)}`],
  ['fireworks-key', `fw_${random(24)}`],
  ['together-key', `tgp_v1_${random(43)}`],
  ['replicate-token', `r8_${random(37)}`],
  ['vercel-key', `vck_${random(52)}`],
  ['tavily-key', `tvly-dev-${random(32)}`],
  ['langsmith-key', `lsv2_pt_${hex(32)}_${hex(10)}`],
  ['langfuse-key', 'sk-lf-01234567-89ab-4def-8123-456789abcdef'],
  ['stripe-key', `sk_live_${random(24)}`],
  ['npm-token', `npm_${random(36)}`],
  ['sendgrid-key', `SG.${random(22)}.${random(43)}`],
  ['jwt', `eyJ${random(33)}.eyJ${random(80)}.${random(43)}`],
  ['jwt', `eyJ${random(33)}.eyJ${random(20_000)}.${random(300)}`],
  ['private-key', pem('', '\n')],
  ['private-key', pem('RSA ', '\\n')],
]

for (const [name, key] of keys) {
  test(`${name}: ${key.slice(0, 12)}… of ${key.length} characters is masked and reported`, () => {
    const exchange = createRedaction({ env: {} }).exchange('http://a/', [])
    const texts = [
      `{"a":"${key}"}`,
      `{"a":"is\\n${key}, ok"}`,
      `a=${key}&b`,
      `%3D${key}%26`,
      `export KEY=${key}\n`,
      key,
    ]
    for (const text of texts)
      assert.equal(
        exchange.body(text, json),
        text.replace(key, () => 'REDACTED'),
      )
    assert.deepEqual(exchange.findings, [{ name, where: 'request body' }])
  })

  test(`${name}: ${key.slice(0, 12)}… of ${key.length} characters is kept where it is allowed`, () => {
    const exchange = createRedaction({ env: {}, allow: [name] }).exchange('http://a/', [])
    assert.equal(exchange.body(`{"a":"${key}"}`, json), `{"a":"${key}"}`)
    assert.deepEqual(exchange.findings, [])
  })
}

const none: readonly string[] = [
  'task-force-2024-with-many-words-in-a-row',
  'sk-learn-based-approach-for-something-2024-12-01',
  'sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'sk-ant-...',
  'sk-<your key of OpenAI>',
  `disk-${random(48)}`,
  `Task_sk-${random(48)}`,
  `data:image/png;base64,${random(50)}sk${random(5000)}AIza${random(5000)}/AKIA${random(300)}`,
  `${random(600)}_sk-${random(600)}`,
  `AIza${random(80)}`,
  'AKIAIOSFODNN7EXAMPLE',
  'xai-responses-v1',
  'hf_hub_download_from_the_repository_of_models',
  `eyJ${random(4000)}`,
  '-----BEGIN PUBLIC KEY-----\\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\\n',
  '-----BEGIN PRIVATE KEY-----\\n…\\n-----END PRIVATE KEY-----',
  'a key begins with sk-, gsk_, hf_ or AKIA',
]

for (const text of none) {
  test(`no key: ${text.slice(0, 60)}`, () => {
    const exchange = createRedaction({ env: {} }).exchange('http://a/', [])
    assert.equal(exchange.body(`{"a":"${text}"}`, json), `{"a":"${text}"}`)
    assert.deepEqual(exchange.findings, [])
  })
}

test('a key is reported for each place where it stands', () => {
  const key = `sk-or-v1-${hex(64)}`
  const request: HeaderList = [['X-Note', `use ${key}`]]
  const exchange = createRedaction({ env: {} }).exchange(`http://a/${key}`, request)
  assert.equal(exchange.url(`http://a/${key}`), 'http://a/REDACTED')
  assert.deepEqual(exchange.headers(request), [['X-Note', 'use REDACTED']])
  exchange.body(key, json)
  const response: HeaderList = [['X-Echo', key]]
  const body = exchange.response(response)
  exchange.headers(response)
  body.push({ bytes: Buffer.from(key), at: 0 })
  body.end(false)
  exchange.text(`no such key: ${key}`)
  const places = [
    'url',
    'request header x-note',
    'request body',
    'response header x-echo',
    'response body',
    'text',
  ]
  assert.deepEqual(
    exchange.findings,
    places.map((where) => ({ name: 'openrouter-key', where })),
  )
})

test('what is known to be secret is no finding', () => {
  const key = `sk-or-v1-${hex(64)}`
  const other = `sk-ant-api03-${random(90)}`
  const exchange = createRedaction({ env: { OTHER_KEY: other } }).exchange('http://a/', [
    ['authorization', `Bearer ${key}`],
  ])
  const text = `{"a":"${key}","b":"${other}","api_key":"sk-${random(48)}"}`
  assert.equal(exchange.body(text, json), '{"a":"REDACTED","b":"REDACTED","api_key":"REDACTED"}')
  assert.deepEqual(exchange.findings, [])
})
