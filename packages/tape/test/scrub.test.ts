/** Old cassettes are rid of their secrets, and it is said which they had. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { bytesOf } from '../src/http.ts'
import {
  createRedaction,
  findSecrets,
  type HeaderList,
  type Interaction,
  type Redaction,
  scrub,
} from '../src/index.ts'
import { MemoryCassette } from '../src/memory-cassette.ts'

const redaction = (): Redaction => createRedaction({ env: { SOME_KEY: 'canary-0f8e7d6c' } })
const json: HeaderList = [['Content-Type', 'application/json']]
const key = `sk-or-v1-${'0123456789abcdef'.repeat(4)}`

const plain: Interaction = {
  id: 4,
  request: { method: 'POST', url: 'https://a/b?c=d', headers: json, body: '{"a":1}' },
  response: {
    status: 200,
    statusText: 'OK',
    headers: [...json, ['X-Request-Id', 'req_1']],
    body: '{"b":2}',
    chunks: [
      { length: 3, at: 1 },
      { length: 4, at: 2 },
    ],
    duration: 1,
  },
  ending: { type: 'end', at: 3 },
  startedAt: null,
}

type Parts = { readonly [Part in 'request' | 'response']?: Partial<Interaction[Part]> } & {
  readonly ending?: Interaction['ending']
}

function but({ request, response, ending = plain.ending }: Parts): Interaction {
  const { response: answer } = plain
  assert.ok(answer !== null)
  return {
    ...plain,
    request: { ...plain.request, ...request },
    response: { ...answer, ...response },
    ending,
  }
}

const secrets: readonly (readonly [place: string, name: string, found: Interaction, clean: Interaction])[] = [
  [
    'url',
    'credential',
    but({ request: { url: 'https://u:p@a/b?key=x&c=d' } }),
    but({ request: { url: 'https://a/b?key=REDACTED&c=d' } }),
  ],
  [
    'request header authorization',
    'credential',
    but({ request: { headers: [['Authorization', `Bearer ${key}`], ...json] } }),
    plain,
  ],
  [
    'request header x-note',
    'openrouter-key',
    but({ request: { headers: [...json, ['X-Note', `a ${key}`]] } }),
    but({ request: { headers: [...json, ['X-Note', 'a REDACTED']] } }),
  ],
  [
    'request body',
    'credential',
    but({ request: { body: '{"password":"hunter2"}' } }),
    but({ request: { body: '{"password":"REDACTED"}' } }),
  ],
  [
    'response header openai-organization',
    'account',
    but({ response: { headers: [...json, ['Openai-Organization', 'acme']] } }),
    but({ response: { headers: [...json, ['Openai-Organization', 'REDACTED']] } }),
  ],
  [
    'response header set-cookie',
    'credential',
    but({ response: { headers: [['Set-Cookie', 'a=b; Path=/'], ...json] } }),
    but({ response: { headers: json } }),
  ],
  [
    'response body',
    'account',
    but({ response: { body: '{"error":{},"user_id":"user_2abCDefGHijKLmnOPqrSTuvWX"}', chunks: null } }),
    but({ response: { body: '{"error":{},"user_id":"REDACTED"}', chunks: null } }),
  ],
  [
    'text',
    'credential',
    but({ ending: { type: 'error', at: 1, code: 'E', message: 'no canary-0f8e7d6c' } }),
    but({ ending: { type: 'error', at: 1, code: 'E', message: 'no REDACTED' } }),
  ],
  [
    'text',
    'credential',
    but({ response: { statusText: 'Not canary-0f8e7d6c' } }),
    but({ response: { statusText: 'Not REDACTED' } }),
  ],
]

for (const [where, name, found, clean] of secrets) {
  test(`${where}: a secret is taken out, called ${name}, and found no more`, () => {
    assert.deepEqual(scrub(found, redaction()), { interaction: clean, changes: [{ where, name }] })
    assert.deepEqual(scrub(clean, redaction()), { interaction: clean, changes: [] })
    const cassette = new MemoryCassette('a', 'go-vcr', [plain, found])
    assert.deepEqual([...findSecrets(cassette, redaction())], [{ id: 4, where, name }])
  })
}

test('a secret in pieces is taken out of them, and they stay as many', () => {
  const chunks = [5, 9, 3, 10].map((length, at) => ({ length, at }))
  const { interaction, changes } = scrub(
    but({ response: { body: 'it is canary-0f8e7d6c, yes.', chunks } }),
    redaction(),
  )
  assert.deepEqual(changes, [{ where: 'response body', name: 'credential' }])
  assert.equal(interaction.response?.body, 'it is REDACTED, yes.')
  assert.deepEqual(
    interaction.response.chunks,
    [5, 9, 0, 6].map((length, at) => ({ length, at })),
  )
})

test('a body that broke off within a secret shows nothing of it', () => {
  const cut = but({
    response: { body: 'it is canary-0f8', chunks: null },
    ending: { type: 'unfinished', at: 1 },
  })
  assert.equal(scrub(cut, redaction()).interaction.response?.body, 'it is REDACTED')
})

test('a packed body is unpacked, and packed again', () => {
  const headers: HeaderList = [...json, ['Content-Encoding', 'gzip']]
  const found = but({ response: { headers, body: gzipSync('{"a":"canary-0f8e7d6c"}'), chunks: null } })
  const { body = '' } = scrub(found, redaction()).interaction.response ?? {}
  assert.equal(gunzipSync(bytesOf(body)).toString(), '{"a":"REDACTED"}')
  const clean = but({ response: { headers, body: gzipSync('{"a":"b"}'), chunks: null } })
  assert.equal(scrub(clean, redaction()).interaction, clean)
})

const placeholders =
  '<OPENAI_API_KEY>|REDACTED|[REDACTED]|**REDACTED**|***|xxxxxxxx|{{KEY}}|$KEY|FILTERED|<filtered>|Bearer <AUTH_TOKEN>|sk-...'

for (const placeholder of placeholders.split('|').slice(0, -1)) {
  test(`what others put in a secret's place stays: ${placeholder}`, () => {
    const interaction = but({
      request: { headers: [['Authorization', placeholder], ...json], body: `{"api_key":"${placeholder}"}` },
    })
    assert.deepEqual(scrub(interaction, redaction()), { interaction, changes: [] })
  })
}
