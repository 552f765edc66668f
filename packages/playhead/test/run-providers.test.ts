/** `playhead run` with models of other providers than the agent's own. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newFile, playhead, withImports } from './command.ts'
import { answering, serveProvider, toolCalls } from './provider.ts'

const key = 'sk-very-secret-0123456789'

/** An agent that gives up at once. */
const asking = withImports(`export default agent({ model: calculator.model, maxRetries: 0 })
export const prompt = 'Say hi in Portuguese'`)

/** An answer as Anthropic streams it. */
const events: readonly (readonly [type: string, fields: object])[] = [
  [
    'message_start',
    {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-20250514',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 16, output_tokens: 1 },
      },
    },
  ],
  ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
  ['ping', {}],
  ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Olá!' } }],
  ['content_block_stop', { index: 0 }],
  ['message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 7 } }],
  ['message_stop', {}],
]
const message = events
  .map(([type, fields]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  .join('')

const anthropicAnswer = answering(200, message, { 'content-type': 'text/event-stream' })

describe('providers', { concurrency: 4 }, () => {
  test('Anthropic is spoken to in its own dialect, with its own header', async (t) => {
    const { baseUrl, requests } = await serveProvider(t, anthropicAnswer)
    const args = [
      'run',
      newFile(t, 'asking.mjs', asking),
      '--model',
      'anthropic/claude-sonnet-4',
      '--base-url',
      baseUrl,
    ]
    const { code, stdout, stderr } = await playhead(args, { env: { ANTHROPIC_API_KEY: key } })
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /Olá!/)
    assert.match(stdout, /16 in, 7 out/)
    const [request] = requests
    assert.equal(request?.headers['x-api-key'], key)
    assert.equal(request?.headers['anthropic-version'], '2023-06-01')
    assert.equal(Reflect.get(JSON.parse(request?.body ?? '') as object, 'model'), 'claude-sonnet-4')
  })

  test('--dialect chooses among a provider’s dialects', async (t) => {
    const { baseUrl, requests } = await serveProvider(t, anthropicAnswer)
    const model = ['--model', 'openrouter/anthropic/claude-sonnet-4', '--dialect', 'anthropic-messages']
    const args = ['run', newFile(t, 'asking.mjs', asking), ...model, '--base-url', baseUrl]
    const { code, stdout } = await playhead(args, { env: { OPENROUTER_API_KEY: key } })
    assert.equal(code, 0)
    assert.match(stdout, /Olá!/)
    assert.equal(requests[0]?.headers.authorization, `Bearer ${key}`)
    assert.equal(
      Reflect.get(JSON.parse(requests[0]?.body ?? '') as object, 'model'),
      'anthropic/claude-sonnet-4',
    )
  })

  test('Bedrock’s requests are signed with the credentials of the environment', async (t) => {
    const { baseUrl, requests } = await serveProvider(t, answering(400, '{"message":"no"}'))
    const model = ['--model', 'bedrock/us.amazon.nova-2-lite-v1:0']
    const args = ['run', newFile(t, 'asking.mjs', asking), ...model, '--base-url', baseUrl]
    const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: key, AWS_REGION: 'eu-central-1' }
    const { code, stderr } = await playhead(args, { env })
    assert.equal(code, 1)
    assert.ok(!stderr.includes(key))
    assert.match(
      requests[0]?.headers.authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=host;x-amz-date, Signature=[\da-f]{64}$/,
    )
  })

  for (const [args, env, message] of [
    [['--model', 'groq/m'], {}, 'no key for groq: set GROQ_API_KEY, or replay a cassette with --tape FILE'],
    [
      ['--model', 'bedrock/m'],
      { AWS_REGION: 'eu-central-1' },
      'no key for bedrock: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or replay a cassette with --tape FILE',
    ],
    [['--model', 'bedrock/m'], { AWS_BEARER_TOKEN_BEDROCK: key }, 'no URL for bedrock: set AWS_REGION'],
    [['--model', 'custom/m'], {}, 'no URL for custom: set CUSTOM_BASE_URL'],
    [['--dialect', 'gemini'], {}, '--dialect goes with --model PROVIDER/NAME'],
    [
      ['--model', 'groq/m', '--dialect', 'gemini'],
      {},
      'groq is not spoken to in "gemini": it knows openai-chat, openai-responses',
    ],
  ] as const) {
    test(`${args.join(' ')} with ${Object.keys(env).join() || 'nothing set'} cannot begin, and says why`, async (t) => {
      const { code, stdout, stderr } = await playhead(['run', newFile(t, 'asking.mjs', asking), ...args], {
        env,
      })
      assert.deepEqual([code, stdout, stderr], [2, '', `playhead: ${message}\n`])
    })
  }

  test('CUSTOM_BASE_URL is where custom models are', async (t) => {
    const { baseUrl, requests } = await serveProvider(t, toolCalls, answering(400, '{}'))
    const args = ['run', newFile(t, 'asking.mjs', asking), '--model', 'custom/any']
    await playhead(args, { env: { CUSTOM_BASE_URL: baseUrl } })
    assert.equal(Reflect.get(JSON.parse(requests[0]?.body ?? '') as object, 'model'), 'any')
  })
})
