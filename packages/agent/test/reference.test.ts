/** Models of every provider by name: where they are spoken to, in what, and with which proof. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { inspect } from 'node:util'
import { agent, anthropic, google, type Model, model } from '../src/index.ts'
import { failureOf, refuses, type SentRequest, script } from './servers.ts'

const variables = {
  ANTHROPIC_API_KEY: 'sk-anthropic',
  AWS_BEARER_TOKEN_BEDROCK: '',
  AWS_REGION: 'eu-central-1',
  AZURE_API_KEY: 'azure-key',
  AZURE_RESOURCE_NAME: 'my-resource',
  CO_API_KEY: 'co-key',
  CUSTOM_BASE_URL: '',
  DEEPSEEK_API_KEY: 'sk-deepseek',
  GEMINI_API_KEY: 'gemini-key',
  GOOGLE_CLOUD_LOCATION: 'global',
  GOOGLE_CLOUD_PROJECT: 'my-project',
  GOOGLE_OAUTH_ACCESS_TOKEN: 'ya29.token',
  GROQ_API_KEY: 'gsk-groq',
}
const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)

beforeEach(() => void Object.assign(process.env, variables))

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

/** The one request of a run, which is refused: only how it was asked is looked at. */
async function sentBy(model: Model): Promise<SentRequest> {
  const server = script(refuses(400))
  await failureOf(agent({ model, maxRetries: 0 }).run('Go', { fetch: server.fetch }).result)
  const [request] = server.requests
  assert.ok(request !== undefined)
  return request
}

function headerOf({ init }: SentRequest, name: string): string | null {
  return new Headers(init.headers).get(name)
}

for (const [reference, dialect, url, header, value] of [
  [
    'anthropic/claude-sonnet-4-5',
    undefined,
    'https://api.anthropic.com/v1/messages',
    'x-api-key',
    'sk-anthropic',
  ],
  [
    'anthropic/claude-sonnet-4-5',
    'openai-chat',
    'https://api.anthropic.com/v1/chat/completions',
    'authorization',
    'Bearer sk-anthropic',
  ],
  [
    'google/gemini-2.5-flash',
    undefined,
    'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    'x-goog-api-key',
    'gemini-key',
  ],
  [
    'google/gemini-2.5-flash',
    'openai-chat',
    'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
    'authorization',
    'Bearer gemini-key',
  ],
  [
    'azure/gpt-5-mini',
    undefined,
    'https://my-resource.openai.azure.com/openai/v1/chat/completions',
    'api-key',
    'azure-key',
  ],
  [
    'azure/gpt-5-mini',
    'openai-responses',
    'https://my-resource.openai.azure.com/openai/v1/responses',
    'api-key',
    'azure-key',
  ],
  [
    'azure/claude-sonnet-4-5',
    'anthropic-messages',
    'https://my-resource.services.ai.azure.com/anthropic/v1/messages',
    'x-api-key',
    'azure-key',
  ],
  [
    'vertex/gemini-2.5-flash',
    undefined,
    'https://aiplatform.googleapis.com/v1/projects/my-project/locations/global/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    'authorization',
    'Bearer ya29.token',
  ],
  [
    'vertex/claude-sonnet-4@20250514',
    'anthropic-messages',
    'https://aiplatform.googleapis.com/v1/projects/my-project/locations/global/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict',
    'authorization',
    'Bearer ya29.token',
  ],
  [
    'bedrock/us.amazon.nova-2-lite-v1:0',
    undefined,
    'https://bedrock-runtime.eu-central-1.amazonaws.com/model/us.amazon.nova-2-lite-v1%3A0/converse-stream',
    'authorization',
    null,
  ],
  [
    'bedrock/anthropic.claude-haiku-4-5-v1:0',
    'anthropic-messages',
    'https://bedrock-runtime.eu-central-1.amazonaws.com/model/anthropic.claude-haiku-4-5-v1%3A0/invoke-with-response-stream',
    'authorization',
    null,
  ],
  [
    'bedrock/openai.gpt-oss-20b-1:0',
    'openai-chat',
    'https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1/chat/completions',
    'authorization',
    null,
  ],
  [
    'groq/openai/gpt-oss-20b',
    undefined,
    'https://api.groq.com/openai/v1/chat/completions',
    'authorization',
    'Bearer gsk-groq',
  ],
  [
    'deepseek/deepseek-chat',
    'anthropic-messages',
    'https://api.deepseek.com/anthropic/v1/messages',
    'authorization',
    'Bearer sk-deepseek',
  ],
  ['cohere/command-a', undefined, 'https://api.cohere.com/v2/chat', 'authorization', 'Bearer co-key'],
  [
    'cohere/command-a',
    'openai-chat',
    'https://api.cohere.ai/compatibility/v1/chat/completions',
    'authorization',
    'Bearer co-key',
  ],
  ['ollama/qwen3', undefined, 'http://localhost:11434/api/chat', 'authorization', null],
  ['ollama/qwen3', 'openai-chat', 'http://localhost:11434/v1/chat/completions', 'authorization', null],
] as const) {
  test(`${reference}${dialect === undefined ? '' : ` in ${dialect}`} is asked at ${url}`, async () => {
    const request = await sentBy(model(reference, dialect && { dialect }))
    assert.equal(request.url, url)
    assert.equal(headerOf(request, header), value)
  })
}

test('a dialect’s own headers go along', async () => {
  const request = await sentBy(model('anthropic/claude-sonnet-4-5'))
  assert.equal(headerOf(request, 'anthropic-version'), '2023-06-01')
  assert.equal(headerOf(request, 'authorization'), null)
})

test('a provider’s own function says the same as its name', () => {
  for (const [own, named] of [
    [anthropic('claude-sonnet-4-5'), model('anthropic/claude-sonnet-4-5')],
    [google('gemini-2.5-flash'), model('google/gemini-2.5-flash')],
  ] as const) {
    // By name the dialect comes whole: it also reads what other hosts stream.
    assert.deepEqual({ ...own, dialect: own.dialect.name }, { ...named, dialect: named.dialect.name })
  }
})

test('only the first slash parts provider and name', () => {
  const named = model('openrouter/anthropic/claude-sonnet-4')
  assert.equal(named.provider.name, 'openrouter')
  assert.equal(named.name, 'anthropic/claude-sonnet-4')
  assert.equal(named.dialect.name, 'openai-chat')
})

test('a dialect that its provider does not speak is refused', () => {
  assert.throws(() => model('groq/m', { dialect: 'gemini' }), {
    name: 'AgentError',
    code: 'configuration',
    message: 'groq is not spoken to in "gemini": it knows openai-chat, openai-responses',
  })
})

test('what a URL lacks is named, and nothing is sent', async () => {
  process.env['AZURE_RESOURCE_NAME'] = ''
  const server = script()
  const run = agent({ model: model('azure/gpt-5-mini') }).run('Go', { fetch: server.fetch })
  const error = await failureOf(run.result)
  assert.equal(error.code, 'configuration')
  assert.equal(error.message, 'No URL for azure: set AZURE_RESOURCE_NAME')
  assert.equal(server.requests.length, 0)
})

test('without a key and without what signs, a run says what to do', async () => {
  const run = agent({ model: model('bedrock/m', { dialect: 'openai-chat' }) }).run('Go')
  const error = await failureOf(run.result)
  assert.equal(error.code, 'key')
  assert.equal(
    error.message,
    'No key for bedrock: set AWS_BEARER_TOKEN_BEDROCK, or give its model an `authorize` of @playhead/auth',
  )
})

test('what proves who asks is made for the request as it is sent, and comes again with each attempt', async () => {
  const asked: unknown[] = []
  const signed = model('bedrock/m', {
    dialect: 'openai-chat',
    authorize: (request) => {
      asked.push(request)
      return Promise.resolve({ authorization: `Signed ${asked.length}` })
    },
  })
  const server = script(refuses(503, { 'retry-after-ms': '1' }), refuses(400))
  await failureOf(agent({ model: signed }).run('Go', { fetch: server.fetch }).result)
  assert.deepEqual(
    server.requests.map((request) => headerOf(request, 'authorization')),
    ['Signed 1', 'Signed 2'],
  )
  const { url, text, init } = server.requests[0] ?? assert.fail('nothing was sent')
  const { authorization: _proof, ...headers } = Object.fromEntries(new Headers(init.headers))
  assert.deepEqual(asked[0], { url, method: 'POST', body: text, headers })
})

test('a key comes before a signature', async () => {
  const options = { apiKey: 'bearer-key', authorize: () => assert.fail('it was asked') }
  const request = await sentBy(model('bedrock/m', options))
  assert.equal(headerOf(request, 'authorization'), 'Bearer bearer-key')
})

test('proof that a provider repeats is not shown', async () => {
  const proof = { authorization: 'Bearer ya29.very-secret' }
  const server = script(refuses(400, {}, { message: 'no such token: ya29.very-secret' }))
  const options = { dialect: 'openai-chat', authorize: () => Promise.resolve(proof) } as const
  const run = agent({ model: model('bedrock/m', options) })
  const error = await failureOf(run.run('Go', { fetch: server.fetch }).result)
  assert.match(error.message, /no such token: REDACTED/)
  assert.doesNotMatch(inspect(error, { depth: 9 }), /very-secret/)
})

test('credentials that are missing are an error of the key', async () => {
  const cause = Object.assign(new Error('No key for bedrock: set X'), { name: 'AuthError' })
  const broken = model('bedrock/m', { dialect: 'openai-chat', authorize: () => Promise.reject(cause) })
  const server = script()
  const error = await failureOf(agent({ model: broken }).run('Go', { fetch: server.fetch }).result)
  assert.deepEqual([error.code, error.message, error.cause], ['key', 'No key for bedrock: set X', cause])
})

test('a network that fails while the proof is fetched is tried again', async () => {
  let count = 0
  const authorize = (): Promise<Record<string, string>> =>
    ++count === 1
      ? Promise.reject(new TypeError('fetch failed'))
      : Promise.resolve({ authorization: 'Signed' })
  const server = script(refuses(400))
  const flaky = model('bedrock/m', { dialect: 'openai-chat', authorize })
  const clock = { now: () => 0, sleep: () => Promise.resolve() }
  await failureOf(agent({ model: flaky }).run('Go', { fetch: server.fetch, clock }).result)
  assert.deepEqual([count, server.requests.length], [2, 1])
})
