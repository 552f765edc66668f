/** Credentials in less common places: paths, names with more words, other escapes, cut short, packed, and in what follows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { HeaderList } from '../src/index.ts'
import { createRedaction, type RedactionOptions } from '../src/redact.ts'
import type { ExchangeRedactor } from '../src/redaction.ts'

const json: HeaderList = [['content-type', 'application/json']]
const form: HeaderList = [['content-type', 'application/x-www-form-urlencoded']]
const secret = 'cnry7f3a9b1c5e8d2046'
const webhook = 'T0123ABCD/B0123ABCD/aB3dE5gH7jK9mN1pQ3sT5vX7'
const bot = '1234567890:AAb3dE5gH7jK9mN1pQ3sT5vX7yZ-aB3dE5g'
const discord = `123456789012345678/${'aB3dE5gH7jK9mN1pQ3sT5vX7yZ'.repeat(3)}`

function exchangeOf(
  url = 'http://a/',
  headers: HeaderList = [],
  options: RedactionOptions = {},
): ExchangeRedactor {
  return createRedaction({ env: {}, ...options }).exchange(url, headers)
}

const urls: readonly (readonly [url: string, clean: string])[] = [
  [
    `https://api.telegram.org/bot${bot}/sendMessage?a=1`,
    'https://api.telegram.org/botREDACTED/sendMessage?a=1',
  ],
  [`https://hooks.slack.com/services/${webhook}`, 'https://hooks.slack.com/services/REDACTED'],
  [
    `https://discord.com/api/webhooks/${discord}?wait=true`,
    'https://discord.com/api/webhooks/123456789012345678/REDACTED?wait=true',
  ],
  [
    `https://a.webhook.office.com/webhookb2/${secret}@b/IncomingWebhook/c`,
    'https://a.webhook.office.com/webhookb2/REDACTED',
  ],
  [`http://a/b;jsessionid=${secret};v=1/c;d?e=f`, 'http://a/b;jsessionid=REDACTED;v=1/c;d?e=f'],
  [`http://a/b#access_token=${secret}&state=1`, 'http://a/b#access_token=REDACTED&state=1'],
  [`http://a/?dd-api-key=${secret}&b=1`, 'http://a/?dd-api-key=REDACTED&b=1'],
  [`http://a/?openaiApiKey=${secret}`, 'http://a/?openaiApiKey=REDACTED'],
  [
    `http://a/?oauth_token=${secret}&oauth_signature=b`,
    'http://a/?oauth_token=REDACTED&oauth_signature=REDACTED',
  ],
  [`http://${secret}:x@a/`, 'http://a/'],
]

for (const [url, clean] of urls) {
  test(`${clean} shows no secret, and what it hides is hidden in an echo`, () => {
    const exchange = exchangeOf(url)
    assert.equal(exchange.url(url), clean)
    assert.equal(exchange.url(clean), clean)
    for (const value of [secret, webhook, bot, discord.slice(19)]) {
      if (url.includes(value) && !url.includes('office'))
        assert.match(String(exchange.body(`is ${value}!`, json)), /^is [\w@/]*REDACTED[\w@/]*!$/)
    }
    assert.deepEqual(exchange.findings, [])
  })
}

test('paths and parameters that carry no credential are kept', () => {
  for (const url of [
    'http://a/bots/12/messages;v=1',
    'http://a/robot1234567890/x',
    'http://a/api/webhooks/1',
    'https://hooks.slack.com/',
    'http://a/?page_token=abc&sort_key=b&max_tokens=1',
    'http://a/?a=b;c=d',
  ])
    assert.equal(exchangeOf(url).url(url), url)
})

const references: readonly (readonly [value: string, clean: string])[] = [
  [`/callback?access_token=${secret}&a=1`, '/callback?access_token=REDACTED&a=1'],
  [
    `</a?page=2&api_key=${secret}>; rel="next", </b>; rel="last"`,
    '</a?page=2&api_key=REDACTED>; rel="next", </b>; rel="last"',
  ],
  [`0; url=/a?token=${secret}`, '0; url=/a?token=REDACTED'],
  [`postgres://me:${secret}@db:5432/a`, 'postgres://db:5432/a'],
]

for (const [value, clean] of references) {
  test(`a header says ${clean}, and the body that repeats the secret does not`, () => {
    const exchange = exchangeOf()
    const headers: HeaderList = [['location', value]]
    const body = exchange.response(headers)
    assert.deepEqual(exchange.headers(headers), [['location', clean]])
    const pieces = [...body.push({ bytes: Buffer.from(`Found: ${secret}`), at: 0 }), ...body.end(false)]
    assert.equal(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString(), 'Found: REDACTED')
    assert.equal(exchangeOf().text(`failed: ${value}`), `failed: ${clean}`)
  })
}

test('a secret in the name of a header', () => {
  const headers: HeaderList = [
    [secret, 'a'],
    ['b', 'c'],
  ]
  assert.deepEqual(exchangeOf('http://a/', headers, { values: [secret] }).headers(headers), [
    ['REDACTED', 'a'],
    ['b', 'c'],
  ])
})

const bodies: readonly (readonly [text: string, clean: string, headers?: HeaderList])[] = [
  ...[
    'openai_api_key',
    'openaiApiKey',
    'db-password',
    'azure.client_secret',
    'slackBotToken',
    'github_token',
  ].map((name) => [`{"${name}":"x"}`, `{"${name}":"REDACTED"}`] as const),
  [String.raw`{"a":"{\"openaiApiKey\": \"x\"}"}`, String.raw`{"a":"{\"openaiApiKey\": \"REDACTED\"}"}`],
  ['user[password]=x&token=y&a=b', 'user[password]=REDACTED&token=REDACTED&a=b', form],
  [
    'user%5Bpassword%5D=x&grant_type=b&assertion=y',
    'user%5Bpassword%5D=REDACTED&grant_type=b&assertion=REDACTED',
    form,
  ],
  ['{"a":"see https://a/b?q=1&api_key=x1"}', '{"a":"see https://a/b?q=1&api_key=REDACTED"}'],
  ['{"a":"postgres://me:pa55wörd!x@db/a"}', '{"a":"postgres://REDACTED@db/a"}'],
  [
    `{"a":"https://hooks.slack.com/services/${webhook}"}`,
    '{"a":"https://hooks.slack.com/services/REDACTED"}',
  ],
  [`curl https://api.telegram.org/bot${bot}/getMe`, 'curl https://api.telegram.org/botREDACTED/getMe'],
  [`https://discord.com/api/webhooks/${discord}`, 'https://discord.com/api/webhooks/REDACTED'],
  [
    '{"type":"service_account","private_key_id":"a","private_key":"-----BEGIN PRIVATE KEY-----\\nx\\n"}',
    '{"type":"service_account","private_key_id":"a","private_key":"REDACTED"}',
  ],
  [
    '{"access_token":"x","token_type":"Bearer","expires_in":1}',
    '{"access_token":"REDACTED","token_type":"Bearer","expires_in":1}',
  ],
]

for (const [text, clean, headers = json] of bodies) {
  test(`masked however it is cut: ${clean}`, () => {
    assert.equal(exchangeOf().body(text, headers), clean)
    assert.equal(exchangeOf().body(clean, headers), clean)
    const bytes = Buffer.from(text)
    for (let at = 0; at <= bytes.length; at += 1) {
      const body = exchangeOf().response(headers)
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)].flatMap((piece) =>
        body.push({ bytes: piece, at: 0 }),
      )
      assert.equal(
        Buffer.concat([...pieces, ...body.end(false)].map((piece) => piece.bytes)).toString(),
        clean,
      )
    }
  })
}

const kept: readonly string[] = [
  '{"my_password_hint":"x","passwordless":"y","monkeypassword":"z","next_page_token":"a","token":"b"}',
  '{"db_password":{"type":"string"},"required":["db_password"],"a":"db_password"}',
  '{"a":"https://a/b?key=1&token=c","b":"http://me@a/","c":"postgres://user:password@localhost"}',
  '{"a":"https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"}',
  '{"a":"https://a:8080/b/c@d","b":"12:30 me@a"}',
]

for (const text of kept) {
  test(`kept: ${text}`, () => assert.equal(exchangeOf().body(text, json), text))
}

test('a key is masked as far as it goes where an error shows its start, and its first characters are not', () => {
  const exchange = exchangeOf('http://a/', [['authorization', `Bearer ${secret}`]])
  assert.equal(exchange.body(`no such key: ${secret.slice(0, 17)}…`, json), 'no such key: REDACTED…')
  assert.equal(exchange.body(`no such key: ${secret.slice(0, 17)}`, json), 'no such key: REDACTED')
  assert.equal(
    exchange.body(`no such key: ${secret.slice(0, 8)}***`, json),
    `no such key: ${secret.slice(0, 8)}***`,
  )
})

test('a secret is found as each writer of JSON, HTML and URLs within URLs escapes it', () => {
  const value = 'ab/cd+e<f>&"g\'é=='
  const exchange = exchangeOf('http://a/', [], { values: [value] })
  const dotnet = 'ab/cd\\u002Be\\u003Cf\\u003E\\u0026\\u0022g\\u0027\\u00E9=='
  const go = JSON.stringify(value)
    .slice(1, -1)
    .replaceAll('&', '\\u0026')
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
  for (const form of [
    dotnet,
    go,
    JSON.stringify(dotnet).slice(1, -1),
    JSON.stringify(go).slice(1, -1),
    encodeURIComponent(encodeURIComponent(value)),
    "ab/cd+e&lt;f&gt;&amp;&quot;g'é==",
  ])
    assert.equal(exchange.body(`<${form}>`, json), '<REDACTED>', form)
})

const variables: readonly (readonly [name: string, value: string, shown: string])[] = [
  ['DATABASE_URL', `postgres://me:${secret}@db:5432/a`, secret],
  ['HTTPS_PROXY', `http://me:${secret}@proxy:3128`, secret],
  ['SLACK_URL', `https://hooks.slack.com/services/${webhook}`, webhook],
  ['PGPASSWORD', secret, secret],
  ['DB_PASS', secret, secret],
  ['MYSQL_PWD', secret, secret],
  ['OPENAI_API_KEY_2', secret, secret],
  ['OPENAI_API_KEYS', `first-1a2b3c4d5e,${secret}`, secret],
  ['GITHUB_PAT', secret, secret],
]

for (const [name, value, shown] of variables) {
  test(`what ${name} holds is masked`, () => {
    assert.equal(
      exchangeOf('http://a/', [], { env: { [name]: value } }).body(`is ${shown}!`, json),
      'is REDACTED!',
    )
  })
}

test('a path of this machine is no secret', () => {
  for (const name of ['PWD', 'OLDPWD', 'PATH', 'XAUTHORITY'])
    assert.equal(
      exchangeOf('http://a/', [], { env: { [name]: '/home/me1a2b3c/x' } }).text('/home/me1a2b3c/x'),
      '/home/me1a2b3c/x',
    )
})

for (const [name, pack] of [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate, gzip', (bytes: Uint8Array) => gzipSync(deflateSync(bytes))],
] as const) {
  test(`what is too large when it is unpacked is not kept unseen: ${name}`, () => {
    const large = Buffer.alloc(64 * 1024 * 1024 + 100, 'a ')
    large.write(secret)
    const packed = new Uint8Array(pack(large))
    const headers: HeaderList = [['content-encoding', name]]
    const exchange = exchangeOf('http://a/', headers, { values: [secret] })
    assert.equal(exchange.body(packed, headers), 'REDACTED')
    const body = exchange.response(headers)
    const pieces = [...body.push({ bytes: packed, at: 0 }), ...body.end(false)]
    assert.deepEqual(Buffer.concat(pieces.map(({ bytes }) => bytes)), Buffer.from('REDACTED'))
    assert.deepEqual(exchange.findings, [
      { name: 'encoded-body', where: 'request body' },
      { name: 'encoded-body', where: 'response body' },
    ])
    const allowing = exchangeOf('http://a/', headers, { allow: ['encoded-body'] })
    assert.equal(allowing.body(packed, headers), packed)
  })
}

test('a packed body that breaks off within a secret shows nothing of it', () => {
  const headers: HeaderList = [['content-encoding', 'gzip']]
  const body = exchangeOf('http://a/', [], { values: [secret] }).response(headers)
  const pieces = [
    ...body.push({ bytes: gzipSync(`is ${secret.slice(0, 12)}`).subarray(0, -8), at: 0 }),
    ...body.end(true),
  ]
  const [piece] = pieces
  assert.notDeepEqual(piece?.bytes, gzipSync(`is ${secret.slice(0, 12)}`).subarray(0, -8))
})

test('what one request carries is masked in those that follow, and in a note', () => {
  const redaction = createRedaction({ env: {} })
  redaction.exchange('http://a/', [['authorization', `Bearer ${secret}`]])
  const next = redaction.exchange('http://b/', [['x-api-key', 'other-1a2b3c4d']])
  assert.equal(next.body(`{"tool":"the header was ${secret}"}`, json), '{"tool":"the header was REDACTED"}')
  assert.equal(next.body('{"tool":"other-1a2b3c4d"}', json), '{"tool":"REDACTED"}')
  assert.equal(createRedaction({ env: {} }).exchange('http://b/', []).body(secret, json), secret)
})
