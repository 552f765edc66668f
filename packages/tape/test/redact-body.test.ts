/** Secrets in bodies are known by their names, and every other byte stays. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type HeaderList, record } from '../src/index.ts'
import { redactorFor } from '../src/redact.ts'
import { newCassette, serve } from './servers.ts'

const redactor = redactorFor('http://a/', [])
const form: HeaderList = [['content-type', 'application/x-www-form-urlencoded; charset=utf-8']]

const names =
  'api_key apikey api-key apiKey API_KEY client_secret clientSecret access_token accessToken refresh_token id_token private_key privatekey password Password passwd secret authorization Authorization'

for (const name of names.split(' ')) {
  test(`the value of ${name} is masked in JSON and in a form`, () => {
    assert.equal(redactor.body(`{"${name}":"hunter2"}`), `{"${name}":"REDACTED"}`)
    assert.equal(redactor.body(`a=b&${name}=hunter2&c=d`, form), `a=b&${name}=REDACTED&c=d`)
  })
}

const masked: readonly [sentence: string, text: string, clean: string][] = [
  ['white space', '{ "secret" :\r\n\t"a b" , "b" : 1 }\n', '{ "secret" :\r\n\t"REDACTED" , "b" : 1 }\n'],
  ['an escaped quote', String.raw`{"secret":"a\"b\\","b":"c"}`, '{"secret":"REDACTED","b":"c"}'],
  [
    'any depth',
    '[{"a":{"secret":"x"}},{"secret":""}]',
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
]

for (const [sentence, text, clean] of masked) {
  test(`masked, and all else is kept: ${sentence}`, () => {
    assert.equal(redactor.body(text), clean)
    assert.equal(redactor.body(clean), clean)
  })
}

const kept: readonly [sentence: string, text: string, headers?: HeaderList][] = [
  ['names that tool inputs use', '{"token":"a","key":"b","max_tokens":"1","code":"c","secret_santa":"d"}'],
  ['values that are no text', '{"password":null,"secret":{"type":"string"},"api_key":["a"],"passwd":1}'],
  ['a name that is a value', '{"name":"password","required":["secret","passwd"]}'],
  ['a name within a text', String.raw`{"a":"the field \"password\": \"x\""}`],
  ['a form that is said to be none', 'password=hunter2'],
  ['other names in a form', 'grant_type=password&key=a&passwords=b&a=secret', form],
]

for (const [sentence, text, headers] of kept) {
  test(`kept: ${sentence}`, () => assert.equal(redactor.body(text, headers), text))
}

test('bytes that are no text are searched as well', () => {
  assert.deepEqual(redactor.body(bytesAround('hunter2')), bytesAround('REDACTED'))
})

function bytesAround(secret: string): Uint8Array {
  return Buffer.from(`\u00ff{"secret":"${secret}"}\u00fe`, 'latin1')
}

test('a form name is read as it is meant', () => {
  assert.equal(redactor.body('client%5Fsecret=x', form), 'client%5Fsecret=REDACTED')
})

test('a body that was cut off within a value shows nothing of it', () => {
  assert.equal(redactor.cutBody('{"secret":"hun'), '{"secret":"REDACTED')
  assert.equal(redactor.cutBody('a=b&secret=hun', form), 'a=b&secret=REDACTED')
})

test('the time for a large body grows with its length only', { timeout: 10_000 }, () => {
  const size = 8_000_000
  const large = [
    `{"secret":"${'x'.repeat(size)}"}`,
    `{"secret":"${String.raw`\"`.repeat(size / 2)}"}`,
    '"secret":'.repeat(size / 9),
    `"secret"${' '.repeat(size)}`,
    '"secret":"'.repeat(size / 10),
    '"'.repeat(size),
    '&'.repeat(size),
    'secret'.repeat(size / 6),
  ]
  for (const text of large) {
    redactor.body(text)
    redactor.body(text, form)
  }
})

const json = { 'content-type': 'application/json' }
const asked: readonly [sentence: string, make: (secret: string) => RequestInit][] = [
  ['JSON', (secret) => ({ method: 'POST', headers: json, body: JSON.stringify({ a: 1, password: secret }) })],
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
