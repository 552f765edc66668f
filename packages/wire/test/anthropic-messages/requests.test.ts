/** Requests for messages, read and written again, and those that other dialects asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anthropicMessages } from '../../src/anthropic-messages/client.ts'
import { anthropicMessagesDialect } from '../../src/anthropic-messages/dialect.ts'
import type { Message, ModelRequest } from '../../src/index.ts'
import { bedrock, bedrockUrl, bodyOf, provider, requestOf, url, vertex } from './wire.ts'

const cache = { cache_control: { type: 'ephemeral', ttl: '1h' } }
const words = (text: string): object => ({ type: 'text', text })
const user = (...content: readonly object[]): object => ({ messages: [{ role: 'user', content }] })
const model = (...content: readonly object[]): object => ({ messages: [{ role: 'assistant', content }] })

/** Fields of a request that are written again as they came. */
const same: readonly (readonly [name: string, fields: object])[] = [
  ['system with a cache breakpoint', { system: [words('a'), { ...words('b'), ...cache }] }],
  ['a system message in between', { messages: [{ role: 'system', content: [words('a')] }] }],
  [
    'an image',
    user({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' }, ...cache }),
  ],
  ['an image by its URL', user({ type: 'image', source: { type: 'url', url: 'https://a.b/c' } })],
  ['an image by its id', user({ type: 'image', source: { type: 'file', file_id: 'file_1' } })],
  [
    'a document',
    user({
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'a' },
      title: 'T',
      context: 'C',
      citations: { enabled: true },
      ...cache,
    }),
  ],
  ['a document by its id', user({ type: 'document', source: { type: 'file', file_id: 'file_1' } })],
  ['a document by its URL', user({ type: 'document', source: { type: 'url', url: 'https://a.b/c.pdf' } })],
  ['a document of blocks', user({ type: 'document', source: { type: 'content', content: [words('a')] } })],
  [
    'a search result',
    user({ type: 'search_result', source: 's', title: 't', content: [words('a')], ...cache }),
  ],
  ['a file for a container', user({ type: 'container_upload', file_id: 'file_1', ...cache })],
  [
    'tool results and what follows them',
    user(
      { type: 'tool_result', tool_use_id: 't1', content: [words('4')], is_error: true, ...cache },
      { type: 'tool_result', tool_use_id: 't2', content: [{ type: 'tool_reference', tool_name: 'add' }] },
      words('And?'),
    ),
  ],
  [
    'thinking, redacted or not',
    model(
      { type: 'thinking', thinking: '', signature: 's' },
      { type: 'redacted_thinking', data: 'd' },
      words('a'),
    ),
  ],
  [
    'what tools of the provider did',
    model(
      { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'x' } },
      { type: 'web_search_tool_result', tool_use_id: 's1', content: [], ...cache },
      { type: 'mcp_tool_use', id: 'm1', name: 'f', server_name: 's', input: {} },
      { type: 'mcp_tool_result', tool_use_id: 'm1', is_error: false, content: [words('a')] },
      { type: 'compaction', content: null },
    ),
  ],
  [
    'a text with citations',
    model({ ...words('a'), citations: [{ type: 'page_location', cited_text: 'b', start_page_number: 1 }] }),
  ],
  [
    'tools',
    {
      tools: [
        { name: 'a', input_schema: { type: 'object' }, strict: true, defer_loading: true, ...cache },
        {
          type: 'custom',
          name: 'b',
          description: 'B',
          input_schema: { type: 'object' },
          input_examples: [{}],
        },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
      ],
      tool_choice: { type: 'tool', name: 'a', disable_parallel_tool_use: true },
    },
  ],
  ['thinking with a budget', { thinking: { type: 'enabled', budget_tokens: 4000 } }],
  ['thinking with a budget beyond the limit', { thinking: { type: 'enabled', budget_tokens: 50_000 } }],
  [
    'thinking that adapts',
    { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'max' } },
  ],
  ['no thinking', { thinking: { type: 'disabled' } }],
  [
    'thinking beside what the API refuses with it',
    {
      thinking: { type: 'enabled', budget_tokens: 4000 },
      temperature: 0.5,
      top_k: 5,
      tools: [{ name: 'a', input_schema: { type: 'object' } }],
      tool_choice: { type: 'any' },
    },
  ],
  [
    'thinking in a tool loop without it',
    {
      thinking: { budget_tokens: 4000, type: 'enabled' },
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] }],
    },
  ],
  ['an answer begun with blanks at its end', model(words('So '))],
  [
    'an effort alone of a model that wants budgets',
    { model: 'claude-opus-4-5', output_config: { effort: 'low' } },
  ],
  ['an effort alone', { output_config: { effort: 'low', task_budget: { type: 'tokens', total: 1 } } }],
  ['a format in its beta', { output_format: { type: 'json_schema', schema: { type: 'object' } } }],
  ['a format', { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } }],
  [
    'settings',
    {
      temperature: 0.5,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ['a'],
      metadata: { user_id: 'u' },
      stream: true,
    },
  ],
  [
    'what is not known',
    { service_tier: 'auto', container: 'c', mcp_servers: [], ...cache, from_the_future: 1 },
  ],
]

for (const [name, fields] of same) {
  test(`${name}: written again as it came`, () => {
    const whole = { model: 'claude-opus-4-8', max_tokens: 9000, messages: [], ...fields }
    const request = requestOf(fields)
    assert.deepEqual(bodyOf(request), whole)
    assert.deepEqual(requestOf(bodyOf(request)), request)
  })
}

test('the clouds name the model in the URL, and the version in the body', () => {
  const { model: _model, ...rest } = { ...requestOf({ stream: true }), model: '' }
  const asked: ModelRequest = { ...rest, model: 'us.anthropic.claude-opus-4-6-v1:0' }
  const path = anthropicMessages.path(asked, bedrock)
  assert.equal(path, '/model/us.anthropic.claude-opus-4-6-v1%3A0/invoke-with-response-stream')
  const body = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9000, messages: [] }
  assert.deepEqual(bodyOf(asked, bedrock), body)
  assert.deepEqual(anthropicMessagesDialect.server.decodeRequest(body, `https://b${path}`), asked)
  const at = anthropicMessages.path({ ...asked, model: 'claude-opus-4@1' }, vertex)
  assert.equal(at, '/publishers/anthropic/models/claude-opus-4@1:streamRawPredict')
  assert.equal(bodyOf(asked, vertex)['anthropic_version'], 'vertex-2023-10-16')
})

for (const [asked, body, isOurs] of [
  [url, { messages: [] }, true],
  [`${url}?beta=true`, {}, true],
  [url, [], false],
  ['https://api.openai.com/v1/threads/t/messages', {}, false],
  [bedrockUrl, { anthropic_version: 'bedrock-2023-05-31' }, true],
  [bedrockUrl, { inputText: 'a' }, false],
  ['https://x/v1/publishers/anthropic/models/a:rawPredict', {}, true],
  ['https://x/v1/publishers/mistralai/models/a:rawPredict', {}, false],
] as const) {
  test(`${asked.slice(-60)} with ${JSON.stringify(body)} is ${isOurs ? 'ours' : 'not ours'}`, () => {
    assert.equal(anthropicMessagesDialect.matches(asked, body), isOurs)
  })
}

for (const [fields, path] of [
  [{ messages: 1 }, 'messages'],
  [{ messages: [{ role: 'robot', content: [] }] }, 'messages[0].role'],
  [user({ type: 'hologram' }), 'messages[0].content[0].type'],
  [model({ type: 'tool_use', id: 'a', name: 'b', input: 'c' }), 'messages[0].content[0].input'],
  [user({ type: 'image', source: { type: 'smell' } }), 'messages[0].content[0].source.type'],
  [user({ ...words('a'), cache_control: { type: 'eternal' } }), 'messages[0].content[0].cache_control.type'],
  [{ tools: [{ name: 'a' }] }, 'tools[0].input_schema'],
  [{ tool_choice: { type: 'maybe' } }, 'tool_choice.type'],
  [{ thinking: { type: 'deep' } }, 'thinking.type'],
  [{ output_config: { format: { type: 'xml' } } }, 'output_config.format.type'],
  [{ max_tokens: '1' }, 'max_tokens'],
  [{ container: JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown }, ''],
] as const) {
  test(`what is not understood is refused at "${path}"`, () => {
    assert.throws(() => requestOf(fields), { name: 'WireError', path })
  })
}

const conversation = (...messages: readonly Message[]): unknown => bodyOf({ messages })['messages']
const foreign = { data: { 'openai-responses': { id: 'rs_1' } } }

test('what only another dialect can say is left out, and its ids are made fit', () => {
  const call = {
    type: 'tool-call',
    id: 'functions.add:0',
    name: 'add',
    input: {},
    inputText: '{"a": 1}',
  } as const
  const result = { type: 'tool-result', id: 'functions.add:0', name: '', output: [], isError: false } as const
  const written = conversation(
    {
      role: 'assistant',
      content: [{ type: 'reasoning', text: 'Hm', ...foreign }, { type: 'text', text: ' ' }, call],
    },
    { role: 'tool', content: [result] },
    { role: 'user', content: [{ type: 'text', text: 'Go on' }] },
  )
  const id = 'functions_add_0'
  assert.deepEqual(written, [
    { role: 'assistant', content: [{ type: 'tool_use', id, name: 'add', input: { a: 1 } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id }, words('Go on')] },
  ])
})

const media = (mediaType: string, source: object): Message =>
  ({ role: 'user', content: [{ type: 'media', mediaType, source }] }) as Message

test('what cannot be said is refused, with its place', () => {
  const refused = { name: 'WireError', code: 'unsupported', path: 'messages[0].content[0]' }
  assert.throws(() => conversation(media('audio/wav', { type: 'base64', base64: 'AA==' })), refused)
  assert.throws(() => conversation(media('application/pdf', { type: 'file', id: 'file-openai' })), refused)
  assert.throws(() => bodyOf({ outputFormat: { type: 'json' } }), { name: 'WireError' })
  const tool = { type: 'provider', dialect: 'gemini', definition: {} } as const
  assert.throws(() => bodyOf({ tools: [tool] }), { name: 'WireError', path: 'tools[0]' })
})

const text = (value: string): Message['content'][number] & { type: 'text' } => ({ type: 'text', text: value })
const asked: Message = { role: 'user', content: [text('Hi')] }
const call = { type: 'tool-call', id: 'a', name: 'f', input: {}, inputText: '{}' } as const
test('names that are refused are made fit in the history; a tool with one is refused', () => {
  const wrong = { ...call, name: `f.x y${'z'.repeat(200)}` }
  const [written] = conversation({ role: 'assistant', content: [wrong] }) as { content: { name: string }[] }[]
  assert.equal(written?.content[0]?.name, `f_x_y${'z'.repeat(123)}`)
  const tool = { type: 'function', description: '', inputSchema: {} } as const
  for (const name of ['f.x', '', 'z'.repeat(129)])
    assert.throws(() => bodyOf({ tools: [{ ...tool, name }] }), {
      name: 'WireError',
      code: 'unsupported',
      path: 'tools[0].name',
    })
})

test('an answer that another dialect began ends without blanks', () => {
  const content = [text('One '), text('two \n')]
  assert.deepEqual(conversation(asked, { role: 'assistant', content }), [
    { role: 'user', content: [words('Hi')] },
    { role: 'assistant', content: [words('One '), words('two')] },
  ])
})

test('a URL of a provider of its own', () => {
  assert.equal(anthropicMessages.path(requestOf({}), provider), '/messages')
})
