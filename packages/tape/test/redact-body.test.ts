/** Secrets in bodies are known by their names, and every other byte stays. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type HeaderList, record } from '../src/index.ts'
import { createRedaction } from '../src/redact.ts'
import { newCassette, serve } from './servers.ts'

const redactor = createRedaction({ env: {} }).exchange('http://a/', [])
const json: HeaderList = [['content-type', 'application/json']]
const multipart: HeaderList = [['content-type', 'multipart/form-data; boundary=b']]
const form: HeaderList = [['content-type', 'application/x-www-form-urlencoded; charset=utf-8']]

const names =
  'api_key apikey api-key apiKey API_KEY x-api-key secret_access_key aws_session_token auth_token client_secret clientSecret access_token accessToken refresh_token id_token private_key privatekey password Password passwd secret authorization Authorization'

for (const name of names.split(' ')) {
  test(`the value of ${name} is masked in JSON and in a form`, () => {
    assert.equal(redactor.body(`{"${name}":"hunter2"}`, json), `{"${name}":"REDACTED"}`)
    assert.equal(redactor.body(`a=b&${name}=hunter2&c=d`, form), `a=b&${name}=REDACTED&c=d`)
  })
}

const masked: readonly [sentence: string, text: string, clean: string, headers?: HeaderList][] = [
  ['white space', '{ "secret" :\r\n\t"a b" , "b" : 1 }\n', '{ "secret" :\r\n\t"REDACTED" , "b" : 1 }\n'],
  ['an escaped quote', String.raw`{"secret":"a\"b\\","b":"c"}`, '{"secret":"REDACTED","b":"c"}'],
  [
    'any depth',
    '[{"a":{"secret":"x"}},{"secret":"y"}]',
    '[{"a":{"secret":"REDACTED"}},{"secret":"REDACTED"}]',
  ],
  [
    'a stream of events',
    'event: a\r\ndata: {"secret":"x"}\r\n\r\n: ping\n\ndata: [DONE]\n\n',
    'event: a\r\ndata: {"secret":"REDACTED"}\r\n\r\n: ping\n\ndata: [DONE]\n\n',
  ],
  [
    'an event that breaks off',
    'data: {"secret":"x\n\ndata: {}\n\n',
    'data: {"secret":"REDACTED\n\ndata: {}\n\n',
  ],
  ['JSON in a text', within({ password: 'x"\\', b: 1 }), within({ password: 'REDACTED', b: 1 })],
  [
    'JSON in JSON in a text',
    within(within({ api_key: 'x"\\"', b: 1 })),
    within(within({ api_key: 'REDACTED', b: 1 })),
  ],
  [
    'JSON in a text with spaces',
    String.raw`{"a":"{\"secret\" : \"x\", \"b\": 1}"}`,
    String.raw`{"a":"{\"secret\" : \"REDACTED\", \"b\": 1}"}`,
  ],
  [
    'a text whose JSON breaks off',
    String.raw`{"a":"{\"secret\":\"x","b":"y"}`,
    String.raw`{"a":"{\"secret\":\"REDACTED","b":"y"}`,
  ],
  [
    'parts of a form',
    '--b\r\nContent-Disposition: form-data; name="api_key"\r\n\r\nx\r\ny-\r\n--b\r\nContent-Disposition: form-data; name="secret"; filename="a"\r\nContent-Type: text/plain\r\n\r\nz\r\n--b--\r\n',
    '--b\r\nContent-Disposition: form-data; name="api_key"\r\n\r\nREDACTED\r\n--b\r\nContent-Disposition: form-data; name="secret"; filename="a"\r\nContent-Type: text/plain\r\n\r\nREDACTED\r\n--b--\r\n',
    multipart,
  ],
  [
    'signed URLs',
    '{"url":"https://a/b?X-Amz-Credential=x%2Fy&X-Amz-Date=1&X-Amz-Signature=0f","v":"https://c/d?se=1&sig=x%3D"}',
    '{"url":"https://a/b?X-Amz-Credential=REDACTED&X-Amz-Date=1&X-Amz-Signature=REDACTED","v":"https://c/d?se=1&sig=REDACTED"}',
  ],
  [
    'signed URLs as Go writes them',
    String.raw`{"url":"https://a/b?se=1\u0026sig=x%3D\u0026sp=r"}`,
    String.raw`{"url":"https://a/b?se=1\u0026sig=REDACTED\u0026sp=r"}`,
  ],
  [
    'the user that OpenRouter names in its errors',
    '{"error":{"message":"no","code":429},"user_id":"user_2abCDefGHijKLmnOPqrSTuvWX"}',
    '{"error":{"message":"no","code":429},"user_id":"REDACTED"}',
  ],
  [
    'the organization that OpenAI names in its errors',
    '{"error":{"message":"Rate limit reached for gpt-4o in organization org-aBcDeFgHiJkLmNoPqRsT1234 on tokens"}}',
    '{"error":{"message":"Rate limit reached for gpt-4o in organization REDACTED on tokens"}}',
  ],
  [
    'the account that AWS names in its errors',
    '{"message":"User: arn:aws:iam::210987654321:user/a is not authorized"}',
    '{"message":"User: arn:aws:iam::REDACTED:user/a is not authorized"}',
  ],
]

for (const [sentence, text, clean, headers = json] of masked) {
  test(`masked, and all else is kept: ${sentence}`, () => {
    assert.equal(redactor.body(text, headers), clean)
    assert.equal(redactor.body(clean, headers), clean)
  })
}

/** JSON as a text in other JSON. */
function within(value: unknown): string {
  return JSON.stringify({ a: typeof value === 'string' ? value : JSON.stringify(value) })
}

const kept: readonly [sentence: string, text: string, headers?: HeaderList][] = [
  ['names that tool inputs use', '{"token":"a","key":"b","max_tokens":"1","code":"c","secret_santa":"d"}'],
  ['values that are no text', '{"password":null,"secret":{"type":"string"},"api_key":["a"],"passwd":1}'],
  ['nothing', '{"password":"","a":"{\\"secret\\":\\"\\"}"}'],
  ['a name that is a value', '{"name":"password","required":["secret","passwd"]}'],
  ['a name within a word', '{"my_password_hint":"x","passwordless":"y"}'],
  ['a form that is said to be none', 'password=hunter2'],
  ['a part of a form that is none', 'Content-Disposition: form-data; name="secret"\r\n\r\nx\r\n--b--'],
  ['other names in a form', 'grant_type=password&key=a&passwords=b&a=secret', form],
  [
    'other parts of a form',
    '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nsecret\r\n--b--',
    multipart,
  ],
  [
    'ids of a tool',
    String.raw`{"arguments":"{\"user_id\":\"user_2abCDefGHijKLmnOPqrSTuvWX\"}","user_id":"42"}`,
  ],
  [
    'numbers of accounts in documents',
    '{"a":"arn:aws:iam::123456789012:role/x","b":"arn:aws:s3:::210987654321"}',
  ],
]

for (const [sentence, text, headers = json] of kept) {
  test(`kept: ${sentence}`, () => assert.equal(redactor.body(text, headers), text))
}

test('bytes that are no text are searched as well', () => {
  assert.deepEqual(redactor.body(bytesAround('hunter2'), json), bytesAround('REDACTED'))
})

function bytesAround(secret: string): Uint8Array {
  return Buffer.from(`\u00ff{"secret":"${secret}"}\u00fe`, 'latin1')
}

test('a form name is read as it is meant', () => {
  assert.equal(redactor.body('client%5Fsecret=x', form), 'client%5Fsecret=REDACTED')
})

test('a body that was cut off within a value shows nothing of it', () => {
  assert.equal(redactor.body('{"secret":"hun', json), '{"secret":"REDACTED')
  assert.equal(redactor.body('a=b&secret=hun', form), 'a=b&secret=REDACTED')
  assert.equal(
    redactor.body(String.raw`{"a":"{\"secret\":\"hun\\`, json),
    String.raw`{"a":"{\"secret\":\"REDACTED`,
  )
})

test('the time for a large body grows with its length only', () => {
  const size = 1_000_000
  const large = [
    `{"secret":"${'x'.repeat(size)}"}`,
    `{"secret":"${String.raw`\"`.repeat(size / 2)}"}`,
    `{\\"secret\\":\\"${'\\'.repeat(size)}`,
    '"secret":',
    '"secret":"',
    '"',
    '&',
    'secret',
    '\r\n-',
    'sk-',
    '.sk-',
    'eyJ',
    'eyJ.',
    '%3DeyJ',

    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    'AKIA',
    '=ABSK',
    '"user_id":"',
    '&sig=',
    'arn:aws:iam::',
    '://',
    '://a:b@',
    'hooks.slack.com/services/',
    'api_key',
    'Api-Key-',
    'A_',
    '?api_key=',
    '&a=',
  ]
  for (const text of large) {
    const whole = text.length < size ? text.repeat(size / text.length) : text
    for (const headers of [json, form, multipart]) {
      const start = process.cpuUsage()
      redactor.body(whole, headers)
      // Some tens of nanoseconds a byte; quadratic time would take minutes.
      assert.ok(process.cpuUsage(start).user < 2_000_000, text.slice(0, 40))
    }
  }
})

test('so does the time for a long URL, and for a long header', () => {
  const size = 200_000
  for (const text of [
    ';',
    ';a=',
    '?',
    '&',
    '?a=',
    '://',
    'a://',
    'a:',
    '/bot1',
    '@',
    '#',
    'a',
    '/api/webhooks/1',
    '<',
  ]) {
    const long = text.repeat(size / text.length)
    const start = process.cpuUsage()
    const exchange = createRedaction({ env: {} }).exchange(`http://a/${long}`, [['location', long]])
    exchange.url(`http://a/${long}`)
    exchange.headers([['location', long]])
    exchange.text(long)
    assert.ok(process.cpuUsage(start).user < 2_000_000, text)
  }
})

const asked: readonly [sentence: string, make: (secret: string) => RequestInit][] = [
  [
    'JSON',
    (secret) => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ a: 1, password: secret }),
    }),
  ],
  ['a form', (secret) => ({ method: 'POST', body: new URLSearchParams({ a: '1', client_secret: secret }) })],
]

for (const [sentence, make] of asked) {
  test(`recorded with one secret, replayed with it, another one or none: ${sentence}`, async (t) => {
    const file = newCassette(t)
    const base = await serve(t, (_, response) => response.end('{"access_token": "minted-1", "n": 1}'))
    const recorder = await record(file)
    for (let count = 0; count < 3; count += 1) {
      const live = await recorder.fetch(base, make('hunter2'))
      assert.equal(await live.text(), '{"access_token": "minted-1", "n": 1}')
    }
    await recorder.stop()
    assert.doesNotMatch(readFileSync(file, 'utf8'), /hunter2|minted-1/)
    const replay = await record(file, { mode: 'replay' })
    for (const secret of ['hunter2', 'other', 'REDACTED']) {
      const response = await replay.fetch(base, make(secret))
      assert.equal(await response.text(), '{"access_token": "REDACTED", "n": 1}')
    }
    await assert.rejects(replay.fetch(base, make('very-secret')), (error: Error) => {
      assert.doesNotMatch(error.message, /very-secret/)
      return true
    })
  })
}
