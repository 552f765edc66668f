/** Requests of the Converse API, read and written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bedrockConverse,
  bedrockConverseDialect,
  custom,
  type Message,
  type ModelRequest,
  WireError,
} from '../../src/index.ts'

const claude = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const urlOf = (model: string): string => `https://x/model/${encodeURIComponent(model)}/converse`
const decode = (body: unknown, model = claude): ModelRequest =>
  bedrockConverseDialect.server.decodeRequest(body, urlOf(model))
const encode = (request: ModelRequest): Record<string, unknown> =>
  JSON.parse(bedrockConverse.encodeRequest(request, custom)) as Record<string, unknown>
const user = (...content: object[]): object => ({ role: 'user', content })
const assistant = (...content: object[]): object => ({ role: 'assistant', content })
const ask = user({ text: 'Hi' })

/** What is written another way than it came: each says the same. */
function normalised(body: Record<string, unknown>): unknown {
  const copy = structuredClone(body)
  for (const name of ['system', 'inferenceConfig'])
    if (Object.keys(copy[name] ?? {}).length === 0) delete copy[name]
  const text = JSON.stringify(copy).replace('"reasoning_config"', '"thinking"')
  return JSON.parse(text, (key, value: unknown) =>
    key === 'schema' && typeof value === 'string' ? (JSON.parse(value) as unknown) : value,
  )
}

const toolConfig = {
  tools: [
    { toolSpec: { name: 'add', description: 'Adds', inputSchema: { json: { type: 'object' } } } },
    { cachePoint: { type: 'default', ttl: '1h' } },
    { systemTool: { name: 'nova_grounding' } },
  ],
  toolChoice: { tool: { name: 'add' } },
}

const bodies: readonly [name: string, body: Record<string, unknown>, model?: string][] = [
  ['nothing but a question', { messages: [ask], system: [], inferenceConfig: {} }],
  [
    'every setting',
    {
      messages: [ask],
      system: [{ text: 'Be brief' }, { cachePoint: { type: 'default' } }, { text: 'Be kind' }],
      inferenceConfig: { maxTokens: 9, temperature: 0, topP: 1, stopSequences: ['x'] },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 }, top_k: 5, x: 1 },
      requestMetadata: { a: 'b' },
      guardrailConfig: { guardrailIdentifier: 'g' },
      performanceConfig: { latency: 'optimized' },
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'n', schema: '{"type": "object"}' } },
        },
      },
    },
  ],
  [
    'reasoning by its first name',
    { messages: [ask], additionalModelRequestFields: { reasoning_config: { type: 'disabled' } } },
  ],
  [
    'what only another model understands',
    { messages: [ask], additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1 } } },
    'meta.llama3',
  ],
  [
    'thinking beside what Claude refuses with it',
    {
      toolConfig: {
        tools: [{ toolSpec: { name: 'add', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { any: {} },
      },
      messages: [ask],
      inferenceConfig: { maxTokens: 3000, temperature: 0.5, topP: 0.5 },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 5000 }, top_k: 5 },
    },
  ],
  [
    'thinking in a tool loop without it',
    {
      toolConfig: { tools: [{ toolSpec: { name: 'add', inputSchema: { json: { type: 'object' } } } }] },
      messages: [
        ask,
        assistant({ toolUse: { toolUseId: 'a', name: 'add', input: {} } }),
        user({ toolResult: { toolUseId: 'a', content: [{ text: '4' }] } }),
      ],
      additionalModelRequestFields: { reasoning_config: { type: 'enabled', budget_tokens: 5000 } },
    },
  ],
  [
    'thinking that adapts, of a Claude that wants a budget',
    { messages: [ask], additionalModelRequestFields: { thinking: { type: 'adaptive' } } },
  ],
  [
    'the effort of Nova',
    {
      messages: [ask],
      additionalModelRequestFields: {
        reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
        inferenceConfig: { topK: 5 },
      },
    },
    'us.amazon.nova-2-lite-v1:0',
  ],
  [
    'an adaptive Claude',
    {
      messages: [ask],
      additionalModelRequestFields: { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } },
    },
    'anthropic.claude-opus-4-6-v1',
  ],
  [
    'every block',
    {
      toolConfig,
      messages: [
        user(
          { text: 'Look' },
          { image: { format: 'png', source: { bytes: 'AAAA' } } },
          { document: { format: 'pdf', name: 'sample_2', source: { s3Location: { uri: 's3://b/k' } } } },
          { cachePoint: { type: 'default' } },
          { video: { format: 'three_gp', source: { s3Location: { uri: 's3://b/k', bucketOwner: '1' } } } },
          { audio: { format: 'mpeg', source: { bytes: 'AAAA' } } },
          { document: { format: 'txt', name: 'd', source: { content: [{ text: 'a' }] }, context: 'c' } },
          { document: { format: 'txt', name: 'e', source: { text: 'a' } } },
          { guardContent: { text: { text: 'g', qualifiers: ['query'] } } },
          { guardContent: { image: { format: 'png', source: { bytes: 'AAAA' } } } },
          { searchResult: { source: 's', title: 't', content: [{ text: 'found' }] } },
        ),
        assistant(
          { reasoningContent: { reasoningText: { text: 'Hm', signature: 'sig' } } },
          { reasoningContent: { redactedContent: 'AAAA' } },
          { citationsContent: { content: [{ text: 'So' }], citations: [{ title: 'T' }] } },
          { toolUse: { toolUseId: 's', name: 'nova_grounding', input: {}, type: 'server_tool_use' } },
          { toolResult: { toolUseId: 's', content: [], type: 'nova_grounding_result' } },
          { toolUse: { toolUseId: 'a', name: 'add', input: { a: 1 } } },
        ),
        user(
          { toolResult: { toolUseId: 'a', content: [{ json: { b: 1 } }, { text: 't' }], status: 'error' } },
          { cachePoint: { type: 'default' } },
          { toolResult: { toolUseId: 'b', content: [{ text: 't' }], status: 'success' } },
          { text: 'And now?' },
        ),
      ],
    },
  ],
]

for (const [name, body, model] of bodies) {
  test(`${name} is written as it was read`, () => {
    const request = decode(body, model)
    assert.deepEqual(normalised(encode(request)), normalised(body))
    assert.deepEqual(decode(JSON.parse(JSON.stringify(encode(request))), model), request)
  })
}

test('the URL says the model and whether a stream is wanted', () => {
  assert.equal(
    bedrockConverse.path({ model: 'a:b/c', messages: [], stream: true }, custom),
    '/model/a%3Ab%2Fc/converse-stream',
  )
  for (const model of ['a:b/c', 'a%3Ab%2Fc', '%'])
    assert.ok(bedrockConverseDialect.matches(`https://x/model/${model}/converse?y`, {}))
  const url = 'https://x/model/a%3Ab/converse-stream'
  const request = bedrockConverseDialect.server.decodeRequest({ messages: [ask] }, url)
  assert.deepEqual([request.model, request.stream], ['a:b', true])
  assert.ok(bedrockConverseDialect.asksForStream(url, {}))
  assert.ok(!bedrockConverseDialect.matches('https://x/model/a/invoke', {}))
})

const call = { type: 'tool-call', id: 'a', name: 'add', input: {}, inputText: '{}' } as const
const hi: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] }

function messagesOf(model: string, ...messages: Message[]): unknown {
  return encode({ model, messages, stream: false })['messages']
}

test('roles alternate, and blank text is left out', () => {
  const blank: Message = { role: 'assistant', content: [{ type: 'text', text: ' ' }] }
  assert.deepEqual(messagesOf(claude, hi, blank, hi), [user({ text: 'Hi' }, { text: 'Hi' })])
})

test('ids and names of others are made to fit, and a result finds its call', () => {
  const id = `call|${'x'.repeat(70)}`
  const sent = messagesOf(
    claude,
    hi,
    { role: 'assistant', content: [{ ...call, id, name: 'a b' }] },
    { role: 'tool', content: [{ type: 'tool-result', id, name: '', output: [], isError: false }] },
  )
  const fitting = 'x'.repeat(64)
  assert.deepEqual(sent, [
    ask,
    assistant({ toolUse: { toolUseId: fitting, name: 'a_b', input: {} } }),
    user({ toolResult: { toolUseId: fitting, content: [] } }),
  ])
})

test('what Anthropic signed goes back to Claude, and to no one else', () => {
  const signed = {
    type: 'reasoning',
    text: 'Hm',
    data: { 'anthropic-messages': { signature: 's' } },
  } as const
  const hidden = { type: 'reasoning', text: '', data: { 'anthropic-messages': { data: 'AAAA' } } } as const
  const unsigned = { type: 'reasoning', text: 'Hm' } as const
  const thought: Message = { role: 'assistant', content: [signed, hidden, unsigned, call] }
  const toolUse = { toolUseId: 'a', name: 'add', input: {} }
  assert.deepEqual(messagesOf(claude, hi, thought), [
    ask,
    assistant(
      { reasoningContent: { reasoningText: { text: 'Hm', signature: 's' } } },
      { reasoningContent: { redactedContent: btoa('AAAA') } },
      { toolUse },
    ),
  ])
  assert.deepEqual(messagesOf('us.amazon.nova-2-lite-v1:0', hi, thought), [ask, assistant({ toolUse })])
})

test('where there were calls, there are tools', () => {
  const messages: Message[] = [hi, { role: 'assistant', content: [call, { ...call, name: 'a.b' }] }]
  const inputSchema = { json: { type: 'object' } }
  assert.deepEqual(encode({ model: claude, messages, stream: false })['toolConfig'], {
    tools: ['add', 'a_b'].map((name) => ({ toolSpec: { name, inputSchema } })),
  })
})

test('words that are a document are text where no format is said', () => {
  const document = { name: 'd', source: { text: 'a' } }
  const { messages } = encode(decode({ messages: [user({ document })] }, claude))
  assert.deepEqual(messages, [user({ document: { format: 'txt', ...document } })])
})

test('a schema that does not say so is that of an object', () => {
  const schemas = [{}, { anyOf: [{ required: ['a'] }] }, { properties: {}, type: 'object' }]
  const tools = schemas.map(
    (inputSchema) => ({ type: 'function', name: 'f', description: '', inputSchema }) as const,
  )
  const asked = { role: 'user', content: [{ type: 'text', text: 'Hi' }] } as const
  const { toolConfig: config } = encode({ model: claude, messages: [asked], tools, stream: false }) as {
    toolConfig: { tools: { toolSpec: { inputSchema: { json: object } } }[] }
  }
  assert.deepEqual(
    config.tools.map(({ toolSpec }) => JSON.stringify(toolSpec.inputSchema.json)),
    [
      '{"type":"object"}',
      '{"type":"object","anyOf":[{"required":["a"]}]}',
      '{"properties":{},"type":"object"}',
    ],
  )
})

const refusals: readonly [name: string, body: unknown, path: string][] = [
  ['a role that is not known', { messages: [{ role: 'system', content: [] }] }, 'messages[0].role'],
  ['a block that is not known', { messages: [user({ hologram: {} })] }, 'messages[0].content[0]'],
  ['a call of a user', { messages: [user({ toolUse: {} })] }, 'messages[0].content[0]'],
  [
    'a cache point behind nothing',
    { messages: [user({ cachePoint: { type: 'default' } })] },
    'messages[0].content[0]',
  ],
  ['a tool that is not known', { messages: [], toolConfig: { tools: [{ x: 1 }] } }, 'toolConfig.tools[0]'],
  [
    'a choice that is not known',
    { messages: [], toolConfig: { toolChoice: { none: {} } } },
    'toolConfig.toolChoice',
  ],
  [
    'a limit that is no number',
    { messages: [], inferenceConfig: { maxTokens: '5' } },
    'inferenceConfig.maxTokens',
  ],
  [
    'a format that is not known',
    { messages: [], outputConfig: { textFormat: { type: 'x' } } },
    'outputConfig.textFormat.type',
  ],
]

for (const [name, body, path] of refusals) {
  test(`${name} is refused, and where it stands is said`, () => {
    assert.throws(
      () => decode(body),
      (error) => error instanceof WireError && error.path === path,
    )
  })
}

test('what Bedrock cannot say is refused', () => {
  const image = { type: 'media', mediaType: 'image/png', source: { type: 'url', url: 'https://x' } } as const
  const tool = { type: 'function', name: 'a.b', description: '', inputSchema: {} } as const
  const base = { model: claude, stream: false, messages: [hi] }
  const paths: readonly [request: ModelRequest, path: string][] = [
    [{ ...base, messages: [{ role: 'user', content: [image] }] }, 'messages[0].content[0]'],
    [{ ...base, outputFormat: { type: 'json' } }, 'outputFormat'],
    [{ ...base, tools: [tool] }, 'tools[0].name'],
    [{ ...base, messages: [{ role: 'assistant', content: [call] }] }, 'messages[0]'],
    [{ ...base, tools: [{ type: 'provider', dialect: 'x', definition: {} }] }, 'tools[0]'],
    [
      { ...base, messages: [hi, { role: 'assistant', content: [call] }], toolChoice: { type: 'none' } },
      'toolChoice',
    ],
  ]
  for (const [request, path] of paths)
    assert.throws(
      () => encode(request),
      (error) => error instanceof WireError && error.path === path,
    )
})

test('input that is nested too deeply is refused, and what is written is never cut', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)
  const body = { messages: [assistant({ toolUse: { toolUseId: 'a', name: 'f', input: { deep } } })] }
  assert.throws(
    () => decode(body),
    (error) => error instanceof WireError && error.path === 'messages[0].content[0].toolUse.input',
  )
  const request = decode({ messages: [], deep })
  assert.throws(() => encode(request), WireError)
})
