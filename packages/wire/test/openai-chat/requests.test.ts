/** What a request can say goes through the canonical form and back without loss, and to other dialects as far as it can. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AssistantPart,
  custom,
  type Message,
  type ModelRequest,
  openai,
  openaiChat,
  openaiChatDialect,
  openrouter,
  type Provider,
} from '../../src/index.ts'

const decode = (body: object): ModelRequest =>
  openaiChatDialect.server.decodeRequest({ model: 'm', messages: [], ...body }, '')
const encode = (request: ModelRequest, provider: Provider = openrouter): Record<string, unknown> =>
  JSON.parse(openaiChat.encodeRequest(request, provider)) as Record<string, unknown>

/** Each row: fields of a request that come back as they were, and what they mean. */
const settings: readonly [name: string, fields: object, canonical: object][] = [
  ['penalties', { frequency_penalty: 1, presence_penalty: -1 }, { frequencyPenalty: 1, presencePenalty: -1 }],
  ['top_k', { top_k: 5 }, { topK: 5 }],
  ['parallel calls', { parallel_tool_calls: false }, { parallelToolCalls: false }],
  ['user and metadata', { user: 'u', metadata: { a: 'b' } }, { user: 'u', metadata: { a: 'b' } }],
  [
    'metadata of more than words',
    { metadata: { a: 1 } },
    { data: { 'openai-chat': { metadata: { a: 1 } } } },
  ],
  ['logprobs', { logprobs: true }, { logprobs: 0 }],
  ['logprobs with alternatives', { logprobs: true, top_logprobs: 3 }, { logprobs: 3 }],
  ['a number of logprobs (Together)', { logprobs: 1 }, { data: { 'openai-chat': { logprobs: 1 } } }],
  ['text', { response_format: { type: 'text' } }, { outputFormat: { type: 'text' } }],
  ['JSON', { response_format: { type: 'json_object' } }, { outputFormat: { type: 'json' } }],
  [
    'JSON of a schema',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
      },
    },
    { outputFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true } },
  ],
  [
    'a grammar',
    { response_format: { type: 'grammar', grammar: 'x' } },
    { data: { 'openai-chat': { response_format: { type: 'grammar', grammar: 'x' } } } },
  ],
  [
    'reasoning',
    { reasoning: { enabled: true, effort: 'low', max_tokens: 5, exclude: true } },
    { reasoning: { isEnabled: true, effort: 'low', budget: 5, isShown: false } },
  ],
  [
    'a summary of reasoning',
    { reasoning: { effort: 'low', summary: 'auto' } },
    {
      reasoning: { effort: 'low' },
      data: { 'openai-chat': { reasoning: { effort: 'low', summary: 'auto' } } },
    },
  ],
  [
    "Mistral's seed, and what only OpenRouter has",
    { random_seed: 5, provider: { only: ['a'] }, plugins: [], n: 2 },
    { data: { 'openai-chat': { random_seed: 5, provider: { only: ['a'] }, plugins: [], n: 2 } } },
  ],
  [
    'allowed tools',
    {
      tools: [tool({ strict: true })],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [] } },
    },
    {
      tools: [{ type: 'function', name: 'f', description: 'd', inputSchema: {}, strict: true }],
      toolChoice: { type: 'required' },
      data: {
        'openai-chat': {
          tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [] } },
        },
      },
    },
  ],
  [
    'tools of the provider',
    { tools: [{ type: 'openrouter:web_search', parameters: { max_uses: 1 } }], tool_choice: 'auto' },
    {
      tools: [
        {
          type: 'provider',
          dialect: 'openai-chat',
          definition: { type: 'openrouter:web_search', parameters: { max_uses: 1 } },
        },
      ],
    },
  ],
  [
    'a cached tool',
    { tools: [{ ...tool({}), cache_control: { type: 'ephemeral', ttl: '1h' } }], tool_choice: 'none' },
    {
      tools: [{ type: 'function', name: 'f', description: 'd', inputSchema: {}, cache: { ttl: '1h' } }],
      toolChoice: { type: 'none' },
    },
  ],
]

for (const [name, fields, canonical] of settings) {
  test(`${name}: as it came, and what it means`, () => {
    const { model: _model, messages: _messages, stream: _stream, ...request } = decode(fields)
    assert.deepEqual(request, canonical)
    const { usage: _usage, ...written } = encode(decode(fields))
    assert.deepEqual(written, { model: 'm', messages: [], ...fields })
  })
}

/** Each row: a form in which reasoning is asked for, and how others are asked: OpenRouter, OpenAI, z.ai, Qwen. */
const reasoning: readonly [fields: object, forms: readonly [object, object, object, object]][] = [
  [
    { reasoning_effort: 'high' },
    [
      { reasoning: { effort: 'high' } },
      { reasoning_effort: 'high' },
      { reasoning_effort: 'high' },
      { reasoning_effort: 'high' },
    ],
  ],
  [
    { thinking: { type: 'disabled' } },
    [
      { reasoning: { enabled: false } },
      { reasoning_effort: 'none' },
      { thinking: { type: 'disabled' } },
      { enable_thinking: false },
    ],
  ],
  [
    { enable_thinking: true, thinking_budget: 9 },
    [
      { reasoning: { enabled: true, max_tokens: 9 } },
      { reasoning_effort: 'low' },
      { thinking: { type: 'enabled', budget_tokens: 9 } },
      { enable_thinking: true, thinking_budget: 9 },
    ],
  ],
]
const forms = ['reasoning', 'reasoning_effort', 'thinking', 'enable_thinking'] as const

for (const [fields, written] of reasoning) {
  for (const [index, form] of forms.entries()) {
    test(`${JSON.stringify(fields)} is asked for by ${form}`, () => {
      const provider = { ...custom, quirks: { ...custom.quirks, reasoningSettings: form } }
      assert.deepEqual(encode(decode(fields), provider), { model: 'm', messages: [], ...written[index] })
    })
  }
}

const cache_control = { type: 'ephemeral' }
const file = (fields: object): object => ({ role: 'user', content: [{ type: 'file', file: fields }] })

/** Each row: messages that come back as they were. */
const messages: readonly [name: string, ...messages: object[]][] = [
  ['a breakpoint of a message', { role: 'system', content: 'x', cache_control }],
  ['a breakpoint of an assistant', { role: 'assistant', content: 'x', cache_control }],
  ['a breakpoint of a part', { role: 'user', content: [{ type: 'text', text: 'x', cache_control }] }],
  [
    'a breakpoint with a time to live, and one of a shape from the future',
    { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'eternal', scope: 'y' } }] },
  ],
  [
    'a breakpoint of a call and of its result',
    { role: 'assistant', tool_calls: [call({ cache_control })] },
    { role: 'tool', tool_call_id: 'a', content: 'x', cache_control },
  ],
  [
    'names',
    { role: 'user', name: 'Ann', content: 'x' },
    { role: 'tool', name: 'f', tool_call_id: 'a', content: 'x' },
  ],
  ['one text in a list', { role: 'user', content: [{ type: 'text', text: 'x' }] }],
  ['how closely an image is looked at', imageMessage({ image_url: { url: 'http://x', detail: 'low' } })],
  ['an image as a word (Mistral)', imageMessage({ image_url: 'http://x' })],
  ['a document (Mistral)', { role: 'user', content: [{ type: 'document_url', document_url: 'http://x' }] }],
  ['a file (Perplexity)', { role: 'user', content: [{ type: 'file_url', file_url: { url: 'http://x' } }] }],
  [
    'how to think (Mistral)',
    {
      role: 'system',
      content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Draft' }], closed: true }],
    },
  ],
  [
    'what is quoted (Mistral)',
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'So' },
        { type: 'reference', reference_ids: [0] },
      ],
    },
  ],
  ['a sound (Mistral)', { role: 'user', content: [{ type: 'input_audio', input_audio: 'AAAA' }] }],
  ['a film', { role: 'user', content: [{ type: 'video_url', video_url: { url: 'http://x' } }] }],
  ['a file by its id', file({ file_id: 'file-1' })],
  ['a file by its URL', file({ file_data: 'http://x', filename: 'x.pdf' })],
  ['texts of an assistant', { role: 'assistant', content: [part('a'), part('b')] }],
  ['a call without words', { role: 'assistant', content: '', tool_calls: [call({})] }],
  ['a sound of an assistant', { role: 'assistant', content: 'x', audio: { id: 'audio_1' } }],
  ['a call with more', { role: 'assistant', tool_calls: [call({ index: 3 })] }],
  [
    'reasoning in parts (Databricks)',
    { role: 'assistant', content: [{ type: 'reasoning', summary: [part('Hm')] }, part('x')] },
  ],
  [
    'an image in a result',
    { role: 'assistant', tool_calls: [call({})] },
    { role: 'tool', tool_call_id: 'a', content: imageMessage({ image_url: { url: 'http://x' } }).content },
    { role: 'user', content: 'y' },
  ],
  [
    'thinking in parts (Mistral)',
    { role: 'assistant', content: [{ type: 'thinking', thinking: [part('Hm')] }, part('x')] },
  ],
]

for (const [name, ...sent] of messages) {
  test(`${name}: as it came`, () => {
    const mistral = { ...custom, quirks: { ...custom.quirks, reasoningField: null } }
    assert.deepEqual(encode(decode({ messages: sent }), mistral)['messages'], sent)
  })
}

test('a breakpoint of a message is one of its last part, for other dialects', () => {
  const [message] = decode({ messages: [{ role: 'user', content: 'x', cache_control }] }).messages
  assert.deepEqual(message?.content, [{ type: 'text', text: 'x', cache: {} }])
})

test('what OpenAI does not know is not sent to it', () => {
  const request: ModelRequest = {
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache: {} }] }],
    topK: 5,
    stream: false,
  }
  assert.deepEqual(encode(request, openai), { model: 'm', messages: [{ role: 'user', content: 'x' }] })
})

test('functions, as tools once were, are tools', () => {
  const request = decode({
    messages: [
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: '5' },
    ],
    functions: [{ name: 'f', parameters: { type: 'object' } }],
    function_call: { name: 'f' },
  })
  const { messages, tools, tool_choice } = encode(request)
  assert.deepEqual(tools, [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }])
  assert.deepEqual(tool_choice, { type: 'function', function: { name: 'f' } })
  assert.deepEqual(messages, [
    {
      role: 'assistant',
      tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'call_0', name: 'f', content: '5' },
  ])
})

/** Each row: what the dialect cannot say, and where it stands. */
const unsaid: readonly [request: Partial<ModelRequest>, path: string][] = [
  [{ tools: [{ type: 'provider', dialect: 'gemini', definition: {} }] }, 'tools[0]'],
  [
    { messages: [said({ type: 'media', mediaType: 'video/mp4', source: { type: 'url', url: 'x' } })] },
    'messages[0].content[0]',
  ],
]

for (const [request, path] of unsaid) {
  test(`${path} cannot be said`, () => {
    assert.throws(() => encode({ model: 'm', messages: [], stream: false, ...request }), {
      code: 'unsupported',
      path,
    })
  })
}

test("another dialect's reasoning goes as its words, its tools' parts not at all", () => {
  const message: Message = {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm', data: { 'anthropic-messages': { signature: 's' } } },
      { type: 'provider-call', id: 'a', name: 'web_search', input: {} },
      { type: 'provider-result', id: 'a', name: 'web_search', output: [], isError: false },
      { type: 'text', text: 'x', data: { 'anthropic-messages': { y: 1 } } },
    ],
  }
  assert.deepEqual(encode({ model: 'm', messages: [message], stream: false })['messages'], [
    { role: 'assistant', content: 'x', reasoning: 'Hm' },
  ])
})

function tool(fields: object): object {
  return { type: 'function', function: { name: 'f', description: 'd', parameters: {}, ...fields } }
}

function call(fields: object): object {
  return { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, ...fields }
}

function part(text: string): object {
  return { type: 'text', text }
}

function imageMessage(fields: object): { readonly role: string; readonly content: readonly object[] } {
  return { role: 'user', content: [part('x'), { type: 'image_url', ...fields }] }
}

function said(content: AssistantPart): Message {
  return { role: 'assistant', content: [content] }
}
