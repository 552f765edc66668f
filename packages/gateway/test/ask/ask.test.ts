/** How a question is put to an endpoint. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropic,
  anthropicMessagesDialect as messages,
  bedrock,
  type Dialect,
  geminiDialect as gemini,
  google,
  openai,
  openaiChatDialect as chat,
  openaiResponsesDialect as responses,
  type Provider,
  together,
  vertex,
} from '@playhead/wire'
import { ask, askEmbeddings, authorized, UntranslatableError } from '../../src/ask/ask.ts'
import { HttpError } from '../../src/http-error.ts'
import { askOf, type Asking, said } from './asking.ts'
import { endpointOf } from './endpoints.ts'
import { contents, geminiUrl, read } from '../question/reading.ts'

test('another dialect is spoken where the endpoint has not the client’s own', () => {
  const asked = askOf(
    { model: 'a', messages: said, stream: true, max_tokens: 5 },
    { provider: anthropic, endpoint: { dialects: ['anthropic-messages'] } },
  )
  assert.ok(!asked.isSame)
  assert.equal(asked.dialect.name, 'anthropic-messages')
  assert.equal(asked.request.url, 'https://api.anthropic.com/v1/messages')
  assert.deepEqual(JSON.parse(asked.request.body), {
    model: 'up/model',
    max_tokens: 5,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    stream: true,
  })
  assert.equal(asked.request.headers['anthropic-version'], '2023-06-01')
})

const urls: readonly (readonly [
  name: string,
  dialect: Dialect,
  url: string,
  provider: Provider,
  asked: RegExp,
  isSame: boolean,
])[] = [
  [
    'a stream of events',
    gemini,
    '/v1beta/models/a:streamGenerateContent?alt=sse',
    google,
    /\/v1beta\/models\/up\/model:streamGenerateContent\?alt=sse$/,
    true,
  ],
  [
    'a stream as an array',
    gemini,
    '/v1beta/models/a:streamGenerateContent',
    google,
    /\/up\/model:streamGenerateContent$/,
    true,
  ],
  ['a plain answer', gemini, geminiUrl, google, /\/up\/model:generateContent$/, true],
  [
    'a cloud',
    gemini,
    geminiUrl,
    vertex,
    /^https:\/\/here-aiplatform\.googleapis\.com\/v1\/projects\/here\/locations\/here\/publishers\/google\/models\/up\/model:generateContent$/,
    false,
  ],
  [
    'a cloud of messages',
    messages,
    '',
    bedrock,
    /^https:\/\/bedrock-runtime\.here\.amazonaws\.com\/model\/up%2Fmodel\/invoke$/,
    false,
  ],
]
for (const [name, dialect, url, provider, wanted, isSame] of urls) {
  test(`where ${dialect.name} goes: ${name}`, () => {
    const body = dialect === gemini ? { contents } : { model: 'a', messages: said, max_tokens: 5 }
    const asked = askOf(body, { dialect, url, provider })
    assert.match(asked.request.url, wanted)
    assert.equal(asked.isSame, isSame)
  })
}

test('a model whose name leads elsewhere is not asked', () => {
  const asking = { dialect: gemini, url: geminiUrl, provider: google, endpoint: { upstreamModel: '../x' } }
  assert.throws(() => askOf({ contents }, asking), UntranslatableError)
})

const untold: readonly (readonly [name: string, body: object, asking: Asking, path: string])[] = [
  ['plugins', { messages: said, plugins: [{ id: 'web' }] }, {}, 'plugins'],
  ['a preset', { messages: said, preset: 'mine' }, {}, 'preset'],
  ['several answers', { messages: said, n: 2 }, { endpoint: { dialects: ['anthropic-messages'] } }, 'n'],
  [
    'a spoken answer',
    { messages: said, modalities: ['text', 'audio'] },
    { endpoint: { dialects: ['gemini'] } },
    'modalities',
  ],
  [
    'a response that is kept elsewhere',
    { input: 'x', previous_response_id: 'resp_1' },
    { dialect: responses },
    'previous_response_id',
  ],
  [
    'a part that the other has not',
    {
      messages: [
        { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } }] },
      ],
    },
    { provider: anthropic, endpoint: { dialects: ['anthropic-messages'] } },
    'messages[0].content[0]',
  ],
]
for (const [name, body, asking, path] of untold) {
  test(`an endpoint that cannot be told is said to be so: ${name}`, () => {
    assert.throws(
      () => askOf({ model: 'a', ...body }, asking),
      (error) => {
        assert.ok(error instanceof UntranslatableError, String(error))
        assert.equal(error.path, path)
        assert.ok(
          error.message.startsWith(`${path}: `) && !error.message.startsWith(`${path}: ${path}`),
          error.message,
        )
        return true
      },
    )
  })
}

test('a request that is none of its dialect is the client’s own fault', () => {
  const body = { model: 'a', messages: [{ role: 'user', content: [{ type: 'hologram' }] }] }
  assert.throws(
    () => askOf(body, { endpoint: { dialects: ['anthropic-messages'] } }),
    (error) => {
      assert.ok(error instanceof HttpError)
      assert.equal(error.status, 400)
      assert.match(error.message, /^messages\[0\]\.content\[0\]\.type: /)
      return true
    },
  )
})

test('a question is understood once, however often it is put', () => {
  let decoded = 0
  const counting: Dialect = {
    ...chat,
    server: { ...chat.server, decodeRequest: (...args) => (decoded++, chat.server.decodeRequest(...args)) },
  }
  const question = read({ model: 'a', messages: said }, counting)
  const endpoint = endpointOf(anthropic, { dialects: ['anthropic-messages'] })
  for (const upstreamModel of ['x', 'y']) {
    const { request } = ask(question, { ...endpoint, upstreamModel }, { requestId: 'r' })
    assert.match(request.body, new RegExp(`"model":"${upstreamModel}"`))
  }
  assert.equal(decoded, 1)
})

test('the proof of who asks comes on top', async () => {
  const endpoint = endpointOf(together)
  const asked = ask(read({ model: 'a', messages: said }), endpoint, { requestId: 'r' })
  const request = await authorized(asked, endpoint)
  assert.deepEqual(request, {
    ...asked.request,
    headers: { ...asked.request.headers, authorization: `openai-chat ${asked.request.url}` },
  })
})

test('embeddings go on as they are', () => {
  const body = '{"model":"a","input":["x"], "provider":{"order":["groq"]},"dimensions":8.0}'
  const asked = askEmbeddings(read(body), endpointOf(openai), { requestId: 'r' })
  assert.equal(asked.request.body, '{"model":"up/model","input":["x"],"dimensions":8.0}')
  assert.equal(asked.request.url, 'https://api.openai.com/v1/embeddings')
  const other = endpointOf(anthropic, { dialects: ['anthropic-messages'] })
  assert.throws(() => askEmbeddings(read(body), other, { requestId: 'r' }), UntranslatableError)
})
