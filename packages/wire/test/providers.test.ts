/** The providers: a table that is whole, URLs that are filled, and whose traffic a recording is. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { authOf, keyHeader } from '../src/auth.ts'
import { BaseUrlError, baseUrlOf, resolveBaseUrl, variablesOf } from '../src/base-url.ts'
import { providerOf, providers } from '../src/provider-of.ts'
import { dialects } from '../src/dialects.ts'
import type { Provider } from '../src/provider.ts'

const all = [...providers.values()]

const dialectNames: ReadonlySet<string> = new Set(dialects.map(({ name }) => name))

const environment = {
  AZURE_RESOURCE_NAME: 'my-resource',
  AWS_REGION: 'eu-central-1',
  GOOGLE_CLOUD_LOCATION: 'us-east5',
  GOOGLE_CLOUD_PROJECT: 'my-project-1',
  CUSTOM_BASE_URL: 'http://10.0.0.1:9999/v1/',
}

/** Throws for a provider that is not there. */
function known(name: string): Provider {
  const provider = providers.get(name)
  assert.ok(provider !== undefined, name)
  return provider
}

test('the providers that the documentation promises are there', () => {
  const names =
    'openrouter openai azure anthropic google vertex bedrock groq xai mistral deepseek together fireworks cerebras huggingface zai moonshot perplexity cohere vercel ollama llama.cpp vllm custom'
  assert.deepEqual([...providers.keys()], names.split(' ').toSorted())
})

test('a server of one’s own may speak any dialect', () =>
  assert.deepEqual(new Set(known('custom').dialects), dialectNames))

for (const provider of all) {
  describe(provider.name, () => {
    test('its name can stand before a slash', () => assert.match(provider.name, /^[a-z.]+$/))

    test('its dialects are known, each once, and no URL and no scheme stands for another', () => {
      const { dialects, baseUrls = {}, auths = {} } = provider
      assert.ok(dialects.length > 0)
      assert.equal(new Set(dialects).size, dialects.length)
      for (const name of dialects) assert.ok(dialectNames.has(name), name)
      for (const name of [...Object.keys(baseUrls), ...Object.keys(auths)])
        assert.ok((dialects as readonly string[]).includes(name), name)
    })

    test('each of its base URLs is one, and leads back to it', () => {
      for (const dialect of provider.dialects) {
        const url = resolveBaseUrl(provider, dialect, environment)
        assert.ok(URL.canParse(url), url)
        assert.doesNotMatch(url, /\/$|[{}?#]/)
        assert.equal(providerOf(`${url}/chat/completions`), provider, url)
        assert.equal(providerOf(url), provider, url)
      }
    })

    test('its models are listed at a host of its own', () => {
      const { modelsUrl } = provider
      if (typeof modelsUrl === 'string')
        assert.equal(providerOf(modelsUrl.replaceAll(/\{\w+\}/g, 'us-east-1')), provider)
    })

    test('its key has the name of a variable', () => {
      if (provider.keyVariable !== null) assert.match(provider.keyVariable, /^[A-Z][A-Z_]+$/)
    })
  })
}

for (const [url, name] of [
  ['https://fantasy-resource.openai.azure.com/openai/v1/responses', 'azure'],
  ['https://my.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-02-01', 'azure'],
  ['https://my.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview', 'azure'],
  ['https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/x:rawPredict', 'vertex'],
  ['https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p/x:generateContent', 'vertex'],
  ['https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/x', 'vertex'],
  ['https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/x', 'vertex'],
  ['https://bedrock-runtime.us-east-1.amazonaws.com/model/m%3A0/converse', 'bedrock'],
  ['https://bedrock-runtime.<AWS_REGION>.amazonaws.com/model/m:0/converse', 'bedrock'],
  ['https://bedrock-mantle.<AWS_REGION>.api.aws/v1/responses', 'bedrock'],
  ['https://api.z.ai/api/coding/paas/v4/chat/completions', 'zai'],
  ['https://api.together.xyz/v1/chat/completions', 'together'],
  ['https://api.together.ai/v1/chat/completions', 'together'],
  ['https://router.huggingface.co/together/v1/chat/completions', 'huggingface'],
  ['https://api.deepseek.com/chat/completions', 'deepseek'],
  ['https://api.deepseek.com/anthropic/v1/messages', 'deepseek'],
  ['https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse', 'google'],
  ['https://api.cohere.com/v1/chat', 'cohere'],
  ['https://ollama.com/api/chat', 'ollama'],
  ['http://localhost:11434/api/chat', 'ollama'],
  ['http://127.0.0.1:11434/v1/chat/completions', 'ollama'],
  ['http://[::1]:8000/v1/chat/completions', 'vllm'],
  ['http://localhost:8080/v1/chat/completions', 'llama.cpp'],
  ['https://API.OpenAI.com:443/v1/responses', 'openai'],
  // Not these.
  ['https://api.openai.com.example.com/v1/chat/completions', 'custom'],
  ['https://api.openai.com@example.com/v1/chat/completions', 'custom'],
  ['https://user:api.openai.com@example.com/v1', 'custom'],
  ['https://notapi.openai.com/v1', 'custom'],
  ['https://api-openai.com/v1', 'custom'],
  ['https://apixopenai.com/v1', 'custom'],
  ['https://example.com/api.openai.com/v1', 'custom'],
  ['https://example.com?https://api.openai.com/v1', 'custom'],
  [String.raw`https://example.com\.openai.azure.com/openai/v1`, 'custom'],
  ['https://a.b.openai.azure.com/openai/v1', 'custom'],
  ['https://example.com#.openai.azure.com/openai/v1', 'custom'],
  ['https://.openai.azure.com/openai/v1', 'custom'],
  ['https://api.openai.com:8443/v1', 'custom'],
  ['ftp://api.openai.com/v1', 'custom'],
  ['http://localhost:114345/api/chat', 'custom'],
  ['<OLLAMA_API_BASE>/chat/completions', 'custom'],
  ['', 'custom'],
] as const) {
  test(`${JSON.stringify(url)} is ${name}'s`, () => assert.equal(providerOf(url).name, name))
}

test('a long URL takes no longer than its length', () => {
  assert.equal(providerOf(`https://${'a.'.repeat(1_000_000)}openai.azure.com/`).name, 'custom')
})

for (const [name, dialect, url] of [
  ['azure', 'openai-chat', 'https://my-resource.openai.azure.com/openai/v1'],
  ['azure', 'anthropic-messages', 'https://my-resource.services.ai.azure.com/anthropic/v1'],
  ['bedrock', 'bedrock-converse', 'https://bedrock-runtime.eu-central-1.amazonaws.com'],
  ['bedrock', 'openai-chat', 'https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1'],
  ['deepseek', 'anthropic-messages', 'https://api.deepseek.com/anthropic/v1'],
  ['ollama', 'ollama', 'http://localhost:11434/api'],
  ['ollama', 'openai-chat', 'http://localhost:11434/v1'],
  ['custom', 'openai-chat', 'http://10.0.0.1:9999/v1'],
  [
    'vertex',
    'gemini',
    'https://us-east5-aiplatform.googleapis.com/v1/projects/my-project-1/locations/us-east5',
  ],
] as const) {
  test(`${name} speaks ${dialect} at ${url}`, () =>
    assert.equal(resolveBaseUrl(known(name), dialect, environment), url))
}

for (const [location, host] of [
  ['global', 'aiplatform.googleapis.com'],
  ['eu', 'aiplatform.eu.rep.googleapis.com'],
  ['europe-west1', 'europe-west1-aiplatform.googleapis.com'],
] as const) {
  test(`Vertex in ${location} is at ${host}`, () => {
    const url = resolveBaseUrl(known('vertex'), 'gemini', {
      ...environment,
      GOOGLE_CLOUD_LOCATION: location,
    })
    assert.equal(new URL(url).host, host)
    assert.ok(url.endsWith(`/locations/${location}`))
  })
}

test('a URL that lacks variables names each of them', () => {
  const wanted = ['GOOGLE_CLOUD_LOCATION', 'GOOGLE_CLOUD_PROJECT']
  assert.deepEqual(variablesOf(baseUrlOf(known('vertex'), 'gemini')), wanted)
  assert.throws(
    () => resolveBaseUrl(known('vertex'), 'gemini', { GOOGLE_CLOUD_LOCATION: '' }),
    (error) => {
      assert.ok(error instanceof BaseUrlError)
      assert.deepEqual(error.variables, wanted)
      assert.equal(error.message, 'No URL for vertex: set GOOGLE_CLOUD_LOCATION and GOOGLE_CLOUD_PROJECT')
      return true
    },
  )
})

for (const [name, variable, value] of [
  ['azure', 'AZURE_RESOURCE_NAME', 'example.com/secret'],
  ['azure', 'AZURE_RESOURCE_NAME', 'secret@example.com'],
  ['azure', 'AZURE_RESOURCE_NAME', 'https://secret.openai.azure.com'],
  ['azure', 'AZURE_RESOURCE_NAME', '{secret}'],
  ['custom', 'CUSTOM_BASE_URL', 'https://user:secret@example.com/v1'],
  ['custom', 'CUSTOM_BASE_URL', 'https://example.com/v1?key=secret'],
  ['custom', 'CUSTOM_BASE_URL', 'file:///secret'],
] as const) {
  test(`${variable} cannot be ${value}, and the error does not show it`, () => {
    assert.throws(
      () => resolveBaseUrl(known(name), 'openai-chat', { [variable]: value }),
      (error) =>
        error instanceof BaseUrlError && error.message.includes(variable) && !/secret/.test(error.message),
    )
  })
}

for (const [name, dialect, headers] of [
  ['openai', 'openai-chat', { authorization: 'Bearer k' }],
  ['anthropic', 'anthropic-messages', { 'x-api-key': 'k' }],
  ['anthropic', 'openai-chat', { authorization: 'Bearer k' }],
  ['google', 'gemini', { 'x-goog-api-key': 'k' }],
  ['google', 'openai-chat', { authorization: 'Bearer k' }],
  ['azure', 'openai-responses', { 'api-key': 'k' }],
  ['azure', 'anthropic-messages', { 'x-api-key': 'k' }],
  ['bedrock', 'bedrock-converse', { authorization: 'Bearer k' }],
  ['vertex', 'gemini', { authorization: 'Bearer k' }],
] as const) {
  test(`${name} takes its key over ${dialect} in ${Object.keys(headers).join()}`, () =>
    assert.deepEqual(keyHeader(authOf(known(name), dialect), 'k'), headers))
}
