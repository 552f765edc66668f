/** Where a configured provider is spoken to, whether its tokens cost anything, and whom a key is shown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfiguredProvider } from '../../src/config/configuration.ts'
import { endpointsOf } from './configured.ts'
import { configuredProvider } from './world.ts'

const now = Date.parse('2026-10-01T12:00:00Z')

const places: readonly [
  sentence: string,
  provider: readonly [string, ConfiguredProvider],
  urls: Readonly<Record<string, string>>,
][] = [
  [
    'variables are filled in',
    configuredProvider('azure', { environment: { AZURE_RESOURCE_NAME: 'x' }, dialects: ['openai-chat'] }),
    { 'openai-chat': 'https://x.openai.azure.com/openai/v1' },
  ],
  [
    'dialects keep the place that wire gives them',
    configuredProvider('deepseek'),
    {
      'openai-chat': 'https://api.deepseek.com',
      'anthropic-messages': 'https://api.deepseek.com/anthropic/v1',
    },
  ],
  [
    'an address of its own is for all dialects that start there',
    configuredProvider('vllm', { baseUrl: 'http://box:9/v1/' }),
    {
      'openai-chat': 'http://box:9/v1',
      'openai-responses': 'http://box:9/v1',
      'anthropic-messages': 'http://box:9/v1',
    },
  ],
  [
    'those that start beside it move with it',
    configuredProvider('ollama', { baseUrl: 'http://box:9/api' }),
    {
      ollama: 'http://box:9/api',
      'openai-chat': 'http://box:9/v1',
      'openai-responses': 'http://box:9/v1',
      'anthropic-messages': 'http://box:9/v1',
    },
  ],
  [
    'those that start somewhere else are left out',
    configuredProvider('ollama', { baseUrl: 'http://box:9/proxy' }),
    { ollama: 'http://box:9/proxy' },
  ],
  [
    'and those of another host',
    configuredProvider('cohere', { baseUrl: 'https://box/v2' }),
    { cohere: 'https://box/v2' },
  ],
  [
    'one dialect is at the address that is said',
    configuredProvider('ollama', { baseUrl: 'http://box:9/proxy', dialects: ['openai-chat'] }),
    { 'openai-chat': 'http://box:9/proxy' },
  ],
]
for (const [sentence, provider, urls] of places) {
  test(sentence, () => {
    const [served] = endpointsOf({ providers: [provider] }).providers
    assert.deepEqual({ ...served?.provider.baseUrls }, urls)
    assert.deepEqual(served?.provider.dialects, Object.keys(urls))
    assert.equal(served.provider.baseUrl, Object.values(urls)[0])
  })
}

const owned: readonly [sentence: string, provider: readonly [string, ConfiguredProvider], isFree: boolean][] =
  [
    ['a model of this machine is free', configuredProvider('ollama'), true],
    ['of a private network too', configuredProvider('vllm', { baseUrl: 'http://192.168.1.9:8000/v1' }), true],
    [
      'of every address of this machine too',
      configuredProvider('vllm', { baseUrl: 'http://0.0.0.0:8000/v1' }),
      true,
    ],
    ['of a container too', configuredProvider('vllm', { baseUrl: 'http://vllm:8000/v1' }), true],
    [
      'one that is rented has no known price',
      configuredProvider('ollama', { baseUrl: 'https://ollama.com/api' }),
      false,
    ],
    [
      'nor has one whose server is not known',
      configuredProvider('custom', { baseUrl: 'http://localhost:1/v1' }),
      false,
    ],
  ]
for (const [sentence, provider, isFree] of owned) {
  test(sentence, () => {
    const [made] = endpointsOf({ providers: [provider] }).model('m', now)?.endpoints ?? []
    assert.equal(made?.price?.output, isFree ? 0n : undefined)
  })
}

test('a key is not sent to a server of this machine that asks for none', async () => {
  const [served] = endpointsOf({
    providers: [configuredProvider('ollama', { environment: { OLLAMA_API_KEY: 'sk' } })],
  }).providers
  const request = { url: 'http://localhost', method: 'POST', headers: {}, body: '' }
  assert.deepEqual(await served?.authorize('ollama')(request), {})
})
