/** `playhead providers` and `playhead models`. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { providers } from '@playhead/wire'
import { jsonLines, playhead } from './command.ts'
import { answering, serveProvider } from './provider.ts'

const key = 'sk-very-secret-0123456789'

describe('providers', { concurrency: 4 }, () => {
  test('each has its variables, whether they are set, its dialects and its URL', async () => {
    const env = { GROQ_API_KEY: key, AWS_ACCESS_KEY_ID: key, AWS_REGION: 'eu-central-1' }
    const { code, stdout, stderr } = await playhead(['providers'], { env })
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(
      stdout,
      /^groq +✓ GROQ_API_KEY +openai-chat openai-responses +https:\/\/api\.groq\.com\/openai\/v1$/m,
    )
    assert.match(stdout, /^anthropic +ANTHROPIC_API_KEY +anthropic-messages openai-chat +https:/m)
    assert.match(
      stdout,
      /^bedrock +AWS_BEARER_TOKEN_BEDROCK .*\n +AWS_ACCESS_KEY_ID \+ AWS_SECRET_ACCESS_KEY\n +✓ AWS_REGION$/m,
    )
    assert.match(stdout, /^ollama +no key +ollama openai-chat/m)
    assert.ok(!stdout.includes(key))
  })

  test('--json gives one object a line', async () => {
    const { stdout } = await playhead(['providers', '--json'], { env: { GROQ_API_KEY: key } })
    const listed = jsonLines(stdout)
    assert.equal(listed.length, providers.size)
    assert.deepEqual(
      listed.find(({ name }) => name === 'groq'),
      {
        name: 'groq',
        isReady: true,
        keys: [[{ name: 'GROQ_API_KEY', isSet: true }]],
        place: [],
        dialects: ['openai-chat', 'openai-responses'],
        baseUrl: 'https://api.groq.com/openai/v1',
      },
    )
    assert.equal(listed.find(({ name }) => name === 'bedrock')?.['isReady'], false)
    assert.ok(!stdout.includes(key))
  })
})

/** What providers answer, shortened, and how it is understood. */
const lists: readonly (readonly [
  provider: string,
  body: unknown,
  id: string,
  length: number | null,
  prices: readonly (string | null)[],
])[] = [
  [
    'openai',
    { object: 'list', data: [{ id: 'gpt-4', object: 'model', created: 1687882411, owned_by: 'openai' }] },
    'gpt-4',
    null,
    [null, null],
  ],
  [
    'groq',
    {
      object: 'list',
      data: [{ id: 'openai/gpt-oss-20b', context_window: 131072, max_completion_tokens: 65536 }],
    },
    'openai/gpt-oss-20b',
    131072,
    [null, null],
  ],
  [
    'anthropic',
    {
      data: [{ type: 'model', id: 'claude-haiku-4-5-20251001', display_name: 'Claude Haiku 4.5' }],
      has_more: false,
    },
    'claude-haiku-4-5-20251001',
    null,
    [null, null],
  ],
  [
    'google',
    {
      models: [
        {
          name: 'models/gemini-2.5-flash',
          version: '001',
          inputTokenLimit: 1048576,
          outputTokenLimit: 65536,
        },
      ],
    },
    'gemini-2.5-flash',
    1048576,
    [null, null],
  ],
  [
    'cohere',
    { models: [{ name: 'command-a-03-2025', endpoints: ['chat'], context_length: 288000 }] },
    'command-a-03-2025',
    288000,
    [null, null],
  ],
  [
    'ollama',
    { models: [{ name: 'gemma3:4b', model: 'gemma3:4b', size: 1, details: { family: 'gemma3' } }] },
    'gemma3:4b',
    null,
    [null, null],
  ],
  [
    'openrouter',
    {
      data: [
        {
          id: 'moonshotai/kimi-k2-0905',
          context_length: 262144,
          pricing: { prompt: '0.00000039', completion: '0.0000019' },
        },
      ],
    },
    'moonshotai/kimi-k2-0905',
    262144,
    ['0.39', '1.9'],
  ],
  [
    'openrouter',
    {
      data: [{ id: 'openrouter/auto', context_length: 2000000, pricing: { prompt: '-1', completion: '-1' } }],
    },
    'openrouter/auto',
    2000000,
    [null, null],
  ],
  [
    'vercel',
    {
      data: [
        {
          id: 'anthropic/claude-sonnet-4',
          context_window: 200000,
          pricing: { input: '0.000003', output: '0.000015' },
        },
      ],
    },
    'anthropic/claude-sonnet-4',
    200000,
    ['3', '15'],
  ],
  [
    'together',
    [{ id: 'Qwen/Qwen3-Coder', context_length: 262144, pricing: { hourly: 0, input: 0.18, output: 0.59 } }],
    'Qwen/Qwen3-Coder',
    262144,
    ['0.18', '0.59'],
  ],
  [
    'huggingface',
    { data: [{ id: 'zai-org/GLM-4.6', providers: [{ context_length: 100 }, { context_length: 202752 }] }] },
    'zai-org/GLM-4.6',
    202752,
    [null, null],
  ],
  [
    'bedrock',
    {
      modelSummaries: [
        { modelArn: 'arn:aws:bedrock:…', modelId: 'amazon.nova-lite-v1:0', modelName: 'Nova Lite' },
      ],
    },
    'amazon.nova-lite-v1:0',
    null,
    [null, null],
  ],
  [
    'vertex',
    { publisherModels: [{ name: 'publishers/google/models/gemini-2.5-pro' }] },
    'gemini-2.5-pro',
    null,
    [null, null],
  ],
]

describe('models', { concurrency: 4 }, () => {
  for (const [provider, body, id, contextLength, [inputPrice, outputPrice]] of lists) {
    test(`${provider} lists ${id}`, async (t) => {
      const { baseUrl, requests } = await serveProvider(t, answering(200, JSON.stringify(body)))
      const args = ['models', provider, '--base-url', baseUrl, '--api-key', key, '--json']
      const { code, stdout, stderr } = await playhead(args)
      assert.deepEqual([code, stderr], [0, ''])
      assert.deepEqual(jsonLines(stdout), [{ provider, id, contextLength, inputPrice, outputPrice }])
      assert.ok(Object.values(requests[0]?.headers ?? {}).some((value) => String(value).includes(key)))
    })
  }

  test('what is printed can be given to --model', async (t) => {
    const [, , , , , , openrouter] = lists
    const { baseUrl } = await serveProvider(t, answering(200, JSON.stringify(openrouter?.[1])))
    const { stdout } = await playhead(['models', 'openrouter', '--base-url', baseUrl])
    assert.equal(
      stdout,
      'openrouter/moonshotai/kimi-k2-0905  262144 tokens  $0.39 in, $1.9 out per million\n',
    )
  })

  test('a key of the environment is shown as its provider wants it', async (t) => {
    const { baseUrl, requests } = await serveProvider(t, answering(200, '{"data":[]}'))
    const env = { ANTHROPIC_API_KEY: key }
    assert.equal((await playhead(['models', 'anthropic', '--base-url', baseUrl], { env })).code, 0)
    assert.equal(requests[0]?.headers['x-api-key'], key)
    assert.equal(requests[0]?.headers['anthropic-version'], '2023-06-01')
    assert.equal(requests[0]?.headers.authorization, undefined)
  })

  test('of several providers, one that fails does not keep the next', async () => {
    const env = { AZURE_API_KEY: key, AWS_BEARER_TOKEN_BEDROCK: key }
    const { code, stdout, stderr } = await playhead(['models'], { env })
    assert.deepEqual([code, stdout], [1, ''])
    assert.equal(
      stderr,
      'playhead: azure: No URL for azure: set AZURE_RESOURCE_NAME\nplayhead: bedrock: No URL for bedrock: set AWS_REGION\n',
    )
  })

  test('a server of one’s own is named by a variable', async (t) => {
    const { baseUrl } = await serveProvider(t, answering(200, '{"data":[{"id":"m"}]}'))
    const { code, stdout } = await playhead(['models', 'custom'], { env: { CUSTOM_BASE_URL: baseUrl } })
    assert.deepEqual([code, stdout], [0, 'custom/m\n'])
  })

  for (const [sentence, args, env, message] of [
    [
      'a provider that is not known',
      ['models', 'nobody'],
      {},
      /^playhead: "nobody" is none of these providers: anthropic, /,
    ],
    ['a key that is not set', ['models', 'groq'], {}, /^playhead: no key for groq: set GROQ_API_KEY\n$/],
    [
      'no key at all',
      ['models'],
      {},
      /^playhead: no provider’s key is set: playhead providers lists the variables\n$/,
    ],
    [
      'a place for all',
      ['models', '--base-url', 'http://x.test'],
      {},
      /^playhead: --base-url and --api-key are one provider’s/,
    ],
  ] as const) {
    test(`${sentence} is said before anything is asked`, async () => {
      const { code, stderr } = await playhead(args, { env })
      assert.equal(code, 2)
      assert.match(stderr, message)
    })
  }

  test('a URL that lacks a variable names it', async () => {
    const { code, stderr } = await playhead(['models', 'azure'], { env: { AZURE_API_KEY: key } })
    assert.deepEqual([code, stderr], [1, 'playhead: azure: No URL for azure: set AZURE_RESOURCE_NAME\n'])
  })

  for (const [sentence, status, body, message] of [
    [
      'a refusal',
      401,
      `{"error":{"message":"Incorrect API key provided: ${key}"}}`,
      /^playhead: groq: Incorrect API key provided: REDACTED\n$/,
    ],
    [
      'a page that repeats the key where its words are cut off',
      401,
      `<html>${'x'.repeat(180)} ${key}`,
      /^playhead: groq: x{180} REDACTED\n$/,
    ],
    ['a page', 200, '<html>', /^playhead: groq: what stands at http.* is no list of models\n$/],
    ['another object', 200, '{"ok":true}', /^playhead: groq: what stands at http.* is no list of models\n$/],
  ] as const) {
    test(`${sentence}: one message, exit code 1`, async (t) => {
      const { baseUrl } = await serveProvider(t, answering(status, body))
      const args = ['models', 'groq', '--base-url', baseUrl]
      const { code, stdout, stderr } = await playhead(args, { env: { GROQ_API_KEY: key } })
      assert.deepEqual([code, stdout], [1, ''])
      assert.match(stderr, message)
    })
  }

  test('no server: one message, exit code 1', async (t) => {
    const { baseUrl, close } = await serveProvider(t, answering(200, '{}'))
    close()
    const { code, stderr } = await playhead(['models', 'groq', '--base-url', baseUrl])
    assert.equal(code, 1)
    assert.match(stderr, /^playhead: groq: the network failed: .*ECONNREFUSED.*\n$/)
  })

  test('an id does not steer the terminal', async (t) => {
    const { baseUrl } = await serveProvider(
      t,
      answering(200, String.raw`{"data":[{"id":"a\u001b[2J\nb"},{"id":5},null]}`),
    )
    const { stdout } = await playhead(['models', 'groq', '--base-url', baseUrl])
    assert.equal(stdout, 'groq/a\u{fffd}[2J b\n')
  })
})
